//! One install's work: what is due is taken up as it comes, conversation beside conversation, and nobody waits for a
//! conversation but those in it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join_all;
use tokio::sync::Notify;
use tokio::task::{Id, JoinError, JoinSet};

use super::lanes::{AT_HAND, Lanes, Order, Rest};
use super::{Runner, STORAGE_PAUSE};
use crate::model::{Job, JobId, JobLimits, Millis, Observation};
use crate::plugin_host::{ObserveError, Readiness};
use crate::storage::{DueJob, InstallKey, StorageError};

/// Jobs read together.
const BATCH: u32 = 512;
/// Milliseconds between two looks from the beginning that no job is known to be due for.
const APART: i64 = 100;
/// Milliseconds until jobs are taken up again whose task broke.
const BROKEN: i64 = 5_000;
/// The longest sleep: a clock on the wall that was set forward is noticed after it.
const NAP: Duration = Duration::from_secs(1);

/// Work that is to be looked at again, and when.
type Later = Option<Millis>;

/// What became of one conversation's jobs.
#[derive(Default)]
struct Lane {
    done: Vec<JobId>,
    /// Runs of timers that are done.
    runs: Vec<JobId>,
    /// What has to wait.
    rest: Option<Rest>,
}

/// One install's work while there is any.
#[derive(Default)]
struct Shift {
    lanes: Lanes,
    running: JoinSet<Lane>,
    /// Which lane a task does, and which jobs.
    doing: HashMap<Id, (Order, Vec<JobId>)>,
    /// The last job that was read.
    after: Option<JobId>,
    /// There is more behind it.
    has_more: bool,
    /// When it was last looked from the beginning; none if the install is not called now.
    looked: Option<Millis>,
    /// When to look from the beginning again.
    later: Later,
    done: Vec<JobId>,
    runs: Vec<JobId>,
}

impl Shift {
    /// A lane's task has ended. What was in one that broke is still in storage.
    fn ended(&mut self, ended: Result<(Id, Lane), JoinError>, now: Millis) {
        let (id, mut lane) = match ended {
            Ok((id, lane)) => (id, lane),
            Err(error) => {
                tracing::error!(%error, "a job's task failed; its jobs are still there");
                let (until, jobs) = (now.plus(BROKEN), Vec::new());
                let rest = Some(Rest { until, jobs });
                (
                    error.id(),
                    Lane {
                        rest,
                        ..Lane::default()
                    },
                )
            }
        };
        if let Some((order, jobs)) = self.doing.remove(&id) {
            let look = self.lanes.ended(order, &jobs, lane.rest.take(), now);
            self.later = sooner(self.later, look.map(|look| look.max(self.next_look(now))));
        }
        self.done.extend(lane.done);
        self.runs.extend(lane.runs);
    }

    /// When it may be looked from the beginning again without a job that is known to be due.
    fn next_look(&self, now: Millis) -> Millis {
        self.looked.map_or(now, |looked| looked.plus(APART))
    }
}

impl Runner {
    /// Works until nothing is due.
    pub(super) async fn work(self: Arc<Self>, install: InstallKey) {
        let called = self.shifts.called(&install);
        loop {
            if let Err(error) = self.shift(&install, &called).await {
                tracing::warn!(app = %install.app, plugin = %install.plugin, %error, "jobs wait for storage");
                let pause = self.stop.run_until_cancelled(tokio::time::sleep(STORAGE_PAUSE));
                if pause.await.is_some() {
                    continue;
                }
            }
            if self.stop.is_cancelled() || self.shifts.end(&install) {
                return;
            }
        }
    }

    /// Works until nothing is under way, or until it is stopped; then waits for what is under way.
    async fn shift(self: &Arc<Self>, install: &InstallKey, called: &Notify) -> Result<(), StorageError> {
        let mut shift = Shift::default();
        let worked = self.keep_at_it(install, called, &mut shift).await;
        while let Some(ended) = shift.running.join_next_with_id().await {
            shift.ended(ended, self.clock.now());
        }
        self.settle(install, &mut shift).await?;
        worked?;
        // What has become due since the last look from the beginning was not seen by it.
        if let Some(looked) = shift.looked
            && let Some(next) = self.next_try(install, looked).await?
        {
            self.alarms.set(install.clone(), next);
        }
        Ok(())
    }

    async fn keep_at_it(
        self: &Arc<Self>,
        install: &InstallKey,
        called: &Notify,
        shift: &mut Shift,
    ) -> Result<(), StorageError> {
        if !self.look(install, shift, true).await? {
            return Ok(());
        }
        while !self.stop.is_cancelled() {
            self.start_lanes(shift);
            let goes_on_at = shift.lanes.goes_on_at();
            if shift.running.is_empty() && goes_on_at.is_none() {
                return Ok(());
            }
            tokio::select! {
                Some(ended) = shift.running.join_next_with_id() => {
                    shift.ended(ended, self.clock.now());
                    while let Some(ended) = shift.running.try_join_next_with_id() {
                        shift.ended(ended, self.clock.now());
                    }
                    self.settle(install, shift).await?;
                    if shift.has_more {
                        self.look(install, shift, false).await?;
                    }
                }
                () = self.wait_until(goes_on_at) => shift.lanes.go_on(self.clock.now()),
                () = called.notified() => {
                    let now = self.clock.now();
                    let is_due = shift.later.is_some_and(|later| later <= now);
                    if is_due || !self.look(install, shift, false).await? {
                        // What was tried again by hand, or what waited, is before what was read last.
                        let next = shift.next_look(now);
                        if is_due || next <= now {
                            self.look(install, shift, true).await?;
                        } else {
                            shift.later = sooner(shift.later, Some(next));
                            self.alarms.set(install.clone(), next);
                        }
                    }
                }
                () = self.stop.cancelled() => {}
            }
        }
        Ok(())
    }

