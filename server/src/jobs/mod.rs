//! Durable work: rows that were written with their cause are taken up, done, and only then removed, so that a server
//! that is killed in between does them again when it is back. Doing one again has no second effect, because every write
//! a guest makes is keyed by its job.
//!
//! Each install has a queue of its own, worked by a task of its own that lives while there is something to do: a plugin
//! that is slow or suspended holds up nobody else's work. Inside a conversation jobs are done in order; one that is to be
//! tried again holds up the later ones of its conversation, and no others.

mod alarm;
mod lanes;
mod observer;
mod shifts;
mod webhook;
mod worker;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::chat::Chat;
use crate::model::{Clock, JobLimits};
use crate::plugin_host::PluginHost;
use crate::storage::{InstallKey, JobBell, Storage};
use crate::telemetry::Figures;

use self::alarm::Alarms;
use self::shifts::Shifts;
pub use self::webhook::{Callbacks, Postman};

/// How long the runner waits when storage does not answer.
const STORAGE_PAUSE: Duration = Duration::from_millis(500);

/// What the runner is made of.
pub struct Runner {
    storage: Arc<dyn Storage>,
    chat: Arc<Chat>,
    plugins: Arc<PluginHost>,
    clock: Arc<dyn Clock>,
    settings: JobLimits,
    figures: Arc<Figures>,
    slots: Arc<Semaphore>,
    shifts: Shifts<InstallKey>,
    alarms: Alarms<InstallKey>,
    /// Installs some of whose jobs may be put off: an alarm remembers only the soonest.
    put_off: Mutex<HashSet<InstallKey>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Runner {
    /// A runner that stops taking up work when `stop` is cancelled.
    #[must_use]
    pub fn new(
        storage: Arc<dyn Storage>,
        chat: Arc<Chat>,
        plugins: Arc<PluginHost>,
        clock: Arc<dyn Clock>,
        settings: JobLimits,
        figures: Arc<Figures>,
        stop: CancellationToken,
    ) -> Arc<Self> {
        let slots = Arc::new(Semaphore::new(settings.concurrency));
        Arc::new(Self {
            storage,
            chat,
            plugins,
            clock,
            settings,
            figures,
            slots,
            shifts: Shifts::default(),
            alarms: Alarms::default(),
            put_off: Mutex::default(),
            tasks: TaskTracker::new(),
            stop,
        })
    }

    /// Takes up what is left from before, then whatever the bell rings for, until it is stopped; then waits for what is
    /// under way.
    pub async fn run(self: Arc<Self>) {
        let bell = self.storage.job_bell();
        self.stop.run_until_cancelled(self.take_up_old_work()).await;
        while let Some(installs) = self.stop.run_until_cancelled(self.call(&bell)).await {
            for install in installs {
                self.wake(install);
            }
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Waits until there is something to do: new work, a time that has come, an install that was changed.
    async fn call(&self, bell: &JobBell) -> Vec<InstallKey> {
        tokio::select! {
            installs = bell.wait() => installs,
            installs = self.alarms.ring(&*self.clock) => installs,
            installs = self.plugins.changes().wait() => installs,
        }
    }

    async fn take_up_old_work(self: &Arc<Self>) {
        loop {
            match self.storage.installs_with_jobs().await {
                Ok(installs) => {
                    for (install, due) in installs {
                        self.put_off.lock().insert(install.clone());
                        self.alarms.set(install, due);
                    }
                    return;
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot look for waiting jobs; trying again");
                    tokio::time::sleep(STORAGE_PAUSE).await;
                }
            }
        }
    }

    /// Makes sure that somebody works on an install's jobs.
    fn wake(self: &Arc<Self>, install: InstallKey) {
        if self.shifts.begin(&install) {
            let runner = self.clone();
            self.tasks.spawn(async move { runner.work(install).await });
        }
    }
}
