//! Commands that users type: what a run has come to, so that sending its message again does nothing twice.

use async_trait::async_trait;

use super::Result;
use crate::model::{AppId, CallId, Millis, SlashRun};

/// Runs of commands.
#[async_trait]
pub trait Runs {
    /// Begins a run: from now on what its call writes is remembered. Answers what it has come to, if it was run before.
    async fn begin_run(&self, app: AppId, call: &CallId, now: Millis) -> Result<Option<SlashRun>>;
    /// Says what a run has come to. The first to say so is believed.
    async fn end_run(&self, app: AppId, call: &CallId, run: SlashRun) -> Result<()>;
    /// Forgets runs that have begun before a time, and what they have written; at most `limit`, answers how many.
    async fn forget_runs(&self, before: Millis, limit: u32) -> Result<u64>;
}
