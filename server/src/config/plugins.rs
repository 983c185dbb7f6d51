//! `[plugins]`: what a guest may use. Every bound of the plugin host that an operator may want to
//! move is a key here.

use std::path::{Path, PathBuf};

use super::numbers::numbers;
use super::problems::Problems;

/// Bounds on guests, and where the bundled components lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugins {
    /// The largest component that is accepted, in bytes.
    pub component_bytes: usize,
    /// CPU time of a guest in one call, in milliseconds; waiting for the host is free.
    pub deadline_ms: u64,
    /// How long a call may take by the clock on the wall, in milliseconds.
    pub wall_ms: u64,
    /// Linear memory of an instance, in bytes.
    pub memory_bytes: usize,
    /// What a guest may hand the host at once, in bytes.
    pub output_bytes: usize,
    /// How many times a guest may call the host in one call.
    pub host_calls: u32,
    /// What is kept of the log of one call, in bytes.
    pub log_bytes: usize,
    /// Lines of an install's log that are kept.
    pub log_lines: usize,
    /// Keys and values of an install, in bytes.
    pub kv_quota_bytes: u64,
    /// What a compilation may allocate, in bytes.
    pub compile_memory_bytes: u64,
    /// CPU time of a compilation, in seconds.
    pub compile_cpu_seconds: u64,
    /// How long a compilation may take by the clock on the wall, in seconds.
    pub compile_wall_seconds: u64,
    /// How far guests that compute for long, and compilations, stand back behind all else, as `nice` counts.
    pub nice: u8,
    /// How many plugin-made messages may follow from one another.
    pub max_depth: u32,
    /// Instances that live at the same time on this node.
    pub instances: u32,
    /// Of those, instances of the installs of one app that work.
    pub instances_per_app: u32,
    /// Of those, instances of one install.
    pub instances_per_install: u32,
    /// Failures in a row after which a hook is suspended.
    pub breaker_failures: u32,
    /// The first suspension, in milliseconds; each further one is twice as long.
    pub breaker_first_ms: u64,
    /// The longest suspension, in milliseconds.
    pub breaker_longest_ms: u64,
    /// How long a new version is watched, in milliseconds: one that fails meanwhile may be rolled back.
    pub watch_ms: u64,
    /// Entries of an app's audit log that are kept.
    pub audit_rows: u32,
    /// How long a plugin's request to another server may take, in milliseconds.
    pub http_timeout_ms: u64,
    /// How long a call may wait for other servers beside its own time, in milliseconds, where nobody is held up.
    pub http_wait_ms: u64,
    /// The largest body of a request to another server, in bytes.
    pub http_request_bytes: usize,
    /// The largest body of an answer, in bytes.
    pub http_response_bytes: usize,
    /// Requests to other servers at the same time on this node.
    pub http_concurrency: usize,
    /// Of those, requests of one install.
    pub http_per_install: usize,
    /// The folder of the bundled components.
    pub bundled: PathBuf,
}

impl Plugins {
    /// The file of a bundled component.
    #[must_use]
    pub fn bundled_file(&self, component: &str) -> PathBuf {
        Path::new(&self.bundled).join(format!("{component}.wasm"))
    }
}

numbers! {
    "plugins" => Plugins {
        component_bytes = 32 << 20, 1_024..=256 << 20;
        deadline_ms = 50, 1..=10_000;
        wall_ms = 1_000, 1..=60_000;
        memory_bytes = 64 << 20, 1 << 20..=1 << 30;
        output_bytes = 1 << 20, 1_024..=64 << 20;
        host_calls = 1_000, 1..=1_000_000;
        log_bytes = 64 << 10, 0..=16 << 20;
        log_lines = 1_000, 0..=100_000;
        kv_quota_bytes = 16 << 20, 0..=1 << 40;
        compile_memory_bytes = 2 << 30, 64 << 20..=64 << 30;
        compile_cpu_seconds = 60, 1..=3_600;
        compile_wall_seconds = 180, 1..=3_600;
        nice = 5, 0..=19;
        max_depth = 4, 1..=64;
        instances = 1_000, 1..=100_000;
        instances_per_app = 256, 1..=100_000;
        instances_per_install = 64, 1..=100_000;
        breaker_failures = 5, 1..=1_000_000;
        breaker_first_ms = 50, 1..=3_600_000;
        breaker_longest_ms = 30_000, 1..=86_400_000;
        watch_ms = 600_000, 0..=604_800_000;
        audit_rows = 10_000, 1..=1_000_000;
        http_timeout_ms = 30_000, 1..=300_000;
        http_wait_ms = 60_000, 0..=600_000;
        http_request_bytes = 1 << 20, 0..=64 << 20;
        http_response_bytes = 4 << 20, 0..=64 << 20;
        http_concurrency = 256, 1..=100_000;
        http_per_install = 16, 1..=10_000;
    }
    also {
        bundled: PathBuf = "target/plugins".into();
    }
}

/// Checks the section.
pub fn check(raw: Raw, problems: &mut Problems) -> Plugins {
    let before = problems.count();
    let plugins = raw.numbers(problems);
    if problems.count() > before {
        return plugins;
    }
    let ordered = [
        ("deadline_ms", plugins.deadline_ms, "wall_ms", plugins.wall_ms),
        (
            "breaker_first_ms",
            plugins.breaker_first_ms,
            "breaker_longest_ms",
            plugins.breaker_longest_ms,
        ),
    ];
    for (key, least, bound, most) in ordered {
        if least > most {
            problems.add(
                format_args!("plugins.{key}"),
                format_args!("must not be more than plugins.{bound}, {most}"),
            );
        }
    }
    plugins
}
