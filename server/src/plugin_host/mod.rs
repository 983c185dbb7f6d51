//! Plugins: the only part of the server that runs a tenant's code, and the only one that knows how. A component is
//! compiled in a process of its own, admitted once, and then called inside bounds of CPU time, wall time, memory,
//! output and host calls; what it does wrong is counted and harms its own app only.
//!
//! Reading order: `PluginHost` (what is installed) here and in `lifecycle` (how that changes), `Chain` (what is called) and
//! `split` (in which version); then `plugin` (one call), and one file per hook and per capability.

mod action;
mod admission;
mod artifact;
mod attempt;
mod attempts;
mod bindings;
mod blueprint;
mod breaker;
mod capability;
mod chain;
mod command;
mod compile;
mod convert;
mod counters;
mod court;
mod description;
mod desk;
mod dialect;
mod endpoint;
mod engine;
mod export;
mod failure;
mod figures;
mod format;
mod held;
mod hidden;
mod host;
mod installing;
mod instance;
mod jwt;
mod leftovers;
mod lifecycle;
mod log;
mod machine;
mod message_type;
mod metrics;
mod mounts;
mod observer;
mod occurrence;
mod opened;
mod outgoing;
mod parking;
mod plugin;
mod policy;
mod probe;
mod quota;
mod refusals;
mod registry;
mod request;
mod schema;
mod sealed;
mod seats;
mod settings;
mod signing;
mod speaker;
mod split;
mod steps;
mod stopwatch;
mod tenants;
mod timer;
mod trace;
mod turns;
mod vault;
mod visit;
mod waits;
mod writes;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use futures_util::{StreamExt, stream};

pub use action::{Acted, Action};
use artifact::Artifacts;
pub use attempt::{Attempt, Doer};
pub use attempts::{AttemptKind, Attempts};
pub use blueprint::{Inspection, Interest, PolicyRule};
pub use chain::{Chain, Readiness};
pub use command::{Commands, Typed, Typist};
pub use compile::worker_main;
pub use counters::HookCounts;
pub use description::Description;
pub use desk::Binder;
pub use dialect::{
    Address, Answer, Arrival, CloseReason, Connection, Content, Dialect, Encoded, FaultKind, Multipart, Param,
    Reaction, Receivers, Request, Response, Standing, Upload,
};
pub use endpoint::{Endpoint, EndpointFault, EndpointRequest, EndpointResponse, Visitor};
pub use failure::Failure;
pub use figures::{InstallFigures, STATES as INSTALL_STATES};
use leftovers::Leftovers;
pub use machine::FrontDoor;
use machine::{InstallShelf, KvShelf, Machine};
pub use metrics::{BOUNDS as FIGURE_BOUNDS, Figure, Histogram, Series};
pub use mounts::{Found, Mounted, Mounts};
pub use observer::{News, ObserveError};
pub use occurrence::Scene;
pub use plugin::Missed;
use plugin::{Ledger, Plugin};
pub use probe::CONTRACT;
use registry::{Registry, Slot, new_ledger};
pub use request::{CanaryView, InstallPatch, InstallRequest, InstallView};
pub use settings::{BreakerSettings, HttpSettings, Settings};
pub use speaker::Speaker;
pub use split::Share;
pub use trace::{Effect, TracedCall};
pub use vault::{Denial, Vault};
pub use visit::Visit;

use crate::model::{
    AppId, CallId, Clock, ConversationId, Install, LogLine, Millis, PluginName, Random, Refusal, Version,
};
use crate::outbound::Fetch;
use crate::storage::{Bell, InstallKey, Storage};

/// How many installs are loaded at the same time when the server starts.
const LOADING: usize = 8;

/// Every app's plugins on this node.
pub struct PluginHost {
    machine: Arc<Machine>,
    artifacts: Artifacts,
    leftovers: Leftovers,
    registry: Registry,
    changes: Bell<InstallKey>,
}

impl PluginHost {
    /// Starts the engine and loads every install. One that cannot be loaded is reported as broken and stops nobody.
    ///
    /// # Errors
    /// If the engine cannot start, the artifacts' folder cannot be made, or the installs cannot be read.
    pub async fn start(
        settings: Settings,
        storage: Arc<dyn Storage>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        client: Arc<dyn Fetch>,
    ) -> anyhow::Result<Arc<Self>> {
        Self::start_on(settings, storage.clone(), storage, clock, random, client).await
    }

