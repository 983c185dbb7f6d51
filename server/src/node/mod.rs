//! The composition root: the parts are built in the order in which a message meets them, and drained in reverse.

mod door;
mod seed;
mod summary;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::ambient::{SystemClock, SystemRandom};
use crate::chat::{Blobs, Chat, Files, Parts};
use crate::cluster::LocalBus;
use crate::config::Config;
use crate::delivery::Delivery;
use crate::gateway::{self, Entrance, Gateway, Metrics, Tls};
use crate::hub::Hub;
use crate::jobs::{self, Postman, Runner};
use crate::model::{Clock, Random};
use crate::outbound::{Client, Reach};
use crate::plugin_host::{self, Mounts, PluginHost};
use crate::storage::{Storage, sqlite};
use crate::telemetry::Figures;

pub(crate) use door::Door;

/// How often seats that nobody needs are forgotten.
const SWEEP: Duration = Duration::from_secs(60);

/// Pages of SQLite in a MiB.
const PAGES_PER_MEGABYTE: u64 = 256;

/// Runs a server until it is told to stop.
///
/// # Errors
/// What keeps it from starting: a data directory it cannot use, an address that is taken.
pub async fn run(config: Config, admin_token: Option<String>) -> anyhow::Result<()> {
    let (clock, random): (Arc<dyn Clock>, Arc<dyn Random>) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    huge_pages(false);
    let figures = Arc::<Figures>::default();

    // Bound first: a taken address is told before anything is opened or compiled.
    let listener = TcpListener::bind(config.server.listen).await;
    let listener = listener.with_context(|| format!("cannot listen on {}", config.server.listen))?;
    let tls = config
        .tls
        .as_ref()
        .map(|tls| Tls::open(&tls.cert, &tls.key))
        .transpose()?;
    let (sqlite, announcements) = sqlite::open(storage_settings(&config, figures.clone()), clock.clone())
        .await
        .with_context(|| format!("cannot use the data directory {}", config.storage.data_dir.display()))?;
    let storage: Arc<dyn Storage> = sqlite.clone();
    let blobs = Blobs::open(&config.storage.data_dir)
        .with_context(|| format!("cannot keep files in {}", config.storage.data_dir.display()))?;
    let hub = Arc::new(Hub::new(
        config.limits.connection_queue,
        config.limits.connections_per_user,
    ));
    // Whoever connects from now on came after all that is stored.
    hub.delivering(storage.head());
    let delivery = Arc::new(Delivery::new(
        hub.clone(),
        Arc::new(LocalBus),
        vec![gateway::native_encoder()],
        figures.clone(),
    ));
    let guests = plugin_settings(&config)?;
    let far = Arc::new(Client::new(reach(&config))?);
    let plugins = PluginHost::start(guests, storage.clone(), clock.clone(), random.clone(), far).await?;
    let chat = Chat::start(Parts {
        storage: storage.clone(),
        hub: hub.clone(),
        delivery: delivery.clone(),
        plugins: plugins.clone(),
        random: random.clone(),
        limits: config.limits,
        files: Files::new(storage.clone(), blobs, config.files, clock.clone(), random.clone()),
        kept_conversations: config.cache.conversations,
        profile_bytes: config.cache.profile_bytes,
    })
    .await?;
    let later = sqlite.clone();
    plugins.open_door(Arc::new(Door {
        chat: chat.clone(),
        later,
    }));

    tasks.spawn(delivery.run(announcements));
    let (folder, fixed) = (config.plugins.bundled.clone(), &config.mounts);
    let mounts = Mounts::start(plugins.clone(), storage.clone(), folder, fixed).await?;
    seed::apply(&config, &chat, &plugins, &*clock).await?;
    let working = stop.child_token();
    let postman = Postman::new(
        storage.clone(),
        chat.clone(),
        clock.clone(),
        random.clone(),
        callback_settings(&config),
        figures.clone(),
        working.clone(),
    )?;
    let runner = Runner::new(
        storage,
        chat.clone(),
        plugins.clone(),
        clock.clone(),
        config.jobs,
        figures.clone(),
        working.clone(),
    );
    let jobs = tasks.spawn(runner.run());
    let post = tasks.spawn(postman.run());
    let (host, attending) = (plugins.clone(), working.clone());
    let attend = tasks.spawn(async move { host.attend(attending).await });
    let (host, sweeping) = (plugins.clone(), working.clone());
    tasks.spawn(async move { sweeping.run_until_cancelled(host.sweep_all()).await });
    tasks.spawn(sweep(
        hub.clone(),
        chat.clone(),
        clock.clone(),
        tls.clone(),
        stop.clone(),
    ));

    let address = listener.local_addr()?;
    let parts = Gateway {
        chat: chat.clone(),
        hub: hub.clone(),
        plugins: plugins.clone(),
        mounts: mounts.clone(),
        clock,
        random,
        limits: config.limits,
        component_bytes: config.plugins.component_bytes,
        admin_token,
        demo: seed::demo_apps(&config),
        metrics: metrics(&config, figures),
        shutdown: stop.clone(),
    };
    let entrance = Entrance {
        tls: tls.clone(),
        trusted: config.server.trusted_proxies.clone().into(),
    };
    let serving = stop.child_token();
    let grace = Duration::from_secs(config.server.shutdown_seconds);
    let serve = tokio::spawn(gateway::serve(listener, entrance, parts, serving.clone(), grace));
    // Before anyone is told that the server is there: from then on it may be asked to end.
    let endings = Endings::listen()?;
    summary::print(&config, address);
    huge_pages(true);

    endings.first().await;
    tracing::info!("stopping: connections first, then work under way, then storage");
    serving.cancel();
    hub.close_all();
    serve.await.context("the listener failed")?;
    working.cancel();
    plugins.hurry();
    jobs.await.context("the job runner failed")?;
    post.await.context("the sender of webhooks failed")?;
    attend.await.context("who watches new versions failed")?;
    stop.cancel();
    mounts.drain();
    plugins.stop().await;
    chat.close().await;
    sqlite.close().await;
    tasks.close();
    tasks.wait().await;
    Ok(())
}

