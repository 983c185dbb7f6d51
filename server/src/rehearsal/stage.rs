//! The parts of a server under a clock that is set, without a listener and without anything that sends.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use anyhow::{Context as _, bail};
use parking_lot::Mutex;
use serde_json::{Map, Value};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::dial::{Dial, Digits};
use super::far::Far;
use crate::chat::{Blobs, Chat, Files, Parts};
use crate::cluster::Bus;
use crate::config::{Config, Override};
use crate::delivery::Delivery;
use crate::gateway;
use crate::hub::Hub;
use crate::jobs::Runner;
use crate::model::{AppId, Clock, Event, InstallState, Millis, PluginName};
use crate::node;
use crate::plugin_host::{Inspection, PluginHost};
use crate::storage::sqlite::{self, Sqlite};
use crate::storage::{InstallKey, Jobs as _, Messages as _, Storage};
use crate::telemetry::Figures;

/// How long the work that is due may take by the clock on the wall.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked whether it is done.
const LOOK: Duration = Duration::from_millis(1);
/// How long what was stored may take to be told.
const BREATH: Duration = Duration::from_millis(20);
/// How long a compilation may take, in seconds.
const MINUTES: u64 = 600;
/// How long a call may take by the clock on the wall, in milliseconds: a developer's machine does other things too.
const CALL_MS: u64 = 10_000;
/// Runs of jobs and timers while time passes once.
const RUNS: usize = 100_000;

/// What plays: a component under a name, and where compiled components are kept between plays.
#[derive(Debug, Clone)]
pub struct Troupe {
    /// The name of its install.
    pub name: PluginName,
    /// The component.
    pub component: Vec<u8>,
    /// The folder of compiled components: only this program may write there.
    pub artifacts: PathBuf,
}

/// Everything that happens goes by here, stored or not.
#[derive(Debug, Default)]
pub(super) struct Tap(Mutex<Vec<Event>>);

impl Bus for Tap {
    fn publish(&self, event: &Event) {
        self.0.lock().push(event.clone());
    }
}

impl Tap {
    /// What has happened since it was last asked.
    pub(super) fn take(&self) -> Vec<Event> {
        std::mem::take(&mut self.0.lock())
    }
}

/// A server's inside, for one app.
pub struct Stage {
    /// Its one app.
    pub(super) app: AppId,
    pub(super) chat: Arc<Chat>,
    pub(super) plugins: Arc<PluginHost>,
    pub(super) storage: Arc<Sqlite>,
    pub(super) hub: Arc<Hub>,
    pub(super) tap: Arc<Tap>,
    pub(super) far: Arc<Far>,
    dial: Arc<Dial>,
    work: CancellationToken,
    tasks: TaskTracker,
    _folder: TempDir,
}

