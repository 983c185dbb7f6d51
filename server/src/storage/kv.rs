//! Each install's own key-value space.

use async_trait::async_trait;

use super::Result;
use crate::model::{AppId, CallId, Millis, PluginName};

/// A value and its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvEntry {
    /// The value.
    pub value: Vec<u8>,
    /// Grows with each write of the key; never 0.
    pub version: u64,
}

/// What a write does.
#[expect(missing_docs, reason = "each variant's line says what its fields are")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KvChange {
    /// Sets a value.
    Set(Vec<u8>),
    /// Removes the key.
    Delete,
    /// Sets a value if the version is still this one (0: absent).
    CompareAndSet { expect: u64, value: Vec<u8> },
    /// Adds to a decimal counter; absent is 0. A counter that is there keeps the time at which it goes away.
    Increment(i64),
}

/// A write of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvWrite {
    /// Which key.
    pub key: String,
    /// What.
    pub change: KvChange,
    /// When the key goes away by itself.
    pub expires_at: Option<Millis>,
}

/// What a write gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KvOutcome {
    /// Written (or removed).
    Written,
    /// The version was another one: nothing is written.
    Stale,
    /// The counter's new value.
    Counter(i64),
    /// The stored value is no decimal counter: nothing is written.
    NotACounter,
}

/// Names one write of a piece of work: doing it again answers as the first time and writes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectKey {
    /// The work.
    pub call: CallId,
    /// Which of its writes, from 0.
    pub index: u32,
}

impl From<(CallId, u32)> for EffectKey {
    fn from((call, index): (CallId, u32)) -> Self {
        Self { call, index }
    }
}

/// Key-value spaces.
#[async_trait]
pub trait Kv {
    /// A value that has not expired.
    async fn kv_get(&self, app: AppId, plugin: &PluginName, key: &str, now: Millis) -> Result<Option<KvEntry>>;
    /// Writes. With an effect key of a job the outcome is remembered until the job is done, of a run of a command as long
    /// as the run; of other calls nothing is.
    ///
    /// # Errors
    /// `Quota` if the space would hold more than `quota_bytes` of keys and values.
    async fn kv_write(
        &self,
        app: AppId,
        plugin: &PluginName,
        write: KvWrite,
        effect: Option<EffectKey>,
        quota_bytes: u64,
        now: Millis,
    ) -> Result<KvOutcome>;
    /// Keys with a prefix, in byte order, after one; not those that have expired.
    async fn kv_scan(
        &self,
        app: AppId,
        plugin: &PluginName,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
        now: Millis,
    ) -> Result<Vec<String>>;
}
