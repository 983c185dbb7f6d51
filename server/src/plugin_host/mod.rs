//! Plugins: the only part of the server that runs a tenant's code, and the only one that knows how. A component is
//! compiled in a process of its own, admitted once, and then called inside bounds of CPU time, wall time, memory,
//! output and host calls; what it does wrong is counted and harms its own app only.
//!
//! Reading order: `PluginHost` (what is installed) and `Chain` (what is called) here; then `plugin` (one call), and one
//! file per hook and per capability.

mod action;
mod admission;
mod artifact;
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
mod failure;
mod figures;
mod format;
mod held;
mod host;
mod installing;
mod instance;
mod jwt;
mod log;
mod machine;
mod message_type;
mod metrics;
mod mounts;
mod observer;
mod occurrence;
mod opened;
mod outgoing;
mod plugin;
mod policy;
mod probe;
mod quota;
mod refusals;
mod registry;
mod request;
mod schema;
mod sealed;
mod settings;
mod signing;
mod speaker;
mod timer;
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
pub use machine::FrontDoor;
use machine::{InstallShelf, KvShelf, Machine};
pub use metrics::{BOUNDS as FIGURE_BOUNDS, Figure, Histogram, Series};
pub use mounts::{Found, Mounted, Mounts};
pub use observer::ObserveError;
use plugin::Plugin;
use registry::{Registry, Slot, new_ledger};
pub use request::{InstallPatch, InstallRequest, InstallView};
pub use settings::{BreakerSettings, HttpSettings, QuotaSettings, Settings};
pub use speaker::Speaker;
pub use vault::{Denial, Vault};
pub use visit::Visit;

use crate::model::{AppId, Clock, Install, LogLine, PluginName, Random, Refusal};
use crate::storage::{Bell, InstallKey, Storage};

/// How many installs are loaded at the same time when the server starts.
const LOADING: usize = 8;

/// Every app's plugins on this node.
pub struct PluginHost {
    machine: Arc<Machine>,
    artifacts: Artifacts,
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
    ) -> anyhow::Result<Arc<Self>> {
        Self::start_on(settings, storage.clone(), storage, clock, random).await
    }

    async fn start_on(
        settings: Settings,
        installs: InstallShelf,
        kv: KvShelf,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> anyhow::Result<Arc<Self>> {
        let machine = Arc::new(Machine::start(settings, installs, kv, clock, random)?);
        let host = Arc::new(Self {
            artifacts: Artifacts::new(machine.settings.artifacts.clone(), &machine.engine)?,
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
        let loaded = self.blueprint_of(&install).await.and_then(|blueprint| {
            capability::check_grants(&blueprint.inspection.capabilities, &install.grants)?;
            Ok(blueprint)
        });
        match loaded {
            Ok(blueprint) => Slot::Loaded(Arc::new(Plugin::new(install, blueprint, ledger, self.machine.clone()))),
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

    /// Lets plugins through to the rules. Called once, by `node`.
    pub fn open_door(&self, door: Arc<dyn FrontDoor>) {
        self.machine.set_door(Some(door));
    }

    /// Rings when an install was changed: work that has waited for it may go on.
    #[must_use]
    pub const fn changes(&self) -> &Bell<InstallKey> {
        &self.changes
    }

    /// An app's plugins as of now. Never waits for a change.
    #[must_use]
    pub fn chain(&self, app: AppId) -> Arc<Chain> {
        self.registry.chain(app)
    }

    /// Compiles and admits a component without installing it.
    ///
    /// # Errors
    /// `PluginRejected` or `TooLarge`, with the reason.
    pub async fn inspect(&self, component: Vec<u8>) -> Result<Inspection, Refusal> {
        Ok((*self.admit(&component).await?.inspection).clone())
    }

    /// A component's pure functions as a dialect, for no app; none if it speaks no dialect.
    ///
    /// # Errors
    /// `PluginRejected` or `TooLarge`, with the reason.
    pub async fn speaker(&self, component: &[u8]) -> Result<Option<Arc<Speaker>>, Refusal> {
        let blueprint = self.admit(component).await?;
        let log = self.machine.new_log();
        Ok(Speaker::new(blueprint, self.machine.clone(), log).map(Arc::new))
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
        self.artifacts.blueprint(&self.machine, &digest, Some(component)).await
    }

    /// Installs a component, or replaces the one that runs under the name. On refusal what runs goes on.
    ///
    /// # Errors
    /// `PluginRejected`, `TooLarge` or `BadField`, with the reason.
    pub async fn install(&self, app: AppId, mut request: InstallRequest) -> Result<InstallView, Refusal> {
        let component = std::mem::take(&mut request.component);
        let blueprint = self.admit(&component).await?;
        let shelf = self.registry.shelf(app);
        let _changing = shelf.changing.lock().await;
        let name = request.name.clone();
        let old = shelf.slot(&name).map(|slot| slot.install().clone());
        let digest = blueprint.inspection.digest.clone();
        let install = self.requested(app, old.as_ref(), digest, request);
        self.put(&shelf, install, blueprint, Some(component)).await?;
        self.view_after(app, &name)
    }

    /// Changes an install's settings.
    ///
    /// # Errors
    /// `NotFound`, or what does not fit.
    pub async fn configure(&self, app: AppId, name: &PluginName, patch: InstallPatch) -> Result<InstallView, Refusal> {
        self.replace(app, name, |install| Ok(installing::patched(install, patch)))
            .await
    }

    /// Goes back to the version before; the one that ran becomes the one before.
    ///
    /// # Errors
    /// `NotFound`, `Conflict` if there is none, or what does not fit it any more.
    pub async fn rollback(&self, app: AppId, name: &PluginName) -> Result<InstallView, Refusal> {
        self.replace(app, name, installing::rolled_back).await
    }

    async fn replace(
        &self,
        app: AppId,
        name: &PluginName,
        change: impl FnOnce(Install) -> Result<Install, Refusal>,
    ) -> Result<InstallView, Refusal> {
        let (shelf, _) = self.present(app, name)?;
        let _changing = shelf.changing.lock().await;
        let (_, install) = self.present(app, name)?;
        let install = change(install)?;
        let blueprint = self.blueprint_of(&install).await?;
        self.put(&shelf, install, blueprint, None).await?;
        self.view_after(app, name)
    }

    /// Removes an install and, unless `keep_data`, all it has stored.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn remove(&self, app: AppId, name: &PluginName, keep_data: bool) -> Result<(), Refusal> {
        let (shelf, _) = self.present(app, name)?;
        let _changing = shelf.changing.lock().await;
        let removed = self
            .machine
            .installs
            .remove_install(app, name, keep_data)
            .await
            .map_err(refusals::storage)?;
        shelf.take(name);
        if removed {
            Ok(())
        } else {
            Err(Refusal::not_found("plugin"))
        }
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

    const fn machine(&self) -> &Arc<Machine> {
        &self.machine
    }

    const fn artifacts(&self) -> &Artifacts {
        &self.artifacts
    }

    const fn registry(&self) -> &Registry {
        &self.registry
    }
}
