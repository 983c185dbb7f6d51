//! Durable work.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::{NewJob, Result};
use crate::model::{AppId, Job, JobId, Message, Millis, PluginName};

/// An install, as the owner of a queue of jobs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InstallKey {
    /// The tenant.
    pub app: AppId,
    /// The plugin.
    pub plugin: PluginName,
}

/// A job with the message it is about, read together.
#[derive(Debug, Clone)]
pub struct DueJob {
    /// The job.
    pub job: Job,
    /// Its message, as it is now.
    pub message: Option<Arc<Message>>,
}

/// A job that was given up.
#[derive(Debug, Clone)]
pub struct DeadJob {
    /// The job.
    pub job: Job,
    /// What went wrong the last time.
    pub error: String,
}

/// Rings when work was written: says for whom, so that nobody has to poll for it.
#[derive(Debug)]
pub struct Bell<K> {
    keys: Mutex<HashSet<K>>,
    rung: Notify,
}

/// Rings when an install has jobs or timers to look at.
pub type JobBell = Bell<InstallKey>;

impl<K> Default for Bell<K> {
    fn default() -> Self {
        Self {
            keys: Mutex::default(),
            rung: Notify::default(),
        }
    }
}

impl<K: Eq + Hash> Bell<K> {
    /// Says that there is new work. Several rings before anyone listens are one.
    pub fn ring(&self, key: K) {
        if self.keys.lock().insert(key) {
            self.rung.notify_one();
        }
    }

    /// Waits for a ring, and takes those it was rung for.
    pub async fn wait(&self) -> Vec<K> {
        loop {
            let keys: Vec<K> = self.keys.lock().drain().collect();
            if !keys.is_empty() {
                return keys;
            }
            self.rung.notified().await;
        }
    }
}

/// How much durable work there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Jobs that are not done.
    pub jobs_waiting: u64,
    /// Jobs that were given up and are kept.
    pub jobs_buried: u64,
    /// Webhooks that have not arrived.
    pub webhooks_waiting: u64,
    /// Webhooks that were given up and are kept.
    pub webhooks_buried: u64,
}

/// Jobs.
#[async_trait]
pub trait Jobs {
    /// Rings when jobs are written.
    fn job_bell(&self) -> Arc<JobBell>;
    /// Installs that have any waiting job, due or not, with the time of the earliest: read at start.
    async fn installs_with_jobs(&self) -> Result<Vec<(InstallKey, Millis)>>;
    /// Jobs of an install that are due, by id, after one; at most `limit`. Dead ones are not among them, nor those that
    /// come after one of the same conversation that is to be tried again later.
    async fn due_jobs(
        &self,
        install: &InstallKey,
        now: Millis,
        after: Option<JobId>,
        limit: u32,
    ) -> Result<Vec<DueJob>>;
    /// When the next job of an install is to be tried again, after now; none if none waits for that.
    async fn next_try(&self, install: &InstallKey, now: Millis) -> Result<Option<Millis>>;
    /// Writes jobs that follow from no stored change, and rings for them.
    async fn add_jobs(&self, app: AppId, jobs: Vec<NewJob>) -> Result<()>;
    /// Work that is done, and from which further work of the same conversation and message follows, in one step.
    async fn replace_job(&self, app: AppId, job: JobId, next: Vec<NewJob>) -> Result<()>;
    /// Work that is done: the jobs and what was remembered of their writes go.
    async fn finish_jobs(&self, app: AppId, jobs: Vec<JobId>) -> Result<()>;
    /// Work that failed and is to be tried again at a time; counts the attempt.
    async fn postpone_job(&self, app: AppId, job: JobId, due_at: Millis, error: &str) -> Result<()>;
    /// Work that is given up.
    async fn bury_job(&self, app: AppId, job: JobId, error: &str, keep: u32) -> Result<()>;
    /// Given-up work of an app, newest first.
    async fn dead_jobs(&self, app: AppId, limit: u32) -> Result<Vec<DeadJob>>;
    /// Tries given-up work again, now, and rings for it. False if there is no such job.
    async fn revive_job(&self, app: AppId, job: JobId, now: Millis) -> Result<bool>;
    /// How much work there is, of all apps.
    async fn backlog(&self) -> Result<Backlog>;
}
