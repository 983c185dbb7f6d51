//! `kv`: the install's own key-value space. In a policy nothing is written before the verdict: the call sees its own
//! writes laid over what is stored.

use serde_json::{Value, json};

use super::{Answer, invalid, odd};
use crate::model::Millis;
use crate::plugin_host::bindings::switchboard::plugin::kv::{Entry, Host};
use crate::plugin_host::bindings::switchboard::plugin::types::Error;
use crate::plugin_host::instance::State;
use crate::plugin_host::writes::{Held, Outcome, Write, Writes};
use crate::plugin_host::{convert, waits};
use crate::storage::{KvChange, KvEntry, KvOutcome, KvWrite};

/// The longest key.
const KEY_BYTES: usize = 256;
/// The largest value.
const VALUE_BYTES: usize = 64 << 10;
/// How many keys a guest gets at once.
const KEYS: u32 = 1000;

impl Host for State {
    async fn get(&mut self, key: String) -> Answer<Option<Entry>> {
        self.charge()?;
        self.asked("get", || json!(key));
        let found = self.entry(&key).await;
        self.came(|| match &found {
            Ok(entry) => json!(entry.as_ref().map(|entry| String::from_utf8_lossy(&entry.value))),
            Err(error) => json!({ "error": error }),
        });
        Ok(found.map(|found| found.map(|KvEntry { value, version }| Entry { value, version })))
    }

    async fn set(&mut self, key: String, value: Vec<u8>, ttl_seconds: Option<u32>) -> Answer<()> {
        self.charge()?;
        Ok(self.change(key, KvChange::Set(value), ttl_seconds).await.map(drop))
    }

    async fn delete(&mut self, key: String) -> Answer<()> {
        self.charge()?;
        Ok(self.change(key, KvChange::Delete, None).await.map(drop))
    }

    async fn compare_and_set(
        &mut self,
        key: String,
        expect: u64,
        value: Vec<u8>,
        ttl_seconds: Option<u32>,
    ) -> Answer<bool> {
        self.charge()?;
        let change = KvChange::CompareAndSet { expect, value };
        Ok(self
            .change(key, change, ttl_seconds)
            .await
            .map(|outcome| outcome == KvOutcome::Written))
    }

    async fn increment(&mut self, key: String, delta: i64, ttl_seconds: Option<u32>) -> Answer<i64> {
        self.charge()?;
        let outcome = self.change(key, KvChange::Increment(delta), ttl_seconds).await;
        Ok(outcome.and_then(|outcome| match outcome {
            KvOutcome::Counter(value) => Ok(value),
            KvOutcome::NotACounter => Err(invalid("the value is no decimal counter")),
            KvOutcome::Written | KvOutcome::Stale => Err(odd()),
        }))
    }

    async fn scan(&mut self, prefix: String, after: Option<String>, limit: u32) -> Answer<Vec<String>> {
        self.charge()?;
        self.asked("scan", || json!({ "prefix": prefix, "after": after, "limit": limit }));
        let keys = self.keys(&prefix, after.as_deref(), limit.min(KEYS)).await;
        self.came(|| json!(keys));
        Ok(keys)
    }
}

impl State {
    /// What a key holds, as this call sees it.
    async fn entry(&mut self, key: &str) -> Result<Option<KvEntry>, Error> {
        check_key(key)?;
        if let Writes::Held(held) = &self.task.writes
            && let Some(entry) = held.overlay.get(key)
        {
            return Ok(entry.clone());
        }
        let (plugin, call) = self.at_work()?;
        let machine = &plugin.machine;
        let found = machine
            .kv
            .kv_get(call.app, &plugin.install.name, key, machine.clock.now());
        waits::on_server(found).await.map_err(convert::storage_error)
    }

    async fn change(&mut self, key: String, change: KvChange, ttl_seconds: Option<u32>) -> Result<KvOutcome, Error> {
        check_key(&key)?;
        if let KvChange::Set(value) | KvChange::CompareAndSet { value, .. } = &change
            && value.len() > VALUE_BYTES
        {
            return Err(invalid(format!("a value must have at most {VALUE_BYTES} bytes")));
        }
        let expires_at = match ttl_seconds {
            Some(0) => return Err(invalid("ttl-seconds must be at least 1")),
            Some(seconds) => Some(self.time()?.plus(i64::from(seconds) * 1000)),
            None => None,
        };
        self.asked(
            word(&change),
            || json!({ "key": key, "value": with(&change), "ttl_seconds": ttl_seconds }),
        );
        let write = KvWrite {
            key,
            change,
            expires_at,
        };
        if matches!(self.task.writes, Writes::Held(_)) {
            return self.hold(write).await;
        }
        match self.write(Write::Kv(write)).await? {
            Outcome::Kv(outcome) => Ok(outcome),
            _ => Err(odd()),
        }
    }

    fn time(&self) -> Result<Millis, Error> {
        self.at_work().map(|(plugin, _)| plugin.machine.clock.now())
    }

