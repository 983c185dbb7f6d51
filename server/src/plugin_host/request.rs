//! What the tenant asks of an install, and what it sees of it.

use std::sync::Arc;

use super::blueprint::Inspection;
use super::chain::Chain;
use super::counters::HookCounts;
use super::hidden;
use super::registry::Slot;
use crate::model::{Body, Canary, Capability, HttpHost, Install, InstallState, PluginName, SlashName};

/// A component to be installed, or to replace the one that is.
#[derive(Debug, Clone)]
pub struct InstallRequest {
    /// Under which name.
    pub name: PluginName,
    /// The component.
    pub component: Vec<u8>,
    /// Its settings. What is absent is as before, or as an install begins: nothing granted, `{}`, called, an instance for
    /// each call. With `canary_percent` it runs beside the version that is there, for so many of a hundred conversations.
    pub settings: InstallPatch,
}

/// What to change of an install; `None` leaves a setting as it is.
#[derive(Debug, Clone, Default)]
pub struct InstallPatch {
    /// Its configuration, replacing the old.
    pub config: Option<Body>,
    /// What it may import, replacing the old.
    pub grants: Option<Vec<Capability>>,
    /// The hosts it may ask, replacing the old.
    pub http_hosts: Option<Vec<HttpHost>>,
    /// Its place among the app's policies.
    pub priority: Option<i32>,
    /// How many calls an instance may serve, 1 to 512.
    pub reuse: Option<u32>,
    /// Whether it is called.
    pub enabled: Option<bool>,
    /// How many of a hundred conversations meet the canary.
    pub canary_percent: Option<u8>,
    /// Whether a new version that fails is rolled back without being asked.
    pub auto_rollback: Option<bool>,
}

/// An install as its tenant sees it.
#[derive(Debug, Clone)]
pub struct InstallView {
    /// What is installed.
    pub install: Install,
    /// Its configuration, without what nobody is shown.
    pub config: Body,
    /// Whether its calls reach the guest.
    pub state: InstallState,
    /// What its component is; none if it is broken.
    pub inspection: Option<Arc<Inspection>>,
    /// What was counted since the server started, hook by hook.
    pub counters: Vec<HookCounts>,
    /// How often a quota was used up, by its name; only those that were.
    pub quotas: Vec<(&'static str, u64)>,
    /// How many bytes of its log were too much for their call or their minute.
    pub log_dropped_bytes: u64,
    /// Its commands that another install runs, which comes before it, and that one's name.
    pub shadowed: Vec<(SlashName, PluginName)>,
    /// The version that runs beside it.
    pub canary: Option<CanaryView>,
}

/// A canary as its tenant sees it.
#[derive(Debug, Clone)]
pub struct CanaryView {
    /// Which version it is, and for whom.
    pub canary: Canary,
    /// Whether its calls reach the guest.
    pub state: InstallState,
    /// What its component is; none if it is broken.
    pub inspection: Option<Arc<Inspection>>,
    /// What was counted of it, hook by hook.
    pub counters: Vec<HookCounts>,
}

impl CanaryView {
    fn of(slot: &Slot) -> Option<Self> {
        let canary = slot.install().canary.clone()?;
        let running = match slot {
            Slot::Loaded(plugin) => plugin.canary.as_ref(),
            Slot::Broken { .. } => None,
        };
        Some(match running {
            Some(running) => Self {
                canary,
                state: running.state(),
                inspection: Some(running.blueprint.inspection.clone()),
                counters: running.ledger.counters.read(),
            },
            None => Self {
                canary,
                state: InstallState::Broken("it could not be loaded: everybody meets the current version".to_owned()),
                inspection: None,
                counters: Vec::new(),
            },
        })
    }
}

impl InstallView {
    pub(super) fn of(slot: &Slot, chain: &Chain) -> Self {
        let ledger = slot.ledger();
        let (state, inspection) = match slot {
            Slot::Loaded(plugin) => (plugin.state(), Some(plugin.blueprint.inspection.clone())),
            Slot::Broken { reason, .. } => (InstallState::Broken(reason.clone()), None),
        };
        let shadowed = match slot {
            Slot::Loaded(plugin) if plugin.install.enabled => {
                let shadowed = chain.commands().shadowed(plugin);
                shadowed.map(|(name, owner)| (name.clone(), owner.clone())).collect()
            }
            _ => Vec::new(),
        };
        Self {
            config: hidden::hide(
                &slot.install().config,
                inspection.as_ref().and_then(|found| found.config_schema.as_ref()),
            ),
            install: slot.install().clone(),
            state,
            inspection,
            counters: ledger.counters.read(),
            quotas: ledger.quotas.hits(),
            log_dropped_bytes: ledger.log.dropped_bytes(),
            canary: CanaryView::of(slot),
            shadowed,
        }
    }
}
