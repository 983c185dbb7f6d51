//! What was done to the plugins of apps.

use async_trait::async_trait;

use super::Result;
use crate::model::{AppId, AuditEntry, Millis, PluginName, Step, Who};

/// What is written down of a change, in the change's transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Who changes it.
    pub who: Who,
    /// When.
    pub at: Millis,
    /// What is done; may be nothing.
    pub steps: Vec<Step>,
    /// How many entries the app keeps, with these.
    pub keep: u32,
}

/// The audit log.
#[async_trait]
pub trait Audit {
    /// Entries of an app, of one plugin if it is named, newest first: those before `before`, if given.
    async fn audit(
        &self,
        app: AppId,
        plugin: Option<&PluginName>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>>;
}
