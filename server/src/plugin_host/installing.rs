//! Changing what is installed: everything is checked before anything is written, and written before it is called. If
//! any of it is refused, what runs goes on.

use std::sync::Arc;

use super::blueprint::Blueprint;
use super::capability::check_grants;
use super::chain::Chain;
use super::plugin::Plugin;
use super::registry::{Shelf, Slot};
use super::split::CANARIES;
use super::steps::{self, Cause};
use super::{InstallPatch, InstallRequest, PluginHost, hidden, refusals};
use crate::model::{
    AppId, Body, Canary, Code, Digest, HttpHost, Install, LogLevel, Millis, PluginName, Refusal, Version, Who,
};
use crate::storage::Record;

/// The largest configuration.
const CONFIG_BYTES: usize = 64 << 10;
/// How many calls an instance may serve at most.
const REUSE: u32 = 512;

/// A change of an install, ready to be checked.
pub struct Change {
    /// Who makes it.
    pub who: Who,
    /// Why.
    pub cause: Cause,
    /// What was there.
    pub old: Option<Install>,
    /// What is to be there.
    pub new: Install,
    /// A component that may not be in storage yet.
    pub component: Option<(Digest, Vec<u8>)>,
}

impl PluginHost {
    /// The install a request asks for, on top of the one that is there.
    pub(super) fn requested(
        &self,
        app: AppId,
        old: Option<&Install>,
        digest: Digest,
        request: InstallRequest,
    ) -> Result<Install, Refusal> {
        let now = self.machine().clock.now();
        let version = Version {
            number: next_number(old),
            digest,
            created_at: now,
        };
        let mut settings = request.settings;
        let percent = settings.canary_percent.take();
        let Some(old) = old else {
            if percent.is_some() {
                return Err(no_neighbour());
            }
            return patched(fresh(app, request.name, version, now), settings);
        };
        let mut install = old.clone();
        match percent {
            Some(percent) => run_beside(&mut install, version, percent, now)?,
            None => run_instead(&mut install, version, now),
        }
        patched(install, settings)
    }

    /// Checks an install with its components, writes it (and the component if it is new), and from then on calls it.
    pub(super) async fn put(&self, shelf: &Shelf, mut change: Change) -> Result<(), Refusal> {
        change.new.grants.sort_unstable();
        change.new.grants.dedup();
        change.new.http_hosts.sort_unstable();
        change.new.http_hosts.dedup();
        let (blueprint, canary) = self.checked(shelf, &change.new).await?;
        let machine = self.machine();
        if let Some((digest, bytes)) = change.component {
            let kept = machine.installs.put_component(&digest, bytes).await;
            kept.map_err(refusals::storage)?;
        }
        let record = Record {
            who: change.who,
            at: machine.clock.now(),
            steps: steps::of_change(change.old.as_ref(), &change.new, &change.cause),
            keep: machine.settings.audit_rows,
        };
        let install = machine.installs.save_install(change.new, record).await;
        let install = install.map_err(refusals::storage)?;
        if let Some(old) = &change.old {
            self.all_may_go(old);
        }
        let ledger = match change.cause {
            Cause::Promotion => shelf.promoted_ledger(&install.name, machine),
            _ => shelf.ledger(&install.name, machine),
        };
        let beside = canary.zip(shelf.canary_ledger(&install, &ledger));
        let canary = beside
            .zip(install.canary.as_ref())
            .map(|((blueprint, ledger), canary)| {
                Plugin::of_canary(&install, canary, blueprint, ledger, machine.clone())
            });
        let plugin = Plugin::new(install, blueprint, ledger, machine.clone()).with_canary(canary);
        let key = plugin.key();
        let plugin = Arc::new(plugin);
        shelf.put(Slot::Loaded(plugin.clone()));
        self.tell_of_commands(&plugin);
        self.changes().ring(key);
        Ok(())
    }

