//! Key-value spaces: reading them, and queueing their writes for the next group.

use async_trait::async_trait;
use tokio::sync::oneshot;

use super::Sqlite;
use super::group::Write;
use super::rows::{decode, int};
use crate::model::{AppId, Millis, PluginName};
use crate::storage::{EffectKey, Kv, KvChange, KvEntry, KvOutcome, KvWrite, Result};

/// Sets keys by a list made by [`KvPlan::set_json`](super::kv_plan::KvPlan::set_json).
pub(super) const UPSERT_KEYS: &str = "INSERT INTO kv (app, plugin, key, value, version, expires_at) SELECT value ->> 0, value ->> 1, value ->> 2, \
     unhex(value ->> 3), value ->> 4, value ->> 5 FROM json_each(?) WHERE true ON CONFLICT DO UPDATE SET value = \
     excluded.value, version = excluded.version, expires_at = excluded.expires_at";
/// Removes keys by a list made by [`KvPlan::gone_json`](super::kv_plan::KvPlan::gone_json).
pub(super) const DELETE_KEYS: &str =
    "DELETE FROM kv WHERE (app, plugin, key) IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?))";
/// Remembers what writes gave, by a list made by [`KvPlan::effects_json`](super::kv_plan::KvPlan::effects_json). Only
/// for calls that are jobs and not finished, and for runs of commands: nobody would ever remove the others.
pub(super) const INSERT_EFFECTS: &str = "INSERT INTO effects (app, call, number, outcome) SELECT w.value ->> 0, w.value ->> 1, w.value ->> 2, w.value ->> 3 \
     FROM json_each(?) w WHERE EXISTS (SELECT 1 FROM jobs j WHERE j.id = substr(w.value ->> 1, 2) AND j.app = w.value ->> \
     0 AND 'j' || j.id = w.value ->> 1) OR EXISTS (SELECT 1 FROM runs r WHERE r.app = w.value ->> 0 AND r.call = w.value \
     ->> 1) ON CONFLICT DO NOTHING";
pub(super) const GET: &str =
    "SELECT value, version FROM kv WHERE app = ? AND plugin = ? AND key = ? AND coalesce(expires_at > ?, true)";
/// Keys in a range. Text compares by bytes, and no UTF-8 text holds U+10FFFF's successor: prefix + U+10FFFF ends it.
pub(super) const PREFIX: &str = "SELECT json_group_array(key) FROM (SELECT key FROM kv WHERE app = ? AND plugin = ? AND key >= ? AND key < ? AND \
     key IS NOT ? AND coalesce(expires_at > ?, true) ORDER BY key LIMIT ?)";

pub(super) type Key = (AppId, PluginName, String);
pub(super) type Space = (AppId, PluginName);

/// A write of one key, on its way to the table.
pub(super) struct KvWriting {
    pub(super) app: AppId,
    pub(super) plugin: PluginName,
    pub(super) write: KvWrite,
    pub(super) effect: Option<EffectKey>,
    pub(super) quota: u64,
    pub(super) now: Millis,
    pub(super) ack: oneshot::Sender<Result<KvOutcome>>,
}

impl KvWriting {
    pub(super) fn key(&self) -> Key {
        (self.app, self.plugin.clone(), self.write.key.clone())
    }

    pub(super) fn space(&self) -> Space {
        (self.app, self.plugin.clone())
    }

    /// How many bytes it may add at most.
    pub(super) fn growth(&self) -> u64 {
        match &self.write.change {
            KvChange::Set(value) | KvChange::CompareAndSet { value, .. } => size(&self.write.key, value),
            KvChange::Increment(_) => size(&self.write.key, &[0; 20]),
            KvChange::Delete => 0,
        }
    }
}

/// What a key takes of its space's quota.
pub(super) fn size(key: &str, value: &[u8]) -> u64 {
    (key.len() + value.len()) as u64
}

#[async_trait]
impl Kv for Sqlite {
    async fn kv_get(&self, app: AppId, plugin: &PluginName, key: &str, now: Millis) -> Result<Option<KvEntry>> {
        let row: Option<(Vec<u8>, i64)> = sqlx::query_as(GET)
            .bind(int(app.get()))
            .bind(plugin.as_str())
            .bind(key)
            .bind(now.0)
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.map(|(value, version)| KvEntry {
            value,
            version: version.cast_unsigned(),
        }))
    }

    async fn kv_write(
        &self,
        app: AppId,
        plugin: &PluginName,
        write: KvWrite,
        effect: Option<EffectKey>,
        quota_bytes: u64,
        now: Millis,
    ) -> Result<KvOutcome> {
        let (ack, answer) = oneshot::channel();
        let plugin = plugin.clone();
        self.queue(
            Write::Kv(KvWriting {
                app,
                plugin,
                write,
                effect,
                quota: quota_bytes,
                now,
                ack,
            }),
            answer,
        )
        .await
    }

    async fn kv_scan(
        &self,
        app: AppId,
        plugin: &PluginName,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
        now: Millis,
    ) -> Result<Vec<String>> {
        let json: String = sqlx::query_scalar(PREFIX)
            .bind(int(app.get()))
            .bind(plugin.as_str())
            .bind(after.map_or(prefix, |after| after.max(prefix)))
            .bind(format!("{prefix}\u{10ffff}"))
            .bind(after)
            .bind(now.0)
            .bind(limit)
            .fetch_one(&self.readers)
            .await?;
        decode(&json)
    }
}
