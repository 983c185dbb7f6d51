//! One install's work: pass after pass over what is due, conversation beside conversation.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::try_join_all;
use tokio::task::JoinSet;

use super::{Runner, STORAGE_PAUSE};
use crate::model::{ConversationId, Job, JobId, JobLimits, Millis, Observation, UserId};
use crate::plugin_host::{ObserveError, Readiness};
use crate::storage::{DueJob, InstallKey, StorageError};

/// Jobs taken up together.
const BATCH: u32 = 512;

/// Work that is to be looked at again, and when.
type Later = Option<Millis>;

/// What is done one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Order {
    /// Everything in a conversation.
    Conversation(ConversationId),
    /// What a user does elsewhere.
    User(UserId),
    /// The rest waits for nothing.
    Alone(JobId),
}

impl Order {
    fn of(job: &Job) -> Self {
        match (&job.work, job.conversation) {
            (_, Some(conversation)) => Self::Conversation(conversation),
            (Observation::Event { users, .. }, None) if !users.is_empty() => Self::User(users[0].clone()),
            _ => Self::Alone(job.id),
        }
    }
}

/// What became of one conversation's jobs.
#[derive(Default)]
struct Lane {
    done: Vec<JobId>,
    /// Runs of timers that are done.
    runs: Vec<JobId>,
    later: Later,
}

impl Runner {
    /// Works until nothing is due.
    pub(super) async fn work(self: Arc<Self>, install: InstallKey) {
        loop {
            match self.pass(&install).await {
                Ok(Some(later)) => self.alarms.set(install.clone(), later),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(app = %install.app, plugin = %install.plugin, %error, "jobs wait for storage");
                    if self
                        .stop
                        .run_until_cancelled(tokio::time::sleep(STORAGE_PAUSE))
                        .await
                        .is_some()
                    {
                        continue;
                    }
                }
            }
            if self.stop.is_cancelled() || self.shifts.end(&install) {
                return;
            }
        }
    }

    /// Goes once over everything that is due. Says when there is something to do again that no bell will ring for.
    async fn pass(self: &Arc<Self>, install: &InstallKey) -> Result<Later, StorageError> {
        // What is not called now keeps its work until it is. The server itself is always there.
        let has_timers = match self.plugins.chain(install.app).readiness(&install.plugin) {
            _ if install.plugin.is_core() => false,
            Readiness::Ready { has_timers } => has_timers,
            Readiness::Away => return Ok(None),
        };
        let mut later = if has_timers {
            self.take_runs(install).await?
        } else {
            None
        };
        let mut after = None;
        while !self.stop.is_cancelled() {
            let due = self.storage.due_jobs(install, self.clock.now(), after, BATCH).await?;
            let Some(last) = due.last() else { break };
            after = Some(last.job.id);
            let full = due.len() >= BATCH as usize;
            let batch = self.batch(due).await;
            if !batch.done.is_empty() {
                self.storage.finish_jobs(install.app, batch.done).await?;
            }
            if !batch.runs.is_empty() {
                let runs = batch.runs.iter().map(|run| self.storage.finish_run(install.app, *run));
                try_join_all(runs).await?;
                later = sooner(later, self.storage.next_timer(install).await?);
            }
            later = sooner(later, batch.later);
            if !full {
                break;
            }
        }
        Ok(sooner(later, self.next_try(install).await?))
    }

    /// When a job is to be tried again, be it of this pass or of one before.
    async fn next_try(&self, install: &InstallKey) -> Result<Later, StorageError> {
        if !self.put_off.lock().contains(install) {
            return Ok(None);
        }
        let next = self.storage.next_try(install, self.clock.now()).await?;
        if next.is_none() {
            self.put_off.lock().remove(install);
        }
        Ok(next)
    }

    /// Makes the runs of timers that are due to jobs. Says when the next one is due.
    async fn take_runs(&self, install: &InstallKey) -> Result<Later, StorageError> {
        loop {
            let now = self.clock.now();
            let next = self.storage.next_timer(install).await?;
            if next.is_none_or(|next| next > now) || self.storage.take_timers(install, now, BATCH).await? == 0 {
                return Ok(next);
            }
        }
    }

    async fn batch(self: &Arc<Self>, due: Vec<DueJob>) -> Lane {
        let mut lanes: HashMap<Order, Vec<DueJob>> = HashMap::new();
        for job in due {
            lanes.entry(Order::of(&job.job)).or_default().push(job);
        }
        let (mut running, mut sum) = (JoinSet::new(), Lane::default());
        for jobs in lanes.into_values() {
            if running.len() >= self.settings.per_install {
                sum.add(running.join_next().await);
            }
            let Ok(slot) = self.slots.clone().acquire_owned().await else {
                break;
            };
            let runner = self.clone();
            running.spawn(async move {
                let lane = Box::pin(runner.lane(jobs)).await;
                drop(slot);
                lane
            });
        }
        while let Some(lane) = running.join_next().await {
            sum.add(Some(lane));
        }
        sum
    }

    /// Does one conversation's jobs in order, up to the first that has to wait.
    async fn lane(&self, jobs: Vec<DueJob>) -> Lane {
        let mut lane = Lane::default();
        for due in jobs {
            let job = due.job.clone();
            match self.observe(due).await {
                Ok(()) => {
                    self.figures.jobs_done.add(1);
                    self.figures
                        .timers_fired
                        .add(usize::from(matches!(job.work, Observation::Fire(_))));
                    lane.finished(&job);
                }
                Err(ObserveError::Gone) => lane.finished(&job),
                Err(ObserveError::Suspended { until }) => {
                    lane.later = sooner(lane.later, Some(until));
                    break;
                }
                Err(ObserveError::Failed(error)) => {
                    self.figures.jobs_failed.add(1);
                    if self.is_last_try(&job) && matches!(job.work, Observation::Fire(_)) {
                        self.give_up_run(&job, &error);
                        lane.finished(&job);
                    } else if let Some(later) = self.fail(&job, &error).await {
                        lane.later = sooner(lane.later, Some(later));
                        break;
                    }
                }
            }
        }
        lane
    }

    const fn is_last_try(&self, job: &Job) -> bool {
        job.attempts + 1 >= self.settings.attempts
    }

    /// A run of a timer that never went well counts as done, so that its timer goes on.
    fn give_up_run(&self, job: &Job, error: &str) {
        tracing::warn!(app = %job.app, plugin = %job.plugin, job = %job.id, error, "a run of a timer is given up");
        self.figures.jobs_dead.add(1);
        if let Observation::Fire(firing) = &job.work {
            self.plugins.chain(job.app).give_up(job, firing, error);
        }
    }

    /// Puts a failed job off, or gives it up after its last try. Says when it is due again.
    async fn fail(&self, job: &Job, error: &str) -> Later {
        let tries = job.attempts + 1;
        let now = self.clock.now();
        if self.is_last_try(job) {
            tracing::warn!(app = %job.app, plugin = %job.plugin, job = %job.id, error, "a job is given up");
            self.figures.jobs_dead.add(1);
            return match self.storage.bury_job(job.app, job.id, error, self.settings.dead).await {
                Ok(()) => None,
                Err(_) => Some(now.plus(pause(&self.settings, tries))),
            };
        }
        let due = now.plus(pause(&self.settings, tries));
        let install = InstallKey {
            app: job.app,
            plugin: job.plugin.clone(),
        };
        self.put_off.lock().insert(install);
        if let Err(failure) = self.storage.postpone_job(job.app, job.id, due, error).await {
            tracing::warn!(app = %job.app, job = %job.id, %failure, "a failed job could not be put off");
        }
        Some(due)
    }
}

