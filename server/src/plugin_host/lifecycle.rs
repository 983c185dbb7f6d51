//! What becomes of an install: it comes, is changed, gets a canary, goes forward and back, and goes. Changes of an app
//! follow one another, and each is written down with who made it.

use tokio_util::sync::CancellationToken;

use super::installing::{self, Change};
use super::machine::Failing;
use super::plugin::Plugin;
use super::registry::{Shelf, Slot};
use super::steps::{self, Cause};
use super::{InstallPatch, InstallRequest, InstallView, PluginHost, refusals};
use crate::model::{AppId, AuditEntry, Install, InstallState, LogLevel, Millis, PluginName, Refusal, Who};
use crate::storage::Record;

/// What lines of the log that no call has written name as their call.
const CALL: &str = "lifecycle";

impl PluginHost {
    /// Installs a component, or replaces the one that runs under the name, for everybody or for a share. On refusal what
    /// runs goes on.
    ///
    /// # Errors
    /// `PluginRejected`, `TooLarge`, `BadField` or `Conflict`, with the reason.
    pub async fn install(&self, app: AppId, who: Who, request: InstallRequest) -> Result<InstallView, Refusal> {
        let installed = self.upload(app, who, request).await;
        self.sweep().await;
        installed
    }

    async fn upload(&self, app: AppId, who: Who, mut request: InstallRequest) -> Result<InstallView, Refusal> {
        let component = std::mem::take(&mut request.component);
        // Held to the end, so that it is not loaded twice, and does not go before somebody has it.
        let blueprint = self.admit(&component).await?;
        let shelf = self.registry().shelf(app);
        let _changing = shelf.changing.lock().await;
        let name = request.name.clone();
        let old = shelf.slot(&name).map(|slot| slot.install().clone());
        let digest = blueprint.inspection.digest.clone();
        let new = self.requested(app, old.as_ref(), digest.clone(), request)?;
        let change = Change {
            who,
            cause: Cause::Upload,
            old,
            new,
            component: Some((digest, component)),
        };
        self.put(&shelf, change).await?;
        self.view_after(app, &name)
    }

    /// Changes an install's settings, or its canary's share.
    ///
    /// # Errors
    /// `NotFound`, `Conflict` if there is no canary whose share could change, or what does not fit.
    pub async fn configure(
        &self,
        app: AppId,
        name: &PluginName,
        who: Who,
        patch: InstallPatch,
    ) -> Result<InstallView, Refusal> {
        let change = |install, _| installing::patched(install, patch);
        self.replace(app, name, (who, Cause::Settings), change).await
    }

    /// Lets the canary run for everybody; what ran becomes the version before.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` if there is none.
    pub async fn promote(&self, app: AppId, name: &PluginName, who: Who) -> Result<InstallView, Refusal> {
        self.replace(app, name, (who, Cause::Promotion), installing::promoted)
            .await
    }

    /// Ends the canary. Without one goes back to the version before; the one that ran becomes the one before.
    ///
    /// # Errors
    /// `NotFound`, `Conflict` if there is none, or what does not fit it any more.
    pub async fn rollback(&self, app: AppId, name: &PluginName, who: Who) -> Result<InstallView, Refusal> {
        self.replace(app, name, (who, Cause::Rollback), installing::rolled_back)
            .await
    }

    async fn replace(
        &self,
        app: AppId,
        name: &PluginName,
        why: (Who, Cause),
        change: impl FnOnce(Install, Millis) -> Result<Install, Refusal>,
    ) -> Result<InstallView, Refusal> {
        let (shelf, _) = self.present(app, name)?;
        let _changing = shelf.changing.lock().await;
        let (_, old) = self.present(app, name)?;
        self.exchange(&shelf, old, why, change).await?;
        self.sweep().await;
        self.view_after(app, name)
    }