impl Stage {
    /// Opens one, with these settings of its app. `artifacts` is where compiled components are kept.
    ///
    /// # Errors
    /// If a setting is unknown or wrong, or a folder cannot be used.
    pub async fn open(artifacts: &Path, settings: &Map<String, Value>, start: Millis) -> anyhow::Result<Self> {
        let folder = TempDir::new().context("no folder for temporary files")?;
        let config = config(folder.path(), settings)?;
        let (dial, random) = (Arc::<Dial>::default(), Arc::<Digits>::default());
        dial.set(start);
        let figures = Arc::<Figures>::default();
        let settings = node::storage_settings(&config, figures.clone());
        let (sqlite, announcements) = sqlite::open(settings, dial.clone()).await?;
        let storage: Arc<dyn Storage> = sqlite.clone();
        let hub = Arc::new(Hub::new(
            config.limits.connection_queue,
            config.limits.connections_per_user,
        ));
        let tap = Arc::<Tap>::default();
        let encoders = vec![gateway::native_encoder()];
        let delivery = Arc::new(Delivery::new(hub.clone(), tap.clone(), encoders, figures.clone()));
        let mut guests = node::plugin_settings(&config)?;
        artifacts.clone_into(&mut guests.artifacts);
        guests.sweeps = false;
        // Whose machine it is decides how long it may take; what a guest may use is what a server allows.
        (guests.compile_wall_seconds, guests.compile_cpu_seconds) = (MINUTES, MINUTES);
        guests.wall_ms = guests.wall_ms.max(CALL_MS);
        let far = Arc::<Far>::default();
        let plugins = PluginHost::start(guests, storage.clone(), dial.clone(), random.clone(), far.clone()).await?;
        let blobs = Blobs::open(&config.storage.data_dir)?;
        let chat = Chat::start(Parts {
            storage: storage.clone(),
            hub: hub.clone(),
            delivery: delivery.clone(),
            plugins: plugins.clone(),
            random: random.clone(),
            limits: config.limits,
            files: Files::new(storage.clone(), blobs, config.files, dial.clone(), random),
            kept_conversations: config.cache.conversations,
            profile_bytes: config.cache.profile_bytes,
        })
        .await?;
        plugins.open_door(Arc::new(node::Door {
            chat: chat.clone(),
            later: sqlite.clone(),
        }));
        for app in config.apps.clone() {
            let made = chat
                .tenants()
                .create(Some(app.id), app.name, Some(app.secret), false, app.settings);
            made.await?;
        }
        let (work, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(delivery.run(announcements));
        let limits = config.jobs;
        let runner = Runner::new(
            storage,
            chat.clone(),
            plugins.clone(),
            dial.clone(),
            limits,
            figures,
            work.clone(),
        );
        tasks.spawn(runner.run());
        Ok(Self {
            app: AppId::new(1)?,
            chat,
            plugins,
            storage: sqlite,
            hub,
            tap,
            far,
            dial,
            work,
            tasks,
            _folder: folder,
        })
    }

    /// What a component is.
    ///
    /// # Errors
    /// Why it cannot be installed.
    pub async fn inspect(&self, component: Vec<u8>) -> anyhow::Result<Inspection> {
        Ok(self.plugins.inspect(component).await?)
    }

    /// What time it is.
    pub(super) fn now(&self) -> Millis {
        self.dial.now()
    }

    /// Waits until all that is due is done, and all that was stored has been told.
    pub(super) async fn settle(&self) -> anyhow::Result<()> {
        let (begun, mut idle) = (Instant::now(), None);
        loop {
            let waiting = self.storage.installs_with_jobs().await?;
            let due: Vec<&InstallKey> = waiting
                .iter()
                .filter(|(key, due)| *due <= self.now() && self.works(key))
                .map(|(key, _)| key)
                .collect();
            if due.is_empty() {
                // Not all that moves the stream on is told to anyone: then a moment is enough.
                let since = *idle.get_or_insert_with(Instant::now);
                if self.hub.delivered() >= self.storage.head() || since.elapsed() > BREATH {
                    return Ok(());
                }
            } else {
                idle = None;
            }
            if begun.elapsed() > PATIENCE {
                bail!("the plugin's work did not come to an end within {PATIENCE:?}");
            }
            let bell = self.storage.job_bell();
            for key in due {
                bell.ring(key.clone());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Whether an install's jobs are done at all: those of a suspended one wait.
    fn works(&self, key: &InstallKey) -> bool {
        let view = self.plugins.install_view(key.app, &key.plugin);
        view.is_some_and(|view| matches!(view.state, InstallState::Active))
    }

    /// Lets time pass: whatever becomes due is done at its time.
    pub(super) async fn pass(&self, until: Millis) -> anyhow::Result<()> {
        for _ in 0..RUNS {
            let waiting = self.storage.installs_with_jobs().await?;
            let next = waiting
                .iter()
                .map(|(_, due)| *due)
                .filter(|due| *due > self.now())
                .min();
            let Some(next) = next.filter(|next| *next <= until) else {
                self.dial.set(until);
                return self.settle().await;
            };
            self.dial.set(next);
            self.settle().await?;
        }
        bail!("more than {RUNS} timers and tries while time passed")
    }

    /// Ends it; what it kept goes away.
    pub async fn close(self) {
        self.work.cancel();
        self.plugins.hurry();
        self.plugins.stop().await;
        self.storage.close().await;
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// The defaults of a server, with one app.
fn config(folder: &Path, settings: &Map<String, Value>) -> anyhow::Result<Config> {
    let mut app = settings.clone();
    app.insert("id".to_owned(), 1.into());
    for (name, text) in [("name", "rehearsal"), ("secret", "the-secret-of-the-rehearsal")] {
        app.entry(name).or_insert_with(|| text.into());
    }
    let apps = toml::Value::try_from(vec![app]).context("the app's settings")?;
    let overrides = [
        Override::text("storage.data_dir", folder.to_string_lossy()),
        Override {
            key: "apps".to_owned(),
            value: apps,
        },
    ];
    Ok(Config::load(None, &overrides)?)
}