impl Lane {
    fn finished(&mut self, job: &Job) {
        match job.work {
            Observation::Fire(_) => self.runs.push(job.id),
            Observation::Event { .. } | Observation::Writes(_) | Observation::Offline => self.done.push(job.id),
        }
    }

    fn add(&mut self, lane: Option<Result<Self, tokio::task::JoinError>>) {
        match lane {
            Some(Ok(lane)) => {
                self.done.extend(lane.done);
                self.runs.extend(lane.runs);
                self.later = sooner(self.later, lane.later);
            }
            Some(Err(error)) => tracing::error!(%error, "a job's task failed; its jobs are still there"),
            None => {}
        }
    }
}

fn sooner(a: Later, b: Later) -> Later {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The pause before the next try, in milliseconds: doubled each time, up to the bound.
fn pause(settings: &JobLimits, tries: u32) -> i64 {
    let doubled = settings.backoff_ms.saturating_mul(1 << tries.saturating_sub(1).min(32));
    i64::try_from(doubled.min(settings.backoff_max_ms)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_their_bound() {
        let settings = JobLimits {
            concurrency: 1,
            per_install: 1,
            attempts: 9,
            backoff_ms: 200,
            backoff_max_ms: 1000,
            dead: 1,
        };
        let pauses: Vec<i64> = (1..6).map(|tries| pause(&settings, tries)).collect();
        assert_eq!(pauses, [200, 400, 800, 1000, 1000]);
        assert_eq!(pause(&settings, u32::MAX), 1000);
    }

    #[test]
    fn the_sooner_of_two_times() {
        assert_eq!(sooner(None, None), None);
        assert_eq!(sooner(Some(Millis(2)), None), Some(Millis(2)));
        assert_eq!(sooner(Some(Millis(2)), Some(Millis(1))), Some(Millis(1)));
    }
}
