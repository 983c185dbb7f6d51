//! Changing what is installed: everything is checked before anything is written, and written before it is called. If
//! any of it is refused, what runs goes on.

use std::sync::Arc;

use super::blueprint::Blueprint;
use super::capability::check_grants;
use super::chain::Chain;
use super::plugin::Plugin;
use super::registry::{Shelf, Slot};
use super::{InstallPatch, InstallRequest, PluginHost, refusals};
use crate::model::{AppId, Body, Code, Digest, HttpHost, Install, LogLevel, PluginName, Refusal, Version};

/// The largest configuration.
const CONFIG_BYTES: usize = 64 << 10;
/// How many calls an instance may serve at most.
const REUSE: u32 = 512;

impl PluginHost {
    /// The install a request asks for, on top of the one that is there.
    pub(super) fn requested(
        &self,
        app: AppId,
        old: Option<&Install>,
        digest: Digest,
        request: InstallRequest,
    ) -> Install {
        // After going back the version before is the newer one.
        let numbers = old
            .iter()
            .flat_map(|old| [Some(&old.current), old.previous.as_ref()])
            .flatten();
        let number = numbers.map(|version| version.number).max().unwrap_or(0) + 1;
        let version = Version {
            number,
            digest,
            created_at: self.machine().clock.now(),
        };
        let Some(old) = old else {
            return Install {
                app,
                name: request.name,
                current: version,
                previous: None,
                grants: request.grants.unwrap_or_default(),
                http_hosts: request.http_hosts.unwrap_or_default(),
                config: request.config.unwrap_or_else(Body::empty),
                priority: request.priority,
                reuse: request.reuse.unwrap_or(1),
                enabled: request.enabled.unwrap_or(true),
                revision: 0,
            };
        };
        let mut install = old.clone();
        if old.current.digest != version.digest {
            install.previous = Some(std::mem::replace(&mut install.current, version));
        }
        if let Some(grants) = request.grants {
            install.grants = grants;
        }
        if let Some(hosts) = request.http_hosts {
            install.http_hosts = hosts;
        }
        if let Some(config) = request.config {
            install.config = config;
        }
        install.priority = request.priority.or(install.priority);
        install.reuse = request.reuse.unwrap_or(install.reuse);
        install.enabled = request.enabled.unwrap_or(install.enabled);
        install
    }

    /// Checks an install with its component, writes it (and the component if it is new), and from then on calls it.
    pub(super) async fn put(
        &self,
        shelf: &Shelf,
        mut install: Install,
        blueprint: Arc<Blueprint>,
        component: Option<Vec<u8>>,
    ) -> Result<(), Refusal> {
        install.grants.sort_unstable();
        install.grants.dedup();
        install.http_hosts.sort_unstable();
        install.http_hosts.dedup();
        check(&install, &blueprint, &self.chain(install.app))?;
        if let Some(bytes) = component {
            let kept = self
                .machine()
                .installs
                .put_component(&install.current.digest, bytes)
                .await;
            kept.map_err(refusals::storage)?;
        }
        let install = self
            .machine()
            .installs
            .save_install(install)
            .await
            .map_err(refusals::storage)?;
        let ledger = shelf.ledger(&install.name, self.machine());
        let plugin = Arc::new(Plugin::new(install, blueprint, ledger, self.machine().clone()));
        let key = plugin.key();
        shelf.put(Slot::Loaded(plugin.clone()));
        self.tell_of_commands(&plugin);
        self.changes().ring(key);
        Ok(())
    }

    /// Tells a plugin's log of its commands that another one runs.
    fn tell_of_commands(&self, plugin: &Plugin) {
        let (chain, now) = (self.chain(plugin.install.app), self.machine().clock.now());
        if !plugin.install.enabled {
            return;
        }
        for (name, owner) in chain.commands().shadowed(plugin) {
            let text = format!("the command `{name}` is run by the plugin `{owner}`, which comes first");
            plugin.ledger.log.push(now, LogLevel::Warn, "install", text);
        }
    }

    /// The component of a version.
    pub(super) async fn blueprint_of(&self, install: &Install) -> Result<Arc<Blueprint>, Refusal> {
        self.artifacts()
            .blueprint(self.machine(), &install.current.digest, None)
            .await
    }

    /// What is to be changed.
    pub(super) fn present(&self, app: AppId, name: &PluginName) -> Result<(Arc<Shelf>, Install), Refusal> {
        let shelf = self.registry().known(app);
        let found = shelf.and_then(|shelf| shelf.slot(name).map(|slot| (shelf, slot.install().clone())));
        found.ok_or_else(|| Refusal::not_found("plugin"))
    }
}

/// An install with a patch applied.
pub fn patched(mut install: Install, patch: InstallPatch) -> Install {
    if let Some(config) = patch.config {
        install.config = config;
    }
    if let Some(grants) = patch.grants {
        install.grants = grants;
    }
    if let Some(hosts) = patch.http_hosts {
        install.http_hosts = hosts;
    }
    install.priority = patch.priority.or(install.priority);
    install.reuse = patch.reuse.unwrap_or(install.reuse);
    install.enabled = patch.enabled.unwrap_or(install.enabled);
    install
}

/// The version before in the place of the one that runs.
pub fn rolled_back(mut install: Install) -> Result<Install, Refusal> {
    let Some(previous) = install.previous.take() else {
        return Err(Refusal::new(Code::Conflict, "there is no version to go back to"));
    };
    install.previous = Some(std::mem::replace(&mut install.current, previous));
    Ok(install)
}

fn check(install: &Install, blueprint: &Blueprint, chain: &Chain) -> Result<(), Refusal> {
    check_grants(&blueprint.inspection.capabilities, &install.grants)?;
    if install.reuse == 0 || install.reuse > REUSE {
        return Err(Refusal::field("reuse", format!("must be from 1 to {REUSE}")));
    }
    if install.http_hosts.len() > HttpHost::MOST {
        let text = format!("must have at most {} hosts", HttpHost::MOST);
        return Err(Refusal::field("http_hosts", text));
    }
    if install.config.as_str().len() > CONFIG_BYTES {
        return Err(Refusal::too_large(
            "config",
            format!("must have at most {CONFIG_BYTES} bytes"),
        ));
    }
    if !install.config.is_object() {
        return Err(Refusal::field("config", "must be an object"));
    }
    if let Some(schema) = &blueprint.descriptor.config {
        schema
            .check(&install.config)
            .map_err(|error| Refusal::field("config", error))?;
    }
    if install.enabled {
        let kinds = blueprint.descriptor.kinds.iter().map(|(kind, _)| kind.clone());
        chain.check_kinds(&install.name, kinds)?;
    }
    Ok(())
}
