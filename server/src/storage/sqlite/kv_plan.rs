//! Decides what a group's writes of keys give and store, one after another. Pure: nothing here asks the database.

use rustc_hash::FxHashMap;

use super::group::Memory;
use super::kv::{Key, KvWriting, Space, size};
use super::kv_ground::{EffectName, Entries, Entry};
use super::task::Tx;
use crate::model::{AppId, Millis};
use crate::storage::{KvChange, KvOutcome, KvWrite, Result, StorageError};

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
