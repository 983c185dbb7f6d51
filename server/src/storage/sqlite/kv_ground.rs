//! What a group's writes of keys are decided on, read in one query; and how full their spaces are. A space is counted
//! once, when it is first written to after a start; from then on its size is kept in memory, and making room costs as
//! much as there is to throw away.

use rustc_hash::FxHashMap;
use sqlx::SqliteConnection;

use super::group::Memory;
use super::kv::{Key, KvWriting, Space};
use super::rows::{decode, int};
use crate::model::{AppId, Millis};
use crate::storage::{KvChange, KvOutcome, Result};

/// What is stored under the keys of a group: `[[outcome, version, bytes, expires_at, value]]`, a row for each write; the
/// value only for counters.
pub(super) const ENTRIES: &str = "SELECT json_group_array(json_array((SELECT e.outcome FROM effects e WHERE e.app = w.value ->> 0 AND e.call = w.value \
     ->> 3 AND e.number = w.value ->> 4), k.version, length(CAST(k.key AS BLOB)) + length(k.value), k.expires_at, CASE \
     WHEN w.value ->> 5 THEN CAST(k.value AS TEXT) END) ORDER BY w.key) FROM json_each(?) w LEFT JOIN kv k ON k.app = \
     w.value ->> 0 AND k.plugin = w.value ->> 1 AND k.key = w.value ->> 2";
/// How many bytes a space holds.
pub(super) const SPACE: &str =
    "SELECT coalesce(sum(length(CAST(key AS BLOB)) + length(value)), 0) FROM kv WHERE app = ? AND plugin = ?";
/// How many of them have expired.
pub(super) const EXPIRED: &str = "SELECT coalesce(sum(length(CAST(key AS BLOB)) + length(value)), 0) FROM kv WHERE app = ? AND plugin = ? AND \
     expires_at <= ?";
/// Throws those away.
pub(super) const PURGE: &str = "DELETE FROM kv WHERE app = ? AND plugin = ? AND expires_at <= ?";

/// What is under a key.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    /// 0: nothing.
    pub(super) version: u64,
    /// What it takes of the quota, also when it has expired.
    pub(super) bytes: u64,
    pub(super) expires_at: Option<Millis>,
    /// A counter's text.
    pub(super) text: Option<String>,
}

/// What a group's writes are decided on.
#[derive(Default)]
pub(super) struct Entries {
    pub(super) stored: FxHashMap<Key, Entry>,
    pub(super) effects: FxHashMap<(AppId, EffectName), KvOutcome>,
    pub(super) spaces: FxHashMap<Space, u64>,
}

pub(super) type EffectName = (String, u32);

type EntryRow = (Option<String>, Option<u64>, Option<u64>, Option<i64>, Option<String>);

/// Reads what the writes need.
pub(super) async fn load(conn: &mut SqliteConnection, writes: &[KvWriting], memory: &mut Memory) -> Result<Entries> {
    let mut entries = Entries::default();
    if writes.is_empty() {
        return Ok(entries);
    }
    load_spaces(conn, writes, memory, &mut entries).await?;
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
            entries.effects.insert((write.app, name), read_outcome(&outcome));
        }
        let entry = entries.stored.entry(write.key()).or_default();
        entry.version = version.unwrap_or(0);
        entry.bytes = bytes.unwrap_or(0);
        entry.expires_at = expires_at.map(Millis);
        entry.text = text.or(entry.text.take());
    }
    Ok(entries)
}

/// How full the spaces are. One that seems too full first loses what has expired.
async fn load_spaces(
    conn: &mut SqliteConnection,
    writes: &[KvWriting],
    memory: &mut Memory,
    entries: &mut Entries,
) -> Result<()> {
    let mut growth: FxHashMap<Space, u64> = FxHashMap::default();
    for write in writes {
        *growth.entry(write.space()).or_default() += write.growth();
    }
    for write in writes {
        let space = write.space();
        let Some(growth) = growth.remove(&space) else { continue };
        let mut bytes = match memory.spaces.get(&space).copied() {
            Some(bytes) => bytes,
            None => count(conn, &space).await?,
        };
        if bytes + growth > write.quota {
            bytes = bytes.saturating_sub(purge(conn, &space, write.now).await?);
        }
        memory.spaces.insert(space.clone(), bytes);
        entries.spaces.insert(space, bytes);
    }
    Ok(())
}

async fn count(conn: &mut SqliteConnection, (app, plugin): &Space) -> Result<u64> {
    let bytes: i64 = sqlx::query_scalar(SPACE)
        .bind(int(app.get()))
        .bind(plugin.as_str())
        .fetch_one(conn)
        .await?;
    Ok(bytes.cast_unsigned())
}

/// Throws away what has expired; says how many bytes that were.
async fn purge(conn: &mut SqliteConnection, (app, plugin): &Space, now: Millis) -> Result<u64> {
    let bytes: i64 = sqlx::query_scalar(EXPIRED)
        .bind(int(app.get()))
        .bind(plugin.as_str())
        .bind(now.0)
        .fetch_one(&mut *conn)
        .await?;
    if bytes > 0 {
        let purge = sqlx::query(PURGE)
            .bind(int(app.get()))
            .bind(plugin.as_str())
            .bind(now.0);
        purge.execute(conn).await?;
    }
    Ok(bytes.cast_unsigned())
}

/// What a write gave the first time. A call that is made again may write a key where it set a timer before: that is the
/// guest's fault, and nobody else's write in this group may fail for it. Nothing was written to the key, so it is told that.
fn read_outcome(text: &str) -> KvOutcome {
    match text {
        "written" => KvOutcome::Written,
        "stale" => KvOutcome::Stale,
        "no counter" => KvOutcome::NotACounter,
        value => value.parse().map_or(KvOutcome::Stale, KvOutcome::Counter),
    }
}
