//! What a piece of work has written already: the way back to its answer when it is done again.

use sqlx::SqliteConnection;

use super::kv::INSERT_EFFECTS;
use super::rows::int;
use crate::model::AppId;
use crate::storage::{EffectKey, Result};

/// One remembered outcome.
pub(super) const EFFECT: &str = "SELECT outcome FROM effects WHERE app = ? AND call = ? AND number = ?";

/// What a write gave the first time, if it was done before.
pub(super) async fn recall(
    conn: &mut SqliteConnection,
    app: AppId,
    effect: Option<&EffectKey>,
) -> Result<Option<String>> {
    let Some(effect) = effect else { return Ok(None) };
    let outcome = sqlx::query_scalar(EFFECT)
        .bind(int(app.get()))
        .bind(effect.call.as_str())
        .bind(effect.index)
        .fetch_optional(conn)
        .await?;
    Ok(outcome)
}

/// Remembers what a write gave, as long as its job or its run is there; of other calls nothing is remembered.
pub(super) async fn remember(
    conn: &mut SqliteConnection,
    app: AppId,
    effect: Option<&EffectKey>,
    outcome: &str,
) -> Result<()> {
    let Some(effect) = effect else { return Ok(()) };
    let list = serde_json::json!([[app.get(), effect.call.as_str(), effect.index, outcome]]);
    sqlx::query(INSERT_EFFECTS).bind(list.to_string()).execute(conn).await?;
    Ok(())
}
