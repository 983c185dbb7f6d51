//! Durable work: rows that were written with their cause are taken up, done, and only then removed, so that a server
//! that is killed in between does them again when it is back. Doing one again has no second effect, because every write
//! a guest makes is keyed by its job.
//!
//! Each install has a queue of its own, worked by a task of its own that lives while there is something to do: a plugin
//! that is slow or suspended holds up nobody else's work. Inside a conversation jobs are done in order; one that is to be
//! tried again holds up the later ones of its conversation, and no others.

mod observer;
mod worker;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::chat::Chat;
use crate::model::{Clock, Millis};
use crate::plugin_host::PluginHost;
use crate::storage::{InstallKey, Storage};

/// How long the runner waits when storage does not answer.
const STORAGE_PAUSE: Duration = Duration::from_millis(500);

/// Bounds on durable work.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Conversations worked on at once, on the whole node.
    pub concurrency: usize,
    /// Conversations worked on at once for one install.
    pub per_install: usize,
    /// How often a job is tried before it is given up.
    pub attempts: u32,
    /// Milliseconds before the second try; doubled for each further one.
    pub backoff_ms: u64,
    /// The longest pause between two tries.
    pub backoff_max_ms: u64,
}

/// What the runner is made of.
pub struct Runner {
    storage: Arc<dyn Storage>,
    chat: Arc<Chat>,
    plugins: Arc<PluginHost>,
    clock: Arc<dyn Clock>,
    settings: Settings,
    slots: Arc<Semaphore>,
    working: Mutex<HashMap<InstallKey, Wake>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// Whether a worker that is about to end has to look once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wake {
    No,
    Again,
}

impl Runner {
    /// A runner that stops taking up work when `stop` is cancelled.
    #[must_use]
    pub fn new(
        storage: Arc<dyn Storage>,
        chat: Arc<Chat>,
        plugins: Arc<PluginHost>,
        clock: Arc<dyn Clock>,
        settings: Settings,
        stop: CancellationToken,
    ) -> Arc<Self> {
        let slots = Arc::new(Semaphore::new(settings.concurrency));
        let (working, tasks) = (Mutex::default(), TaskTracker::new());
        Arc::new(Self {
            storage,
            chat,
            plugins,
            clock,
            settings,
            slots,
            working,
            tasks,
            stop,
        })
    }

    /// Takes up what is left from before, then whatever the bell rings for, until it is stopped; then waits for what is
    /// under way.
    pub async fn run(self: Arc<Self>) {
        let bell = self.storage.job_bell();
        self.stop.run_until_cancelled(self.take_up_old_work()).await;
        while let Some(installs) = self.stop.run_until_cancelled(bell.wait()).await {
            for install in installs {
                self.wake(install);
            }
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn take_up_old_work(self: &Arc<Self>) {
        loop {
            match self.storage.installs_with_jobs().await {
                Ok(installs) => {
                    for (install, due) in installs {
                        self.wake_at(install, due);
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
        let mut working = self.working.lock();
        if let Some(wake) = working.get_mut(&install) {
            *wake = Wake::Again;
            return;
        }
        working.insert(install.clone(), Wake::No);
        drop(working);
        let runner = self.clone();
        self.tasks.spawn(async move { runner.work(install).await });
    }

    /// The same, at a time.
    fn wake_at(self: &Arc<Self>, install: InstallKey, due: Millis) {
        let wait = u64::try_from(due.0.saturating_sub(self.clock.now().0)).unwrap_or(0);
        if wait == 0 {
            return self.wake(install);
        }
        let runner = self.clone();
        self.tasks.spawn(async move {
            let pause = tokio::time::sleep(Duration::from_millis(wait));
            if runner.stop.run_until_cancelled(pause).await.is_some() {
                runner.wake(install);
            }
        });
    }

    /// Ends a worker unless the bell has rung for it meanwhile.
    fn rest(&self, install: &InstallKey) -> bool {
        let mut working = self.working.lock();
        match working.get_mut(install) {
            Some(wake @ Wake::Again) => {
                *wake = Wake::No;
                false
            }
            _ => {
                working.remove(install);
                true
            }
        }
    }
}
