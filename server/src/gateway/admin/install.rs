//! An install as its tenant sees it.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::inspection::Inspection;
use crate::model::{self, Body, Capability, HttpHost, InstallState, LogLevel, Millis, PluginName};
use crate::plugin_host::{CanaryView, HookCounts, InstallView};

/// A plugin in an app.
#[derive(Debug, Serialize, ToSchema)]
pub struct Install<'a> {
    /// Its name there.
    #[schema(value_type = PluginName)]
    name: &'a PluginName,
    /// `active`, `disabled`, `suspended` (failed too often) or `broken` (cannot be loaded).
    state: &'static str,
    /// Why it is suspended or broken.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// When a suspended one is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Millis>,
    /// Whether it is called.
    enabled: bool,
    /// The version that runs.
    current: Version<'a>,
    /// The one before, to go back to.
    #[schema(required = true)]
    previous: Option<Version<'a>>,
    /// What it was granted.
    grants: Vec<&'static str>,
    /// The hosts it may ask, if it was granted `http`.
    http_hosts: Vec<&'a str>,
    /// Its configuration; what its schema marks as `writeOnly` is shown as `********`.
    #[schema(value_type = Body)]
    config: &'a Body,
    /// Comes before the plugin's own priority, if set.
    #[schema(required = true)]
    priority: Option<i32>,
    /// How many calls one instance may serve.
    reuse: u32,
    /// What its component is; null if it is broken.
    #[schema(required = true)]
    component: Option<Inspection<'a>>,
    /// What was counted since the server started.
    counters: Vec<Counters>,
    /// How often a quota was used up, by its name; only those that were.
    quotas: BTreeMap<&'static str, u64>,
    /// Bytes of log that were too much for their call.
    log_dropped_bytes: u64,
    /// Since when the current version runs.
    activated_at: Millis,
    /// Whether a new version that fails is rolled back without being asked; null: only canaries are.
    #[schema(required = true)]
    auto_rollback: Option<bool>,
    /// Its commands that another install runs, because that one comes before it.
    shadowed_commands: Vec<Shadowed<'a>>,
    /// A version that runs beside the current one for a share of the conversations.
    #[schema(required = true)]
    canary: Option<Canary<'a>>,
}

/// A version that runs for a share of the conversations, with figures of its own.
#[derive(Debug, Serialize, ToSchema)]
struct Canary<'a> {
    /// 1, 2, 3 … in its install.
    number: u32,
    /// SHA-256 of the component, in hex.
    digest: &'a str,
    /// When it was uploaded.
    created_at: Millis,
    /// The plugin's own version; null if it is broken.
    #[schema(required = true)]
    version: Option<&'a str>,
    /// How many of a hundred conversations meet it.
    percent: u8,
    /// Since when it runs.
    since: Millis,
    /// `active`, `disabled`, `suspended` or `broken`.
    state: &'static str,
    /// Why it is suspended or broken.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// When a suspended one is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Millis>,
    /// What its component is; null if it is broken.
    #[schema(required = true)]
    component: Option<Inspection<'a>>,
    /// What was counted of it since it was started, or the server.
    counters: Vec<Counters>,
}

/// A command that another install runs.
#[derive(Debug, Serialize, ToSchema)]
struct Shadowed<'a> {
    /// What follows the slash.
    name: &'a str,
    /// Who runs it.
    #[schema(value_type = PluginName)]
    by: &'a PluginName,
}

/// A component that was uploaded under an install.
#[derive(Debug, Serialize, ToSchema)]
struct Version<'a> {
    /// 1, 2, 3 … in its install.
    number: u32,
    /// SHA-256 of the component, in hex.
    digest: &'a str,
    /// When it was uploaded.
    created_at: Millis,
}

/// What was counted for a hook.
#[derive(Debug, Serialize, ToSchema)]
struct Counters {
    /// Which hook.
    hook: &'static str,
    /// Calls that reached the guest.
    calls: u64,
    /// Calls that gave no answer, by the name of the reason.
    failures: BTreeMap<&'static str, u64>,
    /// Answers that refused something.
    refused: u64,
    /// Calls left out because the hook was suspended.
    suspended: u64,
    /// The time of all calls together, in microseconds.
    total_us: u64,
    /// Half of the calls took no longer, in microseconds, to a power of two.
    p50_us: u64,
    /// 99 of 100 calls took no longer, in microseconds, to a power of two.
    p99_us: u64,
}

