//! Timers of installs.

use async_trait::async_trait;

use super::{EffectKey, InstallKey, Result};
use crate::model::{AppId, Body, JobId, Millis, Schedule, Timer};

/// A timer to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTimer {
    /// Its name in its install.
    pub name: String,
    /// When it runs. What is due in the past is due at once.
    pub schedule: Schedule,
    /// For the plugin.
    pub payload: Body,
    /// How many plugin-made messages led to the call that sets it: its runs are as deep.
    pub depth: u32,
}

/// Timers. With an effect key of a job, doing a write again answers as the first time and changes nothing.
#[async_trait]
pub trait Timers {
    /// Sets a timer, replacing the one of its name, and rings for its install. A run of the old one that is under way
    /// goes with it, unless it is that run which sets the timer. True if there was one.
    ///
    /// # Errors
    /// `Quota` if the install would have more than `most` timers.
    async fn set_timer(
        &self,
        install: &InstallKey,
        timer: NewTimer,
        effect: Option<EffectKey>,
        most: u32,
    ) -> Result<bool>;
    /// Cancels a timer, with a run of it that is under way as above. False if there is none.
    async fn cancel_timer(&self, install: &InstallKey, name: &str, effect: Option<EffectKey>) -> Result<bool>;
    /// One timer.
    async fn timer(&self, install: &InstallKey, name: &str) -> Result<Option<Timer>>;
    /// Timers in order of name, after one; at most `limit`.
    async fn timers(&self, install: &InstallKey, after: Option<&str>, limit: u32) -> Result<Vec<Timer>>;
    /// When the next run that waits for its time is due.
    async fn next_timer(&self, install: &InstallKey) -> Result<Option<Millis>>;
    /// Makes the runs that are due to jobs and moves their timers on, in one transaction: whoever takes a run is the only
    /// one. At most `limit`; says how many.
    async fn take_timers(&self, install: &InstallKey, now: Millis, limit: u32) -> Result<u32>;
    /// A run is done, or given up: its job and what was remembered of its writes go, and the timer waits for the next
    /// run or is over.
    async fn finish_run(&self, app: AppId, job: JobId) -> Result<()>;
}
