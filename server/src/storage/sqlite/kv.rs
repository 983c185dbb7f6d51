//! Key-value spaces. The writes of a group are read for in one query, decided here in order, and stored by one statement
//! a kind.

use async_trait::async_trait;
use rustc_hash::FxHashMap;
use sqlx::SqliteConnection;
use tokio::sync::oneshot;

use super::Sqlite;
use super::group::{Memory, Write};
use super::rows::{decode, int};
use super::task::Tx;
use crate::model::{AppId, Millis, PluginName};
use crate::storage::{EffectKey, Kv, KvChange, KvEntry, KvOutcome, KvWrite, Result, StorageError};

/// Sets keys by a list made by [`KvPlan::set_json`].
pub(super) const UPSERT_KEYS: &str = "INSERT INTO kv (app, plugin, key, value, version, expires_at) SELECT value ->> 0, value ->> 1, value ->> 2, \
     unhex(value ->> 3), value ->> 4, value ->> 5 FROM json_each(?) WHERE true ON CONFLICT DO UPDATE SET value = \
     excluded.value, version = excluded.version, expires_at = excluded.expires_at";
/// Removes keys by a list made by [`KvPlan::gone_json`].
pub(super) const DELETE_KEYS: &str =
    "DELETE FROM kv WHERE (app, plugin, key) IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?))";
/// Remembers what writes gave, by a list made by [`KvPlan::effects_json`].
pub(super) const INSERT_EFFECTS: &str = "INSERT INTO effects (app, call, number, outcome) SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM \
     json_each(?) WHERE true ON CONFLICT DO NOTHING";

/// What is stored under the keys of a group: `[[outcome, version, bytes, expires_at, value]]`, a row for each write; the
/// value only for counters.
const ENTRIES: &str = "SELECT json_group_array(json_array((SELECT e.outcome FROM effects e WHERE e.app = w.value ->> 0 AND e.call = w.value \
     ->> 3 AND e.number = w.value ->> 4), k.version, length(CAST(k.key AS BLOB)) + length(k.value), k.expires_at, CASE \
     WHEN w.value ->> 5 THEN CAST(k.value AS TEXT) END) ORDER BY w.key) FROM json_each(?) w LEFT JOIN kv k ON k.app = \
     w.value ->> 0 AND k.plugin = w.value ->> 1 AND k.key = w.value ->> 2";
const SPACE: &str =
    "SELECT coalesce(sum(length(CAST(key AS BLOB)) + length(value)), 0) FROM kv WHERE app = ? AND plugin = ?";
const PURGE: &str = "DELETE FROM kv WHERE app = ? AND plugin = ? AND expires_at <= ?";

type Key = (AppId, PluginName, String);
type Space = (AppId, PluginName);

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
    fn key(&self) -> Key {
        (self.app, self.plugin.clone(), self.write.key.clone())
    }

    fn space(&self) -> Space {
        (self.app, self.plugin.clone())
    }

    /// How many bytes it may add at most.
    fn growth(&self) -> u64 {
        match &self.write.change {
            KvChange::Set(value) | KvChange::CompareAndSet { value, .. } => size(&self.write.key, value),
            KvChange::Increment(_) => size(&self.write.key, &[0; 20]),
            KvChange::Delete => 0,
        }
    }
}

fn size(key: &str, value: &[u8]) -> u64 {
    (key.len() + value.len()) as u64
}

/// What is under a key.
#[derive(Debug, Clone, Default)]
struct Entry {
    /// 0: nothing.
    version: u64,
    /// What it takes of the quota, also when it has expired.
    bytes: u64,
    expires_at: Option<Millis>,
    /// A counter's text.
    text: Option<String>,
}

/// What a group's writes are decided on.
#[derive(Default)]
pub(super) struct Entries {
    stored: FxHashMap<Key, Entry>,
    effects: FxHashMap<(AppId, EffectName), KvOutcome>,
    spaces: FxHashMap<Space, u64>,
}

type EffectName = (String, u32);

type EntryRow = (Option<String>, Option<u64>, Option<u64>, Option<i64>, Option<String>);

