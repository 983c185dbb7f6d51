//! Runs of commands: a row is there before the guest is called, and has an outcome once it has answered.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::Sqlite;
use super::fault::fault;
use super::rows::{decode, int, plugin_name};
use super::task::Written;
use crate::model::{AppId, Body, CallId, Kind, Millis, SlashName, SlashOutcome, SlashRun};
use crate::storage::{Result, Runs, Sequel};

/// What a run has come to.
pub(super) const OUTCOME: &str = "SELECT outcome FROM runs WHERE app = ? AND call = ?";
const BEGIN: &str = "INSERT INTO runs (app, call, begun_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
const END: &str = "UPDATE runs SET outcome = ? WHERE app = ? AND call = ? AND outcome IS NULL";

/// The oldest runs. Parameters: before, limit.
macro_rules! old_runs {
    () => {
        "SELECT app, call FROM runs WHERE begun_at < ?1 ORDER BY begun_at, app, call LIMIT ?2"
    };
}
/// Forgets what they have written.
pub(super) const FORGET_WRITES: &str = concat!("DELETE FROM effects WHERE (app, call) IN (", old_runs!(), ")");
/// Forgets them, afterwards.
pub(super) const FORGET: &str = concat!("DELETE FROM runs WHERE (app, call) IN (", old_runs!(), ")");

/// A run as JSON.
#[derive(Serialize, Deserialize)]
struct Row {
    plugin: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    whisper: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    say: Option<(String, String)>,
}

impl Row {
    fn of(run: SlashRun) -> Self {
        let (whisper, say) = match run.outcome {
            SlashOutcome::Silent => (None, None),
            SlashOutcome::Whisper(text) => (Some(text), None),
            SlashOutcome::Say { kind, body } => (None, Some((kind.to_string(), body.as_str().to_owned()))),
        };
        Self {
            plugin: run.plugin.to_string(),
            name: run.name.to_string(),
            whisper,
            say,
        }
    }

    fn into_model(self) -> Result<SlashRun> {
        let outcome = match (self.whisper, self.say) {
            (Some(text), _) => SlashOutcome::Whisper(text),
            (None, Some((kind, body))) => SlashOutcome::Say {
                kind: Kind::new(&kind).map_err(fault)?,
                body: Body::trusted(&body),
            },
            (None, None) => SlashOutcome::Silent,
        };
        Ok(SlashRun {
            plugin: plugin_name(&self.plugin)?,
            name: SlashName::new(&self.name).map_err(fault)?,
            outcome,
        })
    }
}

#[async_trait]
impl Runs for Sqlite {
    async fn begin_run(&self, app: AppId, call: &CallId, now: Millis) -> Result<Option<SlashRun>> {
        let call = call.clone();
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let begun = sqlx::query(BEGIN)
                    .bind(int(app.get()))
                    .bind(call.as_str())
                    .bind(now.0)
                    .execute(&mut tx.conn)
                    .await?;
                if begun.rows_affected() > 0 {
                    return Ok(Written::quiet(None));
                }
                let outcome: Option<Option<String>> = sqlx::query_scalar(OUTCOME)
                    .bind(int(app.get()))
                    .bind(call.as_str())
                    .fetch_optional(&mut tx.conn)
                    .await?;
                let known = outcome.flatten().map(|json| decode::<Row>(&json)?.into_model());
                Ok(Written::quiet(known.transpose()?))
            })
        })
        .await
    }

    async fn end_run(&self, app: AppId, call: &CallId, run: SlashRun) -> Result<()> {
        let call = call.clone();
        let outcome = serde_json::to_string(&Row::of(run)).map_err(fault)?;
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                sqlx::query(END)
                    .bind(outcome)
                    .bind(int(app.get()))
                    .bind(call.as_str())
                    .execute(&mut tx.conn)
                    .await?;
                Ok(Written::quiet(()))
            })
        })
        .await
    }

    async fn forget_runs(&self, before: Millis, limit: u32) -> Result<u64> {
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let mut forgotten = 0;
                for sql in [FORGET_WRITES, FORGET] {
                    let done = sqlx::query(sql)
                        .bind(before.0)
                        .bind(limit)
                        .execute(&mut tx.conn)
                        .await?;
                    forgotten = done.rows_affected();
                }
                Ok(Written::quiet(forgotten))
            })
        })
        .await
    }
}
