//! What was counted for installs, gathered for whoever shows it. The number of installs that are told apart is bounded;
//! the others are summed by app, and beyond that over all apps.

use std::collections::BTreeMap;

use super::PluginHost;
use super::counters::HookCounts;
use super::metrics::Series;
use super::plugin::Ledger;
use super::registry::Slot;
use crate::model::{AppId, InstallState, PluginName};

/// What was counted for an install, or for several together.
#[derive(Debug, Clone, Default)]
pub struct InstallFigures {
    /// Which app; none: several.
    pub app: Option<AppId>,
    /// Which install, or, for no app, which bundled dialect; none: several.
    pub plugin: Option<PluginName>,
    /// How many are called as usual, disabled, suspended and broken.
    pub states: [u64; STATES.len()],
    /// Hook by hook; only those that were called.
    pub hooks: Vec<HookCounts>,
    /// How often each quota was used up.
    pub quotas: Vec<(&'static str, u64)>,
    /// Requests to other servers, by outcome.
    pub http: Vec<(&'static str, u64)>,
    /// Bytes of log that were too much.
    pub log_dropped_bytes: u64,
    /// Figures of its own; none of several together.
    pub own: Vec<Series>,
}

/// The names of an install's states, in the order of [`InstallFigures::states`].
pub const STATES: [&str; 4] = ["active", "disabled", "suspended", "broken"];

impl PluginHost {
    /// What was counted for every install: the first `apart` of them by app and name each for itself, and as many apps
    /// for the others.
    #[must_use]
    pub fn figures(&self, apart: usize) -> Vec<InstallFigures> {
        let mut slots: Vec<Slot> = self
            .registry()
            .shelves()
            .iter()
            .flat_map(|shelf| shelf.slots())
            .collect();
        slots.sort_unstable_by(|a, b| place(a).cmp(&place(b)));
        let rest = slots.split_off(apart.min(slots.len()));
        let mut found: Vec<InstallFigures> = slots.iter().map(InstallFigures::of).collect();
        let mut sums: BTreeMap<Option<AppId>, InstallFigures> = BTreeMap::new();
        for slot in &rest {
            let app = Some(slot.install().app);
            let key = app.filter(|_| sums.len() < apart || sums.contains_key(&app));
            sums.entry(key).or_default().add(InstallFigures::of(slot), key);
        }
        found.extend(sums.into_values());
        found
    }
}

fn place(slot: &Slot) -> (AppId, &PluginName) {
    (slot.install().app, &slot.install().name)
}

impl InstallFigures {
    fn of(slot: &Slot) -> Self {
        let state = match slot {
            Slot::Loaded(plugin) => plugin.state(),
            Slot::Broken { .. } => InstallState::Broken(String::new()),
        };
        let mut states = [0; STATES.len()];
        states[match state {
            InstallState::Active => 0,
            InstallState::Disabled => 1,
            InstallState::Suspended { .. } => 2,
            InstallState::Broken(_) => 3,
        }] = 1;
        let install = slot.install();
        Self {
            app: Some(install.app),
            states,
            ..Self::written(install.name.clone(), slot.ledger())
        }
    }

    /// What is written in a ledger: of an install, or of a bundled dialect that answers for no app.
    pub fn written(plugin: PluginName, ledger: &Ledger) -> Self {
        let hooks = ledger.counters.read_all().into_iter();
        Self {
            plugin: Some(plugin),
            hooks: hooks
                .filter(|hook| hook.calls > 0 || hook.suspended > 0 || !hook.failures.is_empty())
                .collect(),
            quotas: ledger.quotas.hits(),
            http: ledger.http.read().into_iter().filter(|(_, count)| *count > 0).collect(),
            log_dropped_bytes: ledger.log.dropped_bytes(),
            own: ledger.metrics.read(),
            ..Self::default()
        }
    }

    fn add(&mut self, other: Self, app: Option<AppId>) {
        self.app = app;
        for (sum, more) in self.states.iter_mut().zip(other.states) {
            *sum += more;
        }
        for counts in other.hooks {
            match self.hooks.iter_mut().find(|own| own.hook == counts.hook) {
                Some(own) => own.add(&counts),
                None => self.hooks.push(counts),
            }
        }
        add_named(&mut self.quotas, other.quotas);
        add_named(&mut self.http, other.http);
        self.log_dropped_bytes += other.log_dropped_bytes;
    }
}

/// Adds counts by name.
pub fn add_named(sums: &mut Vec<(&'static str, u64)>, more: Vec<(&'static str, u64)>) {
    for (name, count) in more {
        match sums.iter_mut().find(|(own, _)| *own == name) {
            Some((_, sum)) => *sum += count,
            None => sums.push((name, count)),
        }
    }
}
