//! Durable work.

use std::collections::HashSet;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::Result;
use crate::model::{AppId, Job, JobId, Message, Millis, PluginName};

/// An install, as the owner of a queue of jobs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
    pub message: Option<Message>,
}

/// A job that was given up.
#[derive(Debug, Clone)]
pub struct DeadJob {
    /// The job.
    pub job: Job,
    /// What went wrong the last time.
    pub error: String,
}

/// Rings when jobs were written: says for which installs, so that nobody has to poll for them.
#[derive(Debug, Default)]
pub struct JobBell {
    installs: Mutex<HashSet<InstallKey>>,
    rung: Notify,
}

impl JobBell {
    /// Says that an install has new jobs. Several rings before anyone listens are one.
    pub fn ring(&self, install: InstallKey) {
        if self.installs.lock().insert(install) {
            self.rung.notify_one();
        }
    }

    /// Waits for a ring, and takes the installs it was rung for.
    pub async fn wait(&self) -> Vec<InstallKey> {
        loop {
            let installs: Vec<InstallKey> = self.installs.lock().drain().collect();
            if !installs.is_empty() {
                return installs;
            }
            self.rung.notified().await;
        }
    }
}

/// Jobs.
#[async_trait]
pub trait Jobs {
    /// Rings when jobs are written.
    fn job_bell(&self) -> std::sync::Arc<JobBell>;
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
    /// Work that is done: the jobs and what was remembered of their writes go.
    async fn finish_jobs(&self, app: AppId, jobs: Vec<JobId>) -> Result<()>;
    /// Work that failed and is to be tried again at a time; counts the attempt.
    async fn postpone_job(&self, app: AppId, job: JobId, due_at: Millis, error: &str) -> Result<()>;
    /// Work that is given up.
    async fn bury_job(&self, app: AppId, job: JobId, error: &str) -> Result<()>;
    /// Given-up work of an app, newest first.
    async fn dead_jobs(&self, app: AppId, limit: u32) -> Result<Vec<DeadJob>>;
    /// Tries given-up work again, now, and rings for it. False if there is no such job.
    async fn revive_job(&self, app: AppId, job: JobId, now: Millis) -> Result<bool>;
}
