//! What was done to the plugins of apps.

use async_trait::async_trait;

use super::Sqlite;
use super::fault::fault;
use super::rows::{decode, int, plugin_name};
use super::task::Tx;
use crate::model::{AppId, AuditEntry, Body, Digest, Millis, PluginName, Step, StepKind, Who};
use crate::storage::{Audit, Record, Result};

/// Entries as `[[id, at, who, what, plugin, digest, detail]]`. Parameters: app, before, limit; and plugin.
macro_rules! entries {
    ($and:literal) => {
        concat!(
            "SELECT json_group_array(json_array(id, at, who, what, plugin, digest, detail) ORDER BY id DESC) FROM (SELECT \
             * FROM audit WHERE app = ?1 ",
            $and,
            "AND id < ?2 ORDER BY id DESC LIMIT ?3)"
        )
    };
}
pub(super) const ENTRIES: &str = entries!("");
pub(super) const ENTRIES_OF_PLUGIN: &str = entries!("AND plugin = ?4 ");

type Row = (u64, i64, String, String, String, String, String);

impl Tx {
    /// Writes down what is done, and forgets what is too old.
    pub(super) async fn record(&mut self, app: AppId, record: Record) -> Result<()> {
        const INSERT: &str =
            "INSERT INTO audit (app, id, at, who, what, plugin, digest, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        const FORGET: &str = "DELETE FROM audit WHERE app = ?1 AND id <= (SELECT id FROM audit WHERE app = ?1 ORDER BY id \
                              DESC LIMIT 1 OFFSET ?2)";
        if record.steps.is_empty() {
            return Ok(());
        }
        for step in record.steps {
            let id = self.draw();
            sqlx::query(INSERT)
                .bind(int(app.get()))
                .bind(int(id))
                .bind(record.at.0)
                .bind(record.who.as_str())
                .bind(step.kind.as_str())
                .bind(step.plugin.as_str())
                .bind(step.digest.0)
                .bind(step.detail.as_str())
                .execute(&mut self.conn)
                .await?;
        }
        sqlx::query(FORGET)
            .bind(int(app.get()))
            .bind(i64::from(record.keep))
            .execute(&mut self.conn)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl Audit for Sqlite {
    async fn audit(
        &self,
        app: AppId,
        plugin: Option<&PluginName>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>> {
        let query = sqlx::query_scalar(if plugin.is_some() { ENTRIES_OF_PLUGIN } else { ENTRIES })
            .bind(int(app.get()))
            .bind(before.map_or(i64::MAX, int))
            .bind(i64::from(limit));
        let query = match plugin {
            Some(plugin) => query.bind(plugin.as_str()),
            None => query,
        };
        let json: String = query.fetch_one(&self.readers).await?;
        decode::<Vec<Row>>(&json)?.into_iter().map(entry).collect()
    }
}

fn entry((id, at, who, what, plugin, digest, detail): Row) -> Result<AuditEntry> {
    let strange = |word: &str| fault(std::io::Error::other(format!("the audit log knows no {word:?}")));
    Ok(AuditEntry {
        id,
        at: Millis(at),
        who: Who::named(&who).ok_or_else(|| strange(&who))?,
        step: Step {
            kind: StepKind::named(&what).ok_or_else(|| strange(&what))?,
            plugin: plugin_name(&plugin)?,
            digest: Digest(digest),
            detail: Body::trusted(&detail),
        },
    })
}