    /// Waits for a time, if there is one.
    async fn wait_until(&self, at: Later) {
        let Some(at) = at else {
            return std::future::pending().await;
        };
        loop {
            let left = at.0.saturating_sub(self.clock.now().0);
            if left <= 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(left.unsigned_abs()).min(NAP)).await;
        }
    }

    /// Takes up what is due: from the beginning, or what has come since. Says whether there was anything.
    async fn look(&self, install: &InstallKey, shift: &mut Shift, all: bool) -> Result<bool, StorageError> {
        // What is not called now keeps its work until it is. The server itself is always there.
        let has_timers = match self.plugins.chain(install.app).readiness(&install.plugin) {
            _ if install.plugin.is_core() => false,
            Readiness::Ready { has_timers } => has_timers,
            Readiness::Away => return Ok(false),
        };
        if has_timers && let Some(next) = self.take_runs(install).await? {
            self.alarms.set(install.clone(), next);
        }
        if all {
            (shift.after, shift.later) = (None, None);
            shift.looked = Some(self.clock.now());
            shift.lanes.release();
        }
        let mut found = false;
        shift.has_more = true;
        while shift.has_more && shift.lanes.len() < AT_HAND {
            let now = self.clock.now();
            let due = self.storage.due_jobs(install, now, shift.after, BATCH).await?;
            shift.has_more = due.len() >= BATCH as usize;
            for due in due {
                shift.after = Some(due.job.id);
                found |= shift.lanes.take(due);
            }
        }
        Ok(found)
    }

    /// Starts lanes as long as the install may have more.
    fn start_lanes(self: &Arc<Self>, shift: &mut Shift) {
        while shift.running.len() < self.settings.per_install {
            let Some((order, jobs)) = shift.lanes.start() else {
                return;
            };
            let ids = jobs.iter().map(|due| due.job.id).collect();
            let runner = self.clone();
            let task = shift.running.spawn(async move {
                // Nobody closes it.
                let _slot = runner.slots.clone().acquire_owned().await;
                Box::pin(runner.lane(jobs)).await
            });
            shift.doing.insert(task.id(), (order, ids));
        }
    }

    /// Writes down what is done, and sees to it that somebody looks again at what waits.
    async fn settle(&self, install: &InstallKey, shift: &mut Shift) -> Result<(), StorageError> {
        if let Some(later) = shift.later {
            self.alarms.set(install.clone(), later);
        }
        if !shift.done.is_empty() {
            self.storage.finish_jobs(install.app, shift.done.clone()).await?;
            shift.done.clear();
        }
        if !shift.runs.is_empty() {
            let runs = shift.runs.iter().map(|run| self.storage.finish_run(install.app, *run));
            try_join_all(runs).await?;
            shift.runs.clear();
            if let Some(next) = self.storage.next_timer(install).await? {
                self.alarms.set(install.clone(), next);
            }
        }
        Ok(())
    }

    /// When, after a time, a job is to be tried again, be it of this shift or of one before.
    async fn next_try(&self, install: &InstallKey, after: Millis) -> Result<Later, StorageError> {
        if !self.put_off.lock().contains(install) {
            return Ok(None);
        }
        let next = self.storage.next_try(install, after).await?;
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

    /// Does one conversation's jobs in order, up to the first that has to wait.
    async fn lane(&self, jobs: Vec<DueJob>) -> Lane {
        let mut lane = Lane::default();
        let mut jobs = jobs.into_iter();
        while let Some(mut due) = jobs.next() {
            let until = match self.observe(&due).await {
                Ok(()) => {
                    self.figures.jobs_done.add(1);
                    self.figures
                        .timers_fired
                        .add(usize::from(matches!(due.job.work, Observation::Fire(_))));
                    None
                }
                Err(ObserveError::Gone) => None,
                Err(ObserveError::Suspended { until }) => Some(until),
                Err(ObserveError::Failed(error)) => {
                    self.figures.jobs_failed.add(1);
                    if self.is_last_try(&due.job) && matches!(due.job.work, Observation::Fire(_)) {
                        self.give_up_run(&due.job, &error);
                        None
                    } else {
                        let Some(until) = self.fail(&due.job, &error).await else {
                            continue;
                        };
                        due.job.attempts += 1;
                        Some(until)
                    }
                }
            };
            let Some(until) = until else {
                lane.finished(&due.job);
                continue;
            };
            let jobs = std::iter::once(due).chain(jobs).collect();
            lane.rest = Some(Rest { until, jobs });
            break;
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