/// Reads what the writes need.
pub(super) async fn load(conn: &mut SqliteConnection, writes: &[KvWriting], memory: &mut Memory) -> Result<Entries> {
    let mut entries = Entries::default();
    if writes.is_empty() {
        return Ok(entries);
    }
    for write in writes {
        load_space(conn, write, writes, memory, &mut entries).await?;
    }
    let list: Vec<_> = writes
        .iter()
        .map(|write| {
            let (call, number) = write
                .effect
                .as_ref()
                .map(|effect| (effect.call.as_str(), effect.index))
                .unzip();
            let counts = u8::from(matches!(write.write.change, KvChange::Increment(_)));
            (
                write.app.get(),
                write.plugin.as_str(),
                write.write.key.as_str(),
                call,
                number,
                counts,
            )
        })
        .collect();
    let json: String = sqlx::query_scalar(ENTRIES)
        .bind(serde_json::json!(list).to_string())
        .fetch_one(conn)
        .await?;
    for (write, row) in writes.iter().zip(decode::<Vec<EntryRow>>(&json)?) {
        let (outcome, version, bytes, expires_at, text) = row;
        if let (Some(outcome), Some(effect)) = (outcome, &write.effect) {
            let name = (effect.call.as_str().to_owned(), effect.index);
            entries.effects.insert((write.app, name), read_outcome(&outcome)?);
        }
        let entry = entries.stored.entry(write.key()).or_default();
        entry.version = version.unwrap_or(0);
        entry.bytes = bytes.unwrap_or(0);
        entry.expires_at = expires_at.map(Millis);
        entry.text = text.or(entry.text.take());
    }
    Ok(entries)
}

/// How full a space is. One that seems too full first loses what has expired.
async fn load_space(
    conn: &mut SqliteConnection,
    write: &KvWriting,
    writes: &[KvWriting],
    memory: &mut Memory,
    entries: &mut Entries,
) -> Result<()> {
    let space = write.space();
    if entries.spaces.contains_key(&space) {
        return Ok(());
    }
    let growth: u64 = writes
        .iter()
        .filter(|other| other.space() == space)
        .map(KvWriting::growth)
        .sum();
    let bytes = match memory.spaces.get(&space).copied() {
        Some(bytes) if bytes + growth <= write.quota => bytes,
        _ => {
            let (app, plugin) = (int(write.app.get()), write.plugin.as_str());
            sqlx::query(PURGE)
                .bind(app)
                .bind(plugin)
                .bind(write.now.0)
                .execute(&mut *conn)
                .await?;
            let bytes: i64 = sqlx::query_scalar(SPACE).bind(app).bind(plugin).fetch_one(conn).await?;
            bytes.cast_unsigned()
        }
    };
    memory.spaces.insert(space.clone(), bytes);
    entries.spaces.insert(space, bytes);
    Ok(())
}

/// What a group does to keys.
#[derive(Default)]
pub(super) struct KvPlan {
    /// One for each write.
    pub(super) outcomes: Vec<Result<KvOutcome>>,
    changed: FxHashMap<Key, Option<(Vec<u8>, Entry)>>,
    effects: FxHashMap<(AppId, EffectName), KvOutcome>,
    spaces: FxHashMap<Space, u64>,
}

/// Decides a group's writes, one after another.
pub(super) fn place(writes: &[KvWriting], entries: &Entries, tx: &mut Tx) -> KvPlan {
    let mut plan = KvPlan {
        spaces: entries.spaces.clone(),
        ..KvPlan::default()
    };
    for write in writes {
        let outcome = plan.place_one(write, entries, tx);
        plan.outcomes.push(outcome);
    }
    plan
}

impl KvPlan {
    fn place_one(&mut self, write: &KvWriting, entries: &Entries, tx: &mut Tx) -> Result<KvOutcome> {
        let effect = write
            .effect
            .as_ref()
            .map(|key| (write.app, (key.call.as_str().to_owned(), key.index)));
        if let Some(name) = &effect
            && let Some(outcome) = self.effects.get(name).or_else(|| entries.effects.get(name))
        {
            return Ok(*outcome);
        }
        let key = write.key();
        let stored = match self.changed.get(&key) {
            Some(Some((_, entry))) => entry.clone(),
            Some(None) => Entry::default(),
            None => entries.stored.get(&key).cloned().unwrap_or_default(),
        };
        let live = stored.version > 0 && stored.expires_at.is_none_or(|at| at > write.now);
        let (outcome, next) = decide(&write.write, &stored, live);
        if let Some(next) = next {
            self.change(write, key, &stored, next, tx)?;
        }
        if let Some(name) = effect {
            self.effects.insert(name, outcome);
        }
        Ok(outcome)
    }

    fn change(&mut self, write: &KvWriting, key: Key, stored: &Entry, next: Next, tx: &mut Tx) -> Result<()> {
        let used = self.spaces.entry(write.space()).or_default();
        let rest = used.saturating_sub(stored.bytes);
        let Next::Value(value, expires_at) = next else {
            *used = rest;
            self.changed.insert(key, None);
            return Ok(());
        };
        let bytes = size(&write.write.key, &value);
        if rest + bytes > write.quota {
            return Err(StorageError::Quota("key-value bytes"));
        }
        *used = rest + bytes;
        // Drawn from the server's counter so that a key that was removed and set again does not repeat a version.
        let version = tx.draw().max(stored.version + 1);
        let text = std::str::from_utf8(&value).ok().map(str::to_owned);
        self.changed.insert(
            key,
            Some((
                value,
                Entry {
                    version,
                    bytes,
                    expires_at,
                    text,
                },
            )),
        );
        Ok(())
    }

