//! What a guest may use, and where the host keeps its artifacts. Every bound that an operator may
//! want to move is named here.

use std::path::PathBuf;

use crate::model::QuotaLimits;

/// Bounds and places, checked by `config` or a test before they come here.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where compiled components are cached. Only this server may write there: what lies there is run as it is.
    pub artifacts: PathBuf,
    /// Whether components that nobody has installed are removed.
    pub sweeps: bool,
    /// An executable that compiles when it is called with `compile-worker`: the server itself.
    pub worker: PathBuf,
    /// The largest component that is accepted, in bytes.
    pub component_bytes: usize,
    /// What the compile worker may allocate, in bytes of address space.
    pub compile_memory_bytes: u64,
    /// How much CPU time a compilation may take.
    pub compile_cpu_seconds: u64,
    /// How long a compilation may take by the clock on the wall.
    pub compile_wall_seconds: u64,
    /// How far guests that compute for long, and compilations, stand back behind all else, as `nice` counts.
    pub nice: u8,
    /// The CPU time of a guest in one call, in milliseconds; waiting for the host is free.
    pub deadline_ms: u64,
    /// How long a call may take by the clock on the wall, waiting included.
    pub wall_ms: u64,
    /// Linear memory of an instance, all its memories together.
    pub memory_bytes: usize,
    /// What a guest may hand the host at once: an argument, or an answer.
    pub output_bytes: usize,
    /// The body of a request to an endpoint, and of its answer.
    pub endpoint_bytes: usize,
    /// How many times a guest may call the host in one call.
    pub host_calls: u32,
    /// What is kept of a call's log.
    pub log_bytes_per_call: usize,
    /// How many lines of an install's log are kept.
    pub log_lines: usize,
    /// Keys and values of an install.
    pub kv_quota_bytes: u64,
    /// Webhooks of an install that may wait to be sent.
    pub webhooks_waiting: u32,
    /// How many plugin-made messages may follow from one another before no plugin hears of them.
    pub max_depth: u32,
    /// How many instances live at the same time on this node.
    pub instances: u32,
    /// How many of them the installs of one app may have together, so that they leave some to others.
    pub instances_per_app: u32,
    /// How many of them one install may have, so that a slow one starves itself only.
    pub instances_per_install: u32,
    /// When a failing hook is left alone.
    pub breaker: BreakerSettings,
    /// How long a new version is watched: one that fails meanwhile may be rolled back.
    pub watch_ms: u64,
    /// How many entries of an app's audit log are kept.
    pub audit_rows: u32,
    /// How other servers are asked.
    pub http: HttpSettings,
    /// What an install may do in a minute.
    pub quotas: QuotaLimits,
}

/// How plugins may ask other servers.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// How long one request may take, in milliseconds.
    pub timeout_ms: u64,
    /// How long a call may wait for other servers beside its own time, in milliseconds, where nobody is held up.
    pub wait_ms: u64,
    /// The largest body of a request.
    pub request_bytes: usize,
    /// The largest body of an answer.
    pub response_bytes: usize,
    /// Requests at the same time on this node.
    pub concurrency: usize,
    /// Of those, requests of one install.
    pub per_install: usize,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            timeout_ms: 30_000,
            wait_ms: 60_000,
            request_bytes: 1 << 20,
            response_bytes: 4 << 20,
            concurrency: 256,
            per_install: 16,
        }
    }
}

/// When a hook that keeps failing is suspended, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct BreakerSettings {
    /// So many failures in a row.
    pub failures: u32,
    /// The first suspension; each one that follows a failed trial is twice as long.
    pub first_ms: u64,
    /// The longest suspension.
    pub longest_ms: u64,
}

impl Settings {
    /// The defaults, with the two places that have none.
    #[must_use]
    pub fn new(artifacts: PathBuf, worker: PathBuf) -> Self {
        Self {
            artifacts,
            sweeps: true,
            worker,
            component_bytes: 32 << 20,
            compile_memory_bytes: 2 << 30,
            compile_cpu_seconds: 60,
            compile_wall_seconds: 180,
            nice: 5,
            deadline_ms: 50,
            wall_ms: 1000,
            memory_bytes: 64 << 20,
            output_bytes: 1 << 20,
            endpoint_bytes: 10 << 20,
            host_calls: 1000,
            log_bytes_per_call: 64 << 10,
            log_lines: 1000,
            kv_quota_bytes: 16 << 20,
            webhooks_waiting: 10_000,
            max_depth: 4,
            instances: 1000,
            instances_per_app: 256,
            instances_per_install: 64,
            breaker: BreakerSettings::default(),
            watch_ms: 600_000,
            audit_rows: 10_000,
            http: HttpSettings::default(),
            quotas: QuotaLimits::default(),
        }
    }
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            failures: 5,
            first_ms: 50,
            longest_ms: 30_000,
        }
    }
}