/// Whether memory may come in huge pages: for the load that is quicker, but what is touched here and there while the server
/// starts would take as many of them.
fn huge_pages(wanted: bool) {
    // A kernel that has none, or lets nobody choose, is as good.
    let _ = rustix::thread::disable_transparent_huge_pages(!wanted);
}

/// Ctrl-C and requests to end, heard from when this is made.
struct Endings {
    interrupt: Signal,
    terminate: Signal,
}

impl Endings {
    fn listen() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("cannot listen for signals");
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    /// Waits for the first.
    async fn first(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

async fn sweep(hub: Arc<Hub>, chat: Arc<Chat>, clock: Arc<dyn Clock>, tls: Option<Arc<Tls>>, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(SWEEP)).await.is_some() {
        hub.sweep();
        chat.files().sweep().await;
        chat.forget_runs(clock.now()).await;
        if let Some(tls) = tls.clone() {
            // What it has to say is in the log.
            let _ = tokio::task::spawn_blocking(move || tls.refresh()).await;
        }
    }
}

/// Who may see the server's figures.
fn metrics(config: &Config, figures: Arc<Figures>) -> Option<Metrics> {
    let metrics = &config.metrics;
    metrics.told(&config.server).then(|| Metrics {
        figures,
        token: metrics.token.clone(),
        installs: metrics.installs,
    })
}

/// How the data directory is used.
pub(crate) fn storage_settings(config: &Config, figures: Arc<Figures>) -> sqlite::Settings {
    let storage = &config.storage;
    let pages = storage.max_megabytes.saturating_mul(PAGES_PER_MEGABYTE);
    sqlite::Settings {
        readers: storage.readers,
        group: storage.group,
        queue: storage.queue,
        checkpoint_ms: storage.checkpoint_ms,
        max_pages: (pages > 0).then(|| u32::try_from(pages).unwrap_or(u32::MAX)),
        figures,
        ..sqlite::Settings::new(&storage.data_dir)
    }
}

/// What guests may use.
pub(crate) fn plugin_settings(config: &Config) -> anyhow::Result<plugin_host::Settings> {
    let plugins = &config.plugins;
    let worker = std::env::current_exe().context("cannot tell where this program lies")?;
    Ok(plugin_host::Settings {
        artifacts: config.storage.data_dir.join("artifacts"),
        sweeps: true,
        worker,
        component_bytes: plugins.component_bytes,
        compile_memory_bytes: plugins.compile_memory_bytes,
        compile_cpu_seconds: plugins.compile_cpu_seconds,
        compile_wall_seconds: plugins.compile_wall_seconds,
        nice: plugins.nice,
        deadline_ms: plugins.deadline_ms,
        wall_ms: plugins.wall_ms,
        memory_bytes: plugins.memory_bytes,
        output_bytes: plugins.output_bytes,
        endpoint_bytes: config.limits.endpoint_body_bytes,
        host_calls: plugins.host_calls,
        log_bytes_per_call: plugins.log_bytes,
        log_lines: plugins.log_lines,
        kv_quota_bytes: plugins.kv_quota_bytes,
        webhooks_waiting: config.callbacks.waiting,
        max_depth: plugins.max_depth,
        instances: plugins.instances,
        instances_per_app: plugins.instances_per_app,
        instances_per_install: plugins.instances_per_install,
        breaker: plugin_host::BreakerSettings {
            failures: plugins.breaker_failures,
            first_ms: plugins.breaker_first_ms,
            longest_ms: plugins.breaker_longest_ms,
        },
        watch_ms: plugins.watch_ms,
        audit_rows: plugins.audit_rows,
        http: plugin_host::HttpSettings {
            timeout_ms: plugins.http_timeout_ms,
            wait_ms: plugins.http_wait_ms,
            request_bytes: plugins.http_request_bytes,
            response_bytes: plugins.http_response_bytes,
            concurrency: plugins.http_concurrency,
            per_install: plugins.http_per_install,
        },
        quotas: config.quotas,
    })
}

/// Which addresses webhooks and plugins reach.
fn reach(config: &Config) -> Reach {
    Reach {
        private: config.callbacks.allow_private,
        networks: config.callbacks.private_networks.0.clone(),
    }
}

fn callback_settings(config: &Config) -> jobs::Callbacks {
    let callbacks = &config.callbacks;
    jobs::Callbacks {
        reach: reach(config),
        timeout_ms: callbacks.timeout_ms,
        attempts: callbacks.attempts,
        backoff_ms: callbacks.backoff_ms,
        backoff_max_ms: callbacks.backoff_max_ms,
        concurrency: callbacks.concurrency,
        per_app: callbacks.per_app,
        dead: callbacks.dead,
    }
}