    /// An install's components, if they fit it and one another.
    async fn checked(
        &self,
        shelf: &Shelf,
        install: &Install,
    ) -> Result<(Arc<Blueprint>, Option<Arc<Blueprint>>), Refusal> {
        let chain = self.chain(install.app);
        let blueprint = self.blueprint_of(&install.current).await?;
        check(install, &blueprint, &chain)?;
        let Some(canary) = &install.canary else {
            return Ok((blueprint, None));
        };
        if canary.percent == 0 || canary.percent > 99 {
            return Err(Refusal::field("canary_percent", "must be from 1 to 99"));
        }
        let others = shelf.slots().into_iter().filter(|slot| {
            let other = slot.install();
            other.name != install.name && other.canary.is_some()
        });
        if others.count() >= CANARIES {
            let text = format!("an app may have at most {CANARIES} canaries at the same time");
            return Err(Refusal::new(Code::Conflict, text));
        }
        let beside = self.blueprint_of(&canary.version).await?;
        check(install, &beside, &chain)?;
        Ok((blueprint, Some(beside)))
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
    pub(super) async fn blueprint_of(&self, version: &Version) -> Result<Arc<Blueprint>, Refusal> {
        self.artifacts().blueprint(self.machine(), &version.digest, None).await
    }

    /// What is to be changed.
    pub(super) fn present(&self, app: AppId, name: &PluginName) -> Result<(Arc<Shelf>, Install), Refusal> {
        let shelf = self.registry().known(app);
        let found = shelf.and_then(|shelf| shelf.slot(name).map(|slot| (shelf, slot.install().clone())));
        found.ok_or_else(|| Refusal::not_found("plugin"))
    }
}

/// After going back the version before is the newer one, and a canary is newer than both.
fn next_number(old: Option<&Install>) -> u32 {
    let numbers = old.iter().flat_map(|old| {
        let canary = old.canary.as_ref().map(|canary| canary.version.number);
        let previous = old.previous.as_ref().map(|version| version.number);
        [Some(old.current.number), previous, canary]
    });
    numbers.flatten().max().unwrap_or(0) + 1
}

fn run_instead(install: &mut Install, version: Version, now: Millis) {
    if install.current.digest == version.digest {
        return;
    }
    let known = install.canary.take().map(|canary| canary.version);
    let version = known.filter(|known| known.digest == version.digest).unwrap_or(version);
    install.previous = Some(std::mem::replace(&mut install.current, version));
    install.activated_at = now;
}

fn run_beside(install: &mut Install, version: Version, percent: u8, now: Millis) -> Result<(), Refusal> {
    if install.current.digest == version.digest {
        let text = "this component runs for everybody already";
        return Err(Refusal::new(Code::Conflict, text));
    }
    match &mut install.canary {
        Some(canary) if canary.version.digest == version.digest => canary.percent = percent,
        canary => {
            *canary = Some(Canary {
                version,
                percent,
                since: now,
            });
        }
    }
    Ok(())
}

fn no_neighbour() -> Refusal {
    Refusal::new(Code::Conflict, "there is no version that a canary could run beside")
}

/// An install as it begins.
fn fresh(app: AppId, name: PluginName, current: Version, now: Millis) -> Install {
    Install {
        app,
        name,
        current,
        previous: None,
        grants: Vec::new(),
        http_hosts: Vec::new(),
        config: Body::empty(),
        priority: None,
        reuse: 1,
        enabled: true,
        revision: 0,
        canary: None,
        auto_rollback: None,
        activated_at: now,
    }
}

/// An install with a patch applied.
pub fn patched(mut install: Install, patch: InstallPatch) -> Result<Install, Refusal> {
    if let Some(percent) = patch.canary_percent {
        let canary = install.canary.as_mut().ok_or_else(no_canary)?;
        canary.percent = percent;
    }
    if let Some(config) = patch.config {
        install.config = hidden::reveal(config, &install.config);
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
    install.auto_rollback = patch.auto_rollback.or(install.auto_rollback);
    Ok(install)
}

/// The canary in the place of the version that runs.
pub fn promoted(mut install: Install, now: Millis) -> Result<Install, Refusal> {
    let canary = install.canary.take().ok_or_else(no_canary)?;
    install.previous = Some(std::mem::replace(&mut install.current, canary.version));
    install.activated_at = now;
    Ok(install)
}

/// The install without its canary; if it has none, with the version before in the place of the one that runs.
pub fn rolled_back(mut install: Install, now: Millis) -> Result<Install, Refusal> {
    if install.canary.take().is_some() {
        return Ok(install);
    }
    let Some(previous) = install.previous.take() else {
        return Err(Refusal::new(Code::Conflict, "there is no version to go back to"));
    };
    install.previous = Some(std::mem::replace(&mut install.current, previous));
    install.activated_at = now;
    Ok(install)
}

fn no_canary() -> Refusal {
    Refusal::new(Code::Conflict, "there is no canary")
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
