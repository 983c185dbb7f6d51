//! Durable work.

use std::collections::HashSet;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::Result;
use crate::model::{AppId, Job, JobId, Message, Millis};

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

/// Rings when jobs were written: says for which apps, so that nobody has to poll for them.
#[derive(Debug, Default)]
pub struct JobBell {
    apps: Mutex<HashSet<AppId>>,
    rung: Notify,
}

impl JobBell {
    /// Says that an app has new jobs. Several rings before anyone listens are one.
    pub fn ring(&self, app: AppId) {
        if self.apps.lock().insert(app) {
            self.rung.notify_one();
        }
    }

    /// Waits for a ring, and takes the apps it was rung for.
    pub async fn wait(&self) -> Vec<AppId> {
        loop {
            let apps: Vec<AppId> = self.apps.lock().drain().collect();
            if !apps.is_empty() {
                return apps;
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
    /// Apps that have any waiting job, due or not, with the time of the earliest: read at start and now and then.
    async fn apps_with_jobs(&self) -> Result<Vec<(AppId, Millis)>>;
    /// Jobs of an app that are due, by id, after one; at most `limit`. Dead ones are not among them.
    async fn due_jobs(&self, app: AppId, now: Millis, after: Option<JobId>, limit: u32) -> Result<Vec<DueJob>>;
    /// Work that is done: the jobs and what was remembered of their writes go.
    async fn finish_jobs(&self, app: AppId, jobs: Vec<JobId>) -> Result<()>;
    /// Work that failed and is to be tried again at a time; counts the attempt.
    async fn postpone_job(&self, app: AppId, job: JobId, due_at: Millis, error: &str) -> Result<()>;
    /// Work that is given up.
    async fn bury_job(&self, app: AppId, job: JobId, error: &str) -> Result<()>;
    /// Given-up work of an app, newest first.
    async fn dead_jobs(&self, app: AppId, limit: u32) -> Result<Vec<DeadJob>>;
    /// Tries given-up work again, now. False if there is no such job.
    async fn revive_job(&self, app: AppId, job: JobId, now: Millis) -> Result<bool>;
}