    async fn start_on(
        settings: Settings,
        installs: InstallShelf,
        kv: KvShelf,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        client: Arc<dyn Fetch>,
    ) -> anyhow::Result<Arc<Self>> {
        let machine = Arc::new(Machine::start(settings, installs, kv, clock, random, client)?);
        let host = Arc::new(Self {
            artifacts: Artifacts::new(machine.settings.artifacts.clone(), &machine.engine)?,
            leftovers: Leftovers::default(),
            registry: Registry::default(),
            changes: Bell::default(),
            machine,
        });
        let found = host.machine.installs.installs().await?;
        let slots: Vec<Slot> = stream::iter(found)
            .map(|install| {
                let host = host.clone();
                // A task each, so that they load on all cores.
                async move { tokio::spawn(async move { host.load(install).await }).await }
            })
            .buffered(LOADING)
            .filter_map(|slot| {
                let slot = slot.inspect_err(|error| tracing::error!(%error, "loading a plugin broke down"));
                std::future::ready(slot.ok())
            })
            .collect()
            .await;
        for app in slots.chunk_by(|a, b| a.install().app == b.install().app) {
            host.registry.shelf(app[0].install().app).fill(app.to_vec());
        }
        Ok(host)
    }

    async fn load(&self, install: Install) -> Slot {
        let ledger = new_ledger(&self.machine);
        match self.granted(&install, &install.current).await {
            Ok(blueprint) => {
                let canary = self.load_canary(&install, &ledger).await;
                let plugin = Plugin::new(install, blueprint, ledger, self.machine.clone());
                Slot::Loaded(Arc::new(plugin.with_canary(canary)))
            }
            Err(refusal) => {
                tracing::warn!(app = %install.app, plugin = %install.name, reason = %refusal, "a plugin is broken");
                Slot::Broken {
                    install: Box::new(install),
                    reason: refusal.to_string(),
                    ledger,
                }
            }
        }
    }

    /// One that cannot be loaded is told, and everybody meets the current version.
    async fn load_canary(&self, install: &Install, stable: &Ledger) -> Option<Arc<Plugin>> {
        let canary = install.canary.as_ref()?;
        match self.granted(install, &canary.version).await {
            Ok(blueprint) => {
                let ledger = Arc::new(stable.afresh());
                let machine = self.machine.clone();
                Some(Plugin::of_canary(install, canary, blueprint, ledger, machine))
            }
            Err(refusal) => {
                tracing::warn!(app = %install.app, plugin = %install.name, reason = %refusal, "a canary is broken");
                None
            }
        }
    }

    /// A version's component, if it may do what it wants.
    async fn granted(&self, install: &Install, version: &Version) -> Result<Arc<blueprint::Blueprint>, Refusal> {
        let blueprint = self.blueprint_of(version).await?;
        capability::check_grants(&blueprint.inspection.capabilities, &install.grants)?;
        Ok(blueprint)
    }

    /// Lets plugins through to the rules. Called once, by `node`.
    pub fn open_door(&self, door: Arc<dyn FrontDoor>) {
        self.machine.set_door(Some(door));
    }

    /// Rings when an install was changed: work that has waited for it may go on.
    #[must_use]
    pub const fn changes(&self) -> &Bell<InstallKey> {
        &self.changes
    }

    /// An app's plugins as of now, in their current versions: for what belongs to no conversation and to nobody. Never
    /// waits for a change.
    #[must_use]
    pub fn chain(&self, app: AppId) -> Arc<Chain> {
        self.registry.chain(app)
    }

    /// The same in the versions that a share meets: what happens in a conversation, or for a user or a connection where
    /// there is none.
    #[must_use]
    pub fn chain_for(&self, app: AppId, share: Share<'_>) -> Arc<Chain> {
        self.registry.chain_for(app, share)
    }

    /// The same in a conversation.
    #[must_use]
    pub fn chain_in(&self, app: AppId, conversation: ConversationId) -> Arc<Chain> {
        self.chain_for(app, Share::Conversation(conversation))
    }

    /// Compiles and admits a component without installing it.
    ///
    /// # Errors
    /// `PluginRejected` or `TooLarge`, with the reason.
    pub async fn inspect(&self, component: Vec<u8>) -> Result<Inspection, Refusal> {
        let inspected = self.admit(&component).await.map(|found| (*found.inspection).clone());
        self.sweep().await;
        inspected
    }

