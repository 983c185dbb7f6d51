//! Which app has which plugins, and how that changes. Changes of an app follow one another; readers never wait for
//! them, and a call keeps what it began with.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use dashmap::DashMap;
use parking_lot::RwLock;
use tokio::sync::Semaphore;

use super::chain::Chain;
use super::counters;
use super::machine::Machine;
use super::plugin::{Ledger, Plugin};
use super::split::{Chains, Share};
use crate::model::{AppId, Install, PluginName};

/// Apps that have, or have had, a plugin.
#[derive(Default)]
pub struct Registry {
    apps: DashMap<AppId, Arc<Shelf>, rustc_hash::FxBuildHasher>,
    none: Arc<Chain>,
}

/// The installs of an app.
#[derive(Default)]
pub struct Shelf {
    chains: ArcSwap<Chains>,
    slots: RwLock<BTreeMap<PluginName, Slot>>,
    /// Held while an install of the app changes.
    pub changing: tokio::sync::Mutex<()>,
}

/// An install, as far as it could be loaded.
#[derive(Clone)]
pub enum Slot {
    /// It runs.
    Loaded(Arc<Plugin>),
    /// It could not be loaded.
    Broken {
        /// What it is.
        install: Box<Install>,
        /// Why not.
        reason: String,
        /// Its log and counters.
        ledger: Arc<Ledger>,
    },
}

impl Slot {
    /// What is installed.
    #[must_use]
    pub fn install(&self) -> &Install {
        match self {
            Self::Loaded(plugin) => &plugin.install,
            Self::Broken { install, .. } => install,
        }
    }

    /// Its log and counters.
    #[must_use]
    pub fn ledger(&self) -> &Arc<Ledger> {
        match self {
            Self::Loaded(plugin) => &plugin.ledger,
            Self::Broken { ledger, .. } => ledger,
        }
    }
}

impl Registry {
    /// An app's chain as of now.
    pub fn chain(&self, app: AppId) -> Arc<Chain> {
        self.apps
            .get(&app)
            .map_or_else(|| self.none.clone(), |shelf| shelf.chains.load().stable().clone())
    }

    /// The same as a share meets it.
    pub fn chain_for(&self, app: AppId, share: Share<'_>) -> Arc<Chain> {
        self.apps
            .get(&app)
            .map_or_else(|| self.none.clone(), |shelf| shelf.chains.load().of(share))
    }

    /// An app's installs, if it ever had any.
    pub fn known(&self, app: AppId) -> Option<Arc<Shelf>> {
        self.apps.get(&app).map(|shelf| shelf.clone())
    }

    /// An app's installs, for changing them.
    pub fn shelf(&self, app: AppId) -> Arc<Shelf> {
        self.apps.entry(app).or_default().clone()
    }

    /// Every app's installs.
    pub fn shelves(&self) -> Vec<Arc<Shelf>> {
        self.apps.iter().map(|entry| entry.value().clone()).collect()
    }
}

impl Shelf {
    /// One install.
    pub fn slot(&self, name: &PluginName) -> Option<Slot> {
        self.slots.read().get(name).cloned()
    }

    /// All of them, by name.
    pub fn slots(&self) -> Vec<Slot> {
        self.slots.read().values().cloned().collect()
    }

    /// Puts an install in place; from now on new calls find it.
    pub fn put(&self, slot: Slot) {
        self.change(|slots| slots.insert(slot.install().name.clone(), slot));
    }

    /// Takes an install away.
    pub fn take(&self, name: &PluginName) {
        self.change(|slots| slots.remove(name));
    }

    /// Puts many in place at once: the way a server starts.
    pub fn fill(&self, found: Vec<Slot>) {
        self.change(|slots| {
            slots.extend(found.into_iter().map(|slot| (slot.install().name.clone(), slot)));
            None
        });
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<PluginName, Slot>) -> Option<Slot>) {
        let mut slots = self.slots.write();
        let old = change(&mut slots);
        let mut plugins = Vec::with_capacity(slots.len());
        let mut broken = rustc_hash::FxHashMap::default();
        for slot in slots.values() {
            match slot {
                Slot::Loaded(plugin) => plugins.push(plugin.clone()),
                Slot::Broken { install, reason, .. } => {
                    broken.insert(install.name.clone(), reason.clone());
                }
            }
        }
        self.chains.store(Arc::new(Chains::new(plugins, broken)));
        drop(slots);
        if let Some(Slot::Loaded(plugin)) = old {
            plugin.drain();
        }
    }

    /// The log and counters of an install: those it has, or new ones.
    pub fn ledger(&self, name: &PluginName, machine: &Machine) -> Arc<Ledger> {
        self.slot(name)
            .map_or_else(|| new_ledger(machine), |slot| slot.ledger().clone())
    }

    /// The ledger of an install whose canary runs for everybody now: what was counted of it goes on.
    pub fn promoted_ledger(&self, name: &PluginName, machine: &Machine) -> Arc<Ledger> {
        let stable = self.ledger(name, machine);
        let canary = self.canary(name).map(|canary| canary.ledger.clone());
        canary.unwrap_or_else(|| Arc::new(stable.afresh()))
    }

    /// The canary of an install, if one runs.
    fn canary(&self, name: &PluginName) -> Option<Arc<Plugin>> {
        match self.slot(name) {
            Some(Slot::Loaded(plugin)) => plugin.canary.clone(),
            _ => None,
        }
    }

    /// The ledger of an install's canary: the one it has while it is the same, or one with new counters.
    pub fn canary_ledger(&self, install: &Install, stable: &Ledger) -> Option<Arc<Ledger>> {
        let wanted = install.canary.as_ref()?;
        let known = self
            .canary(&install.name)
            .filter(|canary| canary.install.current.digest == wanted.version.digest);
        Some(known.map_or_else(|| Arc::new(stable.afresh()), |canary| canary.ledger.clone()))
    }
}

/// An empty log and counters at zero.
pub fn new_ledger(machine: &Machine) -> Arc<Ledger> {
    Arc::new(Ledger {
        log: machine.new_log(),
        counters: counters::Counters::default(),
        trace: Arc::default(),
        quotas: Arc::default(),
        metrics: Arc::default(),
        http: Arc::default(),
        asking: Arc::new(Semaphore::new(machine.settings.http.per_install)),
    })
}