    /// The same under the lock.
    async fn exchange(
        &self,
        shelf: &Shelf,
        old: Install,
        (who, cause): (Who, Cause),
        change: impl FnOnce(Install, Millis) -> Result<Install, Refusal>,
    ) -> Result<(), Refusal> {
        let new = change(old.clone(), self.machine().clock.now())?;
        let change = Change {
            who,
            cause,
            old: Some(old),
            new,
            component: None,
        };
        self.put(shelf, change).await
    }

    /// Removes an install and, unless `keep_data`, all it has stored.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn remove(&self, app: AppId, name: &PluginName, who: Who, keep_data: bool) -> Result<(), Refusal> {
        let (shelf, _) = self.present(app, name)?;
        let _changing = shelf.changing.lock().await;
        let (_, install) = self.present(app, name)?;
        let machine = self.machine();
        let record = Record {
            who,
            at: machine.clock.now(),
            steps: vec![steps::of_removal(&install, keep_data)],
            keep: machine.settings.audit_rows,
        };
        let removed = machine.installs.remove_install(app, name, keep_data, record).await;
        let removed = removed.map_err(refusals::storage)?;
        shelf.take(name);
        self.all_may_go(&install);
        self.sweep().await;
        if removed {
            Ok(())
        } else {
            Err(Refusal::not_found("plugin"))
        }
    }

    /// What was done to an app's plugins, or to one of them, newest first: what comes before an entry, if it is named.
    ///
    /// # Errors
    /// What storage answers.
    pub async fn audit(
        &self,
        app: AppId,
        plugin: Option<&PluginName>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, Refusal> {
        let entries = self.machine().installs.audit(app, plugin, before, limit).await;
        entries.map_err(refusals::storage)
    }

    /// Rolls back new versions that fail, until it is told to stop.
    pub async fn attend(&self, stop: CancellationToken) {
        while let Some(failing) = stop.run_until_cancelled(self.machine().failing.wait()).await {
            for failing in failing {
                self.fall_back(failing).await;
            }
        }
    }

    /// Goes back from a version that fails, if it still runs.
    async fn fall_back(&self, failing: Failing) {
        let Failing { install: key, number } = failing;
        let Some(shelf) = self.registry().known(key.app) else {
            return;
        };
        let _changing = shelf.changing.lock().await;
        let Some(Slot::Loaded(plugin)) = shelf.slot(&key.plugin) else {
            return;
        };
        let now = self.machine().clock.now();
        let is_it = |running: &Plugin| running.install.current.number == number && running.falls_back(now);
        let canary = plugin.canary.as_deref().filter(|canary| is_it(canary));
        let (failed, instead) = match canary {
            Some(canary) => (canary, Some(&plugin.install.current)),
            // A canary that runs beside it is not to blame and goes on.
            None if is_it(&plugin) => (&*plugin, plugin.install.previous.as_ref()),
            None => return,
        };
        let Some(instead) = instead.map(|version| version.number) else {
            return;
        };
        let reason = match failed.state() {
            InstallState::Suspended { reason, .. } => reason,
            _ => "it failed too often".to_owned(),
        };
        let ends_canary = canary.is_some();
        let back = move |mut install: Install, now| {
            let kept = if ends_canary { None } else { install.canary.take() };
            let back = installing::rolled_back(install, now)?;
            Ok(Install { canary: kept, ..back })
        };
        let why = (Who::Automatic, Cause::Failure(reason.clone()));
        let done = self.exchange(&shelf, plugin.install.clone(), why, back).await;
        let (level, text) = match done {
            Ok(()) => (
                LogLevel::Warn,
                format!("version {number} failed too often and is rolled back to version {instead}: {reason}"),
            ),
            Err(refusal) => (
                LogLevel::Error,
                format!("version {number} fails and cannot be rolled back to version {instead}: {refusal}"),
            ),
        };
        tracing::warn!(app = %key.app, plugin = %key.plugin, text, "a version fails");
        plugin.ledger.log.push(now, level, CALL, text);
    }
}
