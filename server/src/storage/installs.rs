//! Plugins in apps, and the components they run.

use async_trait::async_trait;

use super::{Record, Result};
use crate::model::{AppId, Digest, Install, PluginName};

/// Installs and components.
#[async_trait]
pub trait Installs {
    /// All of every app, by app and name: read at start.
    async fn installs(&self) -> Result<Vec<Install>>;
    /// Those of one app, by name.
    async fn installs_of(&self, app: AppId) -> Result<Vec<Install>>;
    /// Creates or replaces an install, and writes down what is done with it; the revision it is stored with is one more
    /// than the last.
    async fn save_install(&self, install: Install, record: Record) -> Result<Install>;
    /// Removes an install, and unless `keep_data` its key-value space, jobs, timers and webhooks; writes down what is done.
    /// False if there is none, and then nothing is written down.
    async fn remove_install(&self, app: AppId, name: &PluginName, keep_data: bool, record: Record) -> Result<bool>;
    /// Keeps a component under its digest; the same one twice is kept once.
    async fn put_component(&self, digest: &Digest, bytes: Vec<u8>) -> Result<()>;
    /// Whether an install has a component: in the version that runs, the one before, or its canary.
    async fn is_installed(&self, digest: &Digest) -> Result<bool>;
    /// Components that no install has.
    async fn idle_components(&self) -> Result<Vec<Digest>>;
    /// Removes a component, unless an install has it.
    async fn drop_component(&self, digest: &Digest) -> Result<()>;
    /// A component.
    async fn component(&self, digest: &Digest) -> Result<Option<Vec<u8>>>;
}