    pub(super) fn set_json(&self) -> Option<String> {
        let list: Vec<_> = self
            .changed
            .iter()
            .filter_map(|((app, plugin, key), change)| {
                let (value, entry) = change.as_ref()?;
                let expires_at = entry.expires_at.map(|at| at.0);
                Some((
                    app.get(),
                    plugin.as_str(),
                    key,
                    hex::encode(value),
                    entry.version,
                    expires_at,
                ))
            })
            .collect();
        (!list.is_empty()).then(|| serde_json::json!(list).to_string())
    }

    pub(super) fn gone_json(&self) -> Option<String> {
        let gone = self.changed.iter().filter(|(_, change)| change.is_none());
        let list: Vec<_> = gone
            .map(|((app, plugin, key), _)| (app.get(), plugin.as_str(), key))
            .collect();
        (!list.is_empty()).then(|| serde_json::json!(list).to_string())
    }

    pub(super) fn effects_json(&self) -> Option<String> {
        let list: Vec<_> = self
            .effects
            .iter()
            .map(|((app, (call, number)), outcome)| (app.get(), call, number, write_outcome(*outcome)))
            .collect();
        (!list.is_empty()).then(|| serde_json::json!(list).to_string())
    }

    /// Remembers what is durable now.
    pub(super) fn remember(&self, memory: &mut Memory) {
        for (space, bytes) in &self.spaces {
            memory.spaces.insert(space.clone(), *bytes);
        }
    }
}

/// What is under a key afterwards.
enum Next {
    Value(Vec<u8>, Option<Millis>),
    Nothing,
}

fn decide(write: &KvWrite, stored: &Entry, live: bool) -> (KvOutcome, Option<Next>) {
    match &write.change {
        KvChange::Set(value) => (KvOutcome::Written, Some(Next::Value(value.clone(), write.expires_at))),
        KvChange::Delete => (KvOutcome::Written, (stored.version > 0).then_some(Next::Nothing)),
        KvChange::CompareAndSet { expect, value } => {
            let version = if live { stored.version } else { 0 };
            if version == *expect {
                (KvOutcome::Written, Some(Next::Value(value.clone(), write.expires_at)))
            } else {
                (KvOutcome::Stale, None)
            }
        }
        KvChange::Increment(delta) => {
            let now = if live {
                stored.text.as_deref().and_then(|text| text.parse::<i64>().ok())
            } else {
                Some(0)
            };
            match now.and_then(|now| now.checked_add(*delta)) {
                Some(sum) => {
                    let expires_at = if live { stored.expires_at } else { write.expires_at };
                    (
                        KvOutcome::Counter(sum),
                        Some(Next::Value(sum.to_string().into_bytes(), expires_at)),
                    )
                }
                None => (KvOutcome::NotACounter, None),
            }
        }
    }
}

fn write_outcome(outcome: KvOutcome) -> String {
    match outcome {
        KvOutcome::Written => "written".into(),
        KvOutcome::Stale => "stale".into(),
        KvOutcome::NotACounter => "no counter".into(),
        KvOutcome::Counter(value) => value.to_string(),
    }
}

fn read_outcome(text: &str) -> Result<KvOutcome> {
    Ok(match text {
        "written" => KvOutcome::Written,
        "stale" => KvOutcome::Stale,
        "no counter" => KvOutcome::NotACounter,
        value => KvOutcome::Counter(value.parse().map_err(super::fault::fault)?),
    })
}

#[async_trait]
impl Kv for Sqlite {
    async fn kv_get(&self, app: AppId, plugin: &PluginName, key: &str, now: Millis) -> Result<Option<KvEntry>> {
        const SQL: &str = "SELECT value, version FROM kv WHERE app = ? AND plugin = ? AND key = ? AND \
                           coalesce(expires_at > ?, true)";
        let row: Option<(Vec<u8>, i64)> = sqlx::query_as(SQL)
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
        // Text compares by bytes, and no UTF-8 text holds U+10FFFF's successor: prefix + U+10FFFF ends the range.
        const SQL: &str = "SELECT json_group_array(key) FROM (SELECT key FROM kv WHERE app = ? AND plugin = ? AND key >= ? \
                           AND key < ? AND key IS NOT ? AND coalesce(expires_at > ?, true) ORDER BY key LIMIT ?)";
        let json: String = sqlx::query_scalar(SQL)
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
