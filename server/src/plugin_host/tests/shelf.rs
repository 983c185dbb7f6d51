//! The two parts of storage that the host needs, in memory and with the promises of the trait.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;

use crate::model::{AppId, AuditEntry, Digest, Install, Millis, PluginName};
use crate::storage::{
    Audit, EffectKey, Installs, Kv, KvChange, KvEntry, KvOutcome, KvWrite, Record, Result, StorageError,
};

type Space = (AppId, PluginName);

/// Installs, components and key-value spaces.
#[derive(Default)]
pub struct Shelf {
    pub installs: Mutex<BTreeMap<Space, Install>>,
    components: Mutex<HashMap<Digest, Vec<u8>>>,
    entries: Mutex<BTreeMap<(AppId, PluginName, String), KvEntry>>,
    effects: Mutex<HashMap<(AppId, PluginName, String, u32), KvOutcome>>,
    audit: Mutex<Vec<(AppId, AuditEntry)>>,
    /// How long whoever reads a key waits; none: only until everybody else had a turn.
    pub slow: Mutex<Option<Duration>>,
}

impl Shelf {
    fn record(&self, app: AppId, record: Record) {
        let mut audit = self.audit.lock();
        for step in record.steps {
            let entry = AuditEntry {
                id: audit.len() as u64 + 1,
                at: record.at,
                who: record.who,
                step,
            };
            audit.push((app, entry));
        }
    }
}

#[async_trait]
impl Audit for Shelf {
    async fn audit(
        &self,
        app: AppId,
        plugin: Option<&PluginName>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>> {
        let audit = self.audit.lock();
        let wanted = audit.iter().rev().filter(|(of, entry)| {
            *of == app
                && plugin.is_none_or(|plugin| *plugin == entry.step.plugin)
                && before.is_none_or(|before| entry.id < before)
        });
        Ok(wanted.map(|(_, entry)| entry.clone()).take(limit as usize).collect())
    }
}

fn has(install: &Install, digest: &Digest) -> bool {
    let canary = install.canary.as_ref().map(|canary| &canary.version);
    let versions = [Some(&install.current), install.previous.as_ref(), canary];
    versions.into_iter().flatten().any(|version| version.digest == *digest)
}

#[async_trait]
impl Installs for Shelf {
    async fn installs(&self) -> Result<Vec<Install>> {
        Ok(self.installs.lock().values().cloned().collect())
    }

    async fn installs_of(&self, app: AppId) -> Result<Vec<Install>> {
        Ok(self
            .installs
            .lock()
            .values()
            .filter(|install| install.app == app)
            .cloned()
            .collect())
    }

    async fn save_install(&self, mut install: Install, record: Record) -> Result<Install> {
        install.revision += 1;
        self.record(install.app, record);
        self.installs
            .lock()
            .insert((install.app, install.name.clone()), install.clone());
        Ok(install)
    }

    async fn remove_install(&self, app: AppId, name: &PluginName, keep_data: bool, record: Record) -> Result<bool> {
        self.record(app, record);
        if !keep_data {
            self.entries
                .lock()
                .retain(|(of, plugin, _), _| (of, plugin) != (&app, name));
        }
        Ok(self.installs.lock().remove(&(app, name.clone())).is_some())
    }

    async fn put_component(&self, digest: &Digest, bytes: Vec<u8>) -> Result<()> {
        self.components.lock().insert(digest.clone(), bytes);
        Ok(())
    }

    async fn is_installed(&self, digest: &Digest) -> Result<bool> {
        let installs = self.installs.lock();
        Ok(installs.values().any(|install| has(install, digest)))
    }

    async fn idle_components(&self) -> Result<Vec<Digest>> {
        let installs = self.installs.lock();
        let idle = |digest: &&Digest| !installs.values().any(|install| has(install, digest));
        Ok(self.components.lock().keys().filter(idle).cloned().collect())
    }

    async fn drop_component(&self, digest: &Digest) -> Result<()> {
        if !self.is_installed(digest).await? {
            self.components.lock().remove(digest);
        }
        Ok(())
    }

    async fn component(&self, digest: &Digest) -> Result<Option<Vec<u8>>> {
        Ok(self.components.lock().get(digest).cloned())
    }
}

#[async_trait]
impl Kv for Shelf {
    async fn kv_get(&self, app: AppId, plugin: &PluginName, key: &str, _: Millis) -> Result<Option<KvEntry>> {
        let slow = *self.slow.lock();
        match slow {
            Some(time) => tokio::time::sleep(time).await,
            None => tokio::task::yield_now().await,
        }
        Ok(self.entries.lock().get(&(app, plugin.clone(), key.to_owned())).cloned())
    }

    async fn kv_write(
        &self,
        app: AppId,
        plugin: &PluginName,
        write: KvWrite,
        effect: Option<EffectKey>,
        quota_bytes: u64,
        _: Millis,
    ) -> Result<KvOutcome> {
        let effect = effect.map(|key| (app, plugin.clone(), key.call.to_string(), key.index));
        if let Some(outcome) = effect.as_ref().and_then(|key| self.effects.lock().get(key).copied()) {
            return Ok(outcome);
        }
        let mut entries = self.entries.lock();
        let key = (app, plugin.clone(), write.key);
        let old = entries.get(&key).cloned();
        let version = old.as_ref().map_or(0, |entry| entry.version);
        let (value, outcome) = match write.change {
            KvChange::Set(value) => (Some(value), KvOutcome::Written),
            KvChange::Delete => (None, KvOutcome::Written),
            KvChange::CompareAndSet { expect, .. } if expect != version => return Ok(KvOutcome::Stale),
            KvChange::CompareAndSet { value, .. } => (Some(value), KvOutcome::Written),
            KvChange::Increment(delta) => {
                let old = old.map_or(0, |entry| String::from_utf8_lossy(&entry.value).parse::<i64>().unwrap());
                (
                    Some((old + delta).to_string().into_bytes()),
                    KvOutcome::Counter(old + delta),
                )
            }
        };
        match value {
            Some(value) if value.len() as u64 > quota_bytes => return Err(StorageError::Quota("kv")),
            Some(value) => drop(entries.insert(
                key,
                KvEntry {
                    value,
                    version: version + 1,
                },
            )),
            None => drop(entries.remove(&key)),
        }
        if let Some(effect) = effect {
            self.effects.lock().insert(effect, outcome);
        }
        Ok(outcome)
    }

    async fn kv_scan(
        &self,
        app: AppId,
        plugin: &PluginName,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
        _: Millis,
    ) -> Result<Vec<String>> {
        let entries = self.entries.lock();
        let keys = entries.keys().filter(|(of, owner, key)| {
            (of, owner) == (&app, plugin) && key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after)
        });
        Ok(keys.map(|(_, _, key)| key.clone()).take(limit as usize).collect())
    }
}
