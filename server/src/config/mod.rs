//! What the operator chose: raw values from a file and the command line become a checked [`Config`]. Whoever holds one
//! holds values inside their bounds; unknown keys are errors, and all errors are told at once. `config.toml` at the
//! root shows every key with its default.

mod apps;
mod cache;
mod callbacks;
mod demo;
mod exposure;
mod files;
mod jobs;
mod limits;
mod log;
mod metrics;
mod mounts;
mod networks;
mod numbers;
mod plugins;
mod problems;
mod quotas;
mod server;
mod source;
mod storage;
#[cfg(test)]
mod tests;
mod tls;

use std::path::Path;

use serde::Deserialize;

pub use self::apps::{App, AppPlugin, AppUser, AppUserRole, Grants};
pub use self::cache::Cache;
pub use self::callbacks::Callbacks;
pub use self::demo::Demo;
pub use self::log::{Format, Level, Log};
pub use self::metrics::Metrics;
pub use self::plugins::Plugins;
pub use self::problems::ConfigError;
use self::problems::Problems;
pub use self::server::Server;
pub use self::source::Override;
pub use self::storage::Storage;
pub use self::tls::Tls;
use crate::model::{FileLimits, JobLimits, Limits, Mount, QuotaLimits};

/// What the operator chose, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where and how to listen.
    pub server: Server,
    /// A certificate of the server's own.
    pub tls: Option<Tls>,
    /// Where data lies and how it is written.
    pub storage: Storage,
    /// What clients may ask for.
    pub limits: Limits,
    /// What may be uploaded.
    pub files: FileLimits,
    /// What is kept in memory.
    pub cache: Cache,
    /// What guests may use.
    pub plugins: Plugins,
    /// How durable work is done.
    pub jobs: JobLimits,
    /// How webhooks are sent.
    pub callbacks: Callbacks,
    /// What an install may do in a minute.
    pub quotas: QuotaLimits,
    /// What the server tells of itself in figures.
    pub metrics: Metrics,
    /// What the server says about itself.
    pub log: Log,
    /// What helps to look around.
    pub demo: Demo,
    /// Tenants that are made at the first start.
    pub apps: Vec<App>,
    /// Where dialects answer.
    pub mounts: Vec<Mount>,
}

/// The sections as they are written, each with its defaults.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
struct Sections {
    server: server::Raw,
    tls: tls::Raw,
    storage: storage::Raw,
    limits: limits::Raw,
    files: files::Raw,
    cache: cache::Raw,
    plugins: plugins::Raw,
    jobs: jobs::Raw,
    callbacks: callbacks::Raw,
    quotas: quotas::Raw,
    metrics: metrics::Raw,
    log: Log,
    demo: Demo,
}

impl Config {
    /// Reads a file (or none: the defaults, without apps) and sets `overrides` over it.
    ///
    /// # Errors
    /// All that is wrong, at once, each with its key.
    pub fn load(file: Option<&Path>, overrides: &[Override]) -> Result<Self, ConfigError> {
        Self::from_table(source::read(file)?, overrides)
    }

    fn from_table(mut table: toml::Table, overrides: &[Override]) -> Result<Self, ConfigError> {
        let mut problems = Problems::default();
        source::apply(&mut table, overrides, &mut problems);
        let apps = table.remove("apps");
        let mounts = table.remove("mounts");
        let raw = sections(table, &mut problems);
        let config = Self {
            server: server::check(raw.server, &mut problems),
            tls: tls::check(raw.tls, &mut problems),
            storage: storage::check(raw.storage, &mut problems),
            limits: limits::check(raw.limits, &mut problems),
            files: files::check(raw.files, &mut problems),
            cache: cache::check(raw.cache, &mut problems),
            plugins: plugins::check(raw.plugins, &mut problems),
            jobs: jobs::check(raw.jobs, &mut problems),
            callbacks: callbacks::check(raw.callbacks, &mut problems),
            quotas: quotas::check(raw.quotas, &mut problems),
            metrics: metrics::check(raw.metrics, &mut problems),
            log: raw.log,
            demo: raw.demo,
            mounts: mounts
                .map(|mounts| mounts::check(mounts, &mut problems))
                .unwrap_or_default(),
            apps: apps.map(|apps| apps::check(apps, &mut problems)).unwrap_or_default(),
        };
        exposure::check(config.server.listen, &config.apps, &mut problems);
        problems.finish(config)
    }
}

fn sections(mut table: toml::Table, problems: &mut Problems) -> Sections {
    let sections = Sections {
        server: section(&mut table, "server", problems),
        tls: section(&mut table, "tls", problems),
        storage: section(&mut table, "storage", problems),
        limits: section(&mut table, "limits", problems),
        files: section(&mut table, "files", problems),
        cache: section(&mut table, "cache", problems),
        plugins: section(&mut table, "plugins", problems),
        jobs: section(&mut table, "jobs", problems),
        callbacks: section(&mut table, "callbacks", problems),
        quotas: section(&mut table, "quotas", problems),
        metrics: section(&mut table, "metrics", problems),
        log: section(&mut table, "log", problems),
        demo: section(&mut table, "demo", problems),
    };
    for unknown in table.keys() {
        problems.add(
            unknown,
            "no such section; there are server, tls, storage, limits, files, cache, plugins, jobs, callbacks, \
             quotas, metrics, log, demo, apps and mounts",
        );
    }
    sections
}

fn section<T: Default + for<'de> Deserialize<'de>>(table: &mut toml::Table, name: &str, problems: &mut Problems) -> T {
    table
        .remove(name)
        .and_then(|value| problems.read(name, value))
        .unwrap_or_default()
}