    /// Says what a write will give, and holds it if it will write.
    async fn hold(&mut self, write: KvWrite) -> Result<KvOutcome, Error> {
        let present = self.entry(&write.key).await?;
        let (outcome, after) = foresee(present, &write.change)?;
        if matches!(outcome, KvOutcome::Stale | KvOutcome::NotACounter) {
            return Ok(outcome);
        }
        let key = write.key.clone();
        self.write(Write::Kv(write)).await?;
        if let Writes::Held(Held { overlay, .. }) = &mut self.task.writes {
            overlay.insert(key, after);
        }
        Ok(outcome)
    }

    async fn keys(&mut self, prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<String>, Error> {
        if prefix.len() > KEY_BYTES || after.is_some_and(|after| after.len() > KEY_BYTES) {
            return Err(invalid(format!("a key has at most {KEY_BYTES} bytes")));
        }
        let (plugin, call) = self.at_work()?;
        let (machine, name) = (&plugin.machine, &plugin.install.name);
        let stored = machine
            .kv
            .kv_scan(call.app, name, prefix, after, limit, machine.clock.now());
        let mut keys = waits::on_server(stored).await.map_err(convert::storage_error)?;
        if let Writes::Held(held) = &self.task.writes {
            // Beyond a full page there may be stored keys that come before one that is only held.
            let end = (keys.len() == limit as usize).then(|| keys.last().cloned()).flatten();
            let inside = |key: &String| {
                key.starts_with(prefix)
                    && after.is_none_or(|after| key.as_str() > after)
                    && end.as_ref().is_none_or(|end| key <= end)
            };
            keys.retain(|key| !held.overlay.contains_key(key));
            keys.extend(
                held.overlay
                    .iter()
                    .filter(|(key, entry)| entry.is_some() && inside(key))
                    .map(|(key, _)| key.clone()),
            );
            keys.sort_unstable();
            keys.truncate(limit as usize);
        }
        Ok(keys)
    }
}

fn check_key(key: &str) -> Result<(), Error> {
    if key.is_empty() || key.len() > KEY_BYTES {
        return Err(invalid(format!("a key must have 1 to {KEY_BYTES} bytes")));
    }
    Ok(())
}

/// What a write would give now, and what the key would hold after it.
fn foresee(present: Option<KvEntry>, change: &KvChange) -> Result<(KvOutcome, Option<KvEntry>), Error> {
    let version = present.as_ref().map_or(0, |entry| entry.version);
    let next = |value: Vec<u8>| {
        Some(KvEntry {
            value,
            version: version + 1,
        })
    };
    Ok(match change {
        KvChange::Set(value) => (KvOutcome::Written, next(value.clone())),
        KvChange::Delete => (KvOutcome::Written, None),
        KvChange::CompareAndSet { expect, .. } if *expect != version => (KvOutcome::Stale, present),
        KvChange::CompareAndSet { value, .. } => (KvOutcome::Written, next(value.clone())),
        KvChange::Increment(delta) => {
            let counter = match &present {
                None => Some(0),
                Some(entry) => std::str::from_utf8(&entry.value)
                    .ok()
                    .and_then(|text| text.parse::<i64>().ok()),
            };
            match counter.map(|counter| counter.checked_add(*delta)) {
                None => (KvOutcome::NotACounter, present),
                Some(None) => return Err(invalid("the counter would overflow")),
                Some(Some(counter)) => (KvOutcome::Counter(counter), next(counter.to_string().into_bytes())),
            }
        }
    })
}

/// What a change does, for who looks.
fn word(change: &KvChange) -> &'static str {
    match change {
        KvChange::Set(_) => "set",
        KvChange::Delete => "delete",
        KvChange::CompareAndSet { .. } => "compare-and-set",
        KvChange::Increment(_) => "increment",
    }
}

/// With what it does it.
fn with(change: &KvChange) -> Value {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    match change {
        KvChange::Set(value) => text(value).into(),
        KvChange::Delete => Value::Null,
        KvChange::CompareAndSet { expect, value } => json!({ "expect": expect, "value": text(value) }),
        KvChange::Increment(delta) => (*delta).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_write_is_foreseen() {
        let entry = |value: &str, version| {
            Some(KvEntry {
                value: value.into(),
                version,
            })
        };
        let set = KvChange::CompareAndSet {
            expect: 2,
            value: b"x".to_vec(),
        };
        assert_eq!(
            foresee(entry("a", 2), &set).unwrap(),
            (KvOutcome::Written, entry("x", 3))
        );
        assert_eq!(foresee(entry("a", 3), &set).unwrap().0, KvOutcome::Stale);
        assert_eq!(
            foresee(None, &KvChange::Increment(5)).unwrap(),
            (KvOutcome::Counter(5), entry("5", 1))
        );
        assert_eq!(
            foresee(entry("a", 1), &KvChange::Increment(5)).unwrap().0,
            KvOutcome::NotACounter
        );
        assert!(foresee(entry(&i64::MAX.to_string(), 1), &KvChange::Increment(1)).is_err());
    }
}