    /// A component's pure functions as a dialect, for no app; none if it speaks no dialect.
    ///
    /// # Errors
    /// `PluginRejected` or `TooLarge`, with the reason.
    pub async fn speaker(&self, component: &[u8]) -> Result<Option<Arc<Speaker>>, Refusal> {
        let blueprint = self.admit(component).await?;
        Ok(Speaker::shared(blueprint, self.machine.clone()).map(Arc::new))
    }

    async fn admit(&self, component: &[u8]) -> Result<Arc<blueprint::Blueprint>, Refusal> {
        let limit = self.machine.settings.component_bytes;
        if component.len() > limit {
            let text = format!(
                "a component must have at most {limit} bytes, this one has {}",
                component.len()
            );
            return Err(Refusal::too_large("component_bytes", text));
        }
        let digest = artifact::digest(component);
        // Until it is installed, nobody has it.
        self.may_go(digest.clone());
        self.artifacts.blueprint(&self.machine, &digest, Some(component)).await
    }

    /// An app's installs, by name.
    #[must_use]
    pub fn installs(&self, app: AppId) -> Vec<InstallView> {
        let slots = self.registry.known(app).map(|shelf| shelf.slots()).unwrap_or_default();
        let chain = self.chain(app);
        slots.iter().map(|slot| InstallView::of(slot, &chain)).collect()
    }

    /// One install.
    #[must_use]
    pub fn install_view(&self, app: AppId, name: &PluginName) -> Option<InstallView> {
        let slot = self.registry.known(app)?.slot(name)?;
        Some(InstallView::of(&slot, &self.chain(app)))
    }

    /// Lines of an install's log with an id above `after`, oldest first; none if there is no such install.
    #[must_use]
    pub fn logs(&self, app: AppId, name: &PluginName, after: u64, limit: usize) -> Option<Vec<LogLine>> {
        let slot = self.registry.known(app)?.slot(name)?;
        Some(slot.ledger().log.read(after, limit))
    }

    /// Calls of an install that were written down, with an id above `after`, the newest `limit` of them, oldest first;
    /// and until when calls are written down. A look keeps it on for ten minutes. None if there is no such install.
    #[must_use]
    pub fn trace(&self, app: AppId, name: &PluginName, after: u64, limit: usize) -> Option<(Millis, Vec<TracedCall>)> {
        let slot = self.registry.known(app)?.slot(name)?;
        let (trace, now) = (&slot.ledger().trace, self.machine.clock.now());
        let calls = trace.look(after, limit, now);
        Some((trace.until(now).unwrap_or(now), calls))
    }

    /// Writes an install's calls down until then, or (`None`) stops and forgets them. False if there is no such install.
    pub fn keep_trace(&self, app: AppId, name: &PluginName, until: Option<Millis>) -> bool {
        let Some(slot) = self.registry.known(app).and_then(|shelf| shelf.slot(name)) else {
            return false;
        };
        match until {
            Some(until) => slot.ledger().trace.keep_on(until),
            None => slot.ledger().trace.stop(),
        }
        true
    }

    /// Lets no call wait for another server any more: the server is going away, and work that waits is done again.
    pub fn hurry(&self) {
        self.machine.leaving.cancel();
    }

    /// Waits for the calls that run, as long as a call may take, and lets no more begin.
    pub async fn stop(&self) {
        for slot in self.registry.shelves().iter().flat_map(|shelf| shelf.slots()) {
            if let Slot::Loaded(plugin) = slot {
                plugin.drain();
            }
        }
        let all = self.machine.seats.acquire_many(self.machine.settings.instances);
        if tokio::time::timeout(self.machine.wall(), all).await.is_err() {
            tracing::warn!("plugin calls were cut off by the server's stop");
        }
        self.machine.seats.close();
        self.machine.set_door(None);
    }

    fn view_after(&self, app: AppId, name: &PluginName) -> Result<InstallView, Refusal> {
        self.install_view(app, name).ok_or_else(|| Refusal::not_found("plugin"))
    }

    /// A name for a call that is never done again.
    #[must_use]
    pub fn fresh_call_id(&self) -> CallId {
        self.machine.fresh_call_id()
    }

    const fn machine(&self) -> &Arc<Machine> {
        &self.machine
    }

    const fn artifacts(&self) -> &Artifacts {
        &self.artifacts
    }

    const fn leftovers(&self) -> &Leftovers {
        &self.leftovers
    }

    const fn registry(&self) -> &Registry {
        &self.registry
    }
}