impl<'a> From<&'a InstallView> for Install<'a> {
    fn from(view: &'a InstallView) -> Self {
        let install = &view.install;
        let (state, reason, until) = words(&view.state);
        Self {
            name: &install.name,
            state,
            reason,
            until,
            enabled: install.enabled,
            current: (&install.current).into(),
            previous: install.previous.as_ref().map(Version::from),
            grants: install.grants.iter().copied().map(Capability::as_str).collect(),
            http_hosts: install.http_hosts.iter().map(HttpHost::as_str).collect(),
            config: &view.config,
            priority: install.priority,
            reuse: install.reuse,
            component: view.inspection.as_deref().map(|found| Inspection::of(found, None)),
            counters: view.counters.iter().map(Counters::from).collect(),
            quotas: view.quotas.iter().copied().collect(),
            log_dropped_bytes: view.log_dropped_bytes,
            activated_at: install.activated_at,
            auto_rollback: install.auto_rollback,
            canary: view.canary.as_ref().map(Canary::from),
            shadowed_commands: view
                .shadowed
                .iter()
                .map(|(name, by)| Shadowed {
                    name: name.as_str(),
                    by,
                })
                .collect(),
        }
    }
}

impl<'a> From<&'a CanaryView> for Canary<'a> {
    fn from(view: &'a CanaryView) -> Self {
        let model::Canary {
            version,
            percent,
            since,
        } = &view.canary;
        let (state, reason, until) = words(&view.state);
        let inspection = view.inspection.as_deref();
        Self {
            number: version.number,
            digest: &version.digest.0,
            created_at: version.created_at,
            version: inspection.map(|found| found.version.as_str()),
            percent: *percent,
            since: *since,
            state,
            reason,
            until,
            component: inspection.map(|found| Inspection::of(found, None)),
            counters: view.counters.iter().map(Counters::from).collect(),
        }
    }
}

/// A state, why, and until when.
const fn words(state: &InstallState) -> (&'static str, Option<&str>, Option<Millis>) {
    match state {
        InstallState::Active => ("active", None, None),
        InstallState::Disabled => ("disabled", None, None),
        InstallState::Suspended { until, reason } => ("suspended", Some(reason.as_str()), Some(*until)),
        InstallState::Broken(reason) => ("broken", Some(reason.as_str()), None),
    }
}

impl<'a> From<&'a model::Version> for Version<'a> {
    fn from(version: &'a model::Version) -> Self {
        Self {
            number: version.number,
            digest: &version.digest.0,
            created_at: version.created_at,
        }
    }
}

impl From<&HookCounts> for Counters {
    fn from(counts: &HookCounts) -> Self {
        Self {
            hook: counts.hook.as_str(),
            calls: counts.calls,
            failures: counts.failures.iter().copied().collect(),
            refused: counts.refused,
            suspended: counts.suspended,
            total_us: counts.total_us,
            p50_us: counts.p50_us,
            p99_us: counts.p99_us,
        }
    }
}

/// An app's installs, by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Installs<'a> {
    /// They.
    pub plugins: Vec<Install<'a>>,
}

/// A line of a plugin's log.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogLine<'a> {
    /// 1, 2, 3 … in its install, since the server started.
    id: u64,
    /// When.
    at: Millis,
    /// `trace`, `debug`, `info`, `warn` or `error`.
    level: &'static str,
    /// In which call.
    call: &'a str,
    /// What.
    text: &'a str,
}

/// Lines of a plugin's log, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogLines<'a> {
    /// They.
    pub lines: Vec<LogLine<'a>>,
}

impl<'a> From<&'a model::LogLine> for LogLine<'a> {
    fn from(line: &'a model::LogLine) -> Self {
        let level = match line.level {
            LogLevel::Trace => "trace",
            LogLevel::Debug => "debug",
            LogLevel::Info => "info",
            LogLevel::Warn => "warn",
            LogLevel::Error => "error",
        };
        Self {
            id: line.id,
            at: line.at,
            level,
            call: &line.call,
            text: &line.text,
        }
    }
}
