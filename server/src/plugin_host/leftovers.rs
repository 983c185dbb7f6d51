//! Components that nobody may need any more: those of versions that have gone, of uploads that were refused, of plugins that
//! were removed. Whatever is still installed or in use stays; the rest leaves storage and the cache.

use std::collections::BTreeSet;

use parking_lot::Mutex;

use super::PluginHost;
use crate::model::{Digest, Install};
use crate::storage;

/// Digests that are to be looked at.
#[derive(Debug, Default)]
pub struct Leftovers(Mutex<BTreeSet<Digest>>);

impl PluginHost {
    /// Notes a component that may not be needed after what is done now.
    pub(super) fn may_go(&self, digest: Digest) {
        if self.machine().settings.sweeps {
            self.leftovers().0.lock().insert(digest);
        }
    }

    /// Notes those of an install.
    pub(super) fn all_may_go(&self, install: &Install) {
        let canary = install.canary.as_ref().map(|canary| &canary.version);
        let versions = [Some(&install.current), install.previous.as_ref(), canary];
        for version in versions.into_iter().flatten() {
            self.may_go(version.digest.clone());
        }
    }

    /// Removes what was noted and is neither installed nor in use. What is in use, or cannot be removed now, is looked at
    /// the next time.
    pub(super) async fn sweep(&self) {
        let noted = std::mem::take(&mut *self.leftovers().0.lock());
        for digest in noted {
            match self.swept(&digest).await {
                Ok(true) => {}
                Ok(false) => self.may_go(digest),
                Err(error) => {
                    tracing::warn!(%error, digest = digest.0, "a component cannot be removed");
                    self.may_go(digest);
                }
            }
        }
    }

    /// Removes what an earlier run of the server left: what nobody has installed, and what another version of it has
    /// compiled. For a server that has loaded what it runs.
    pub async fn sweep_all(&self) {
        let machine = self.machine();
        if !machine.settings.sweeps {
            return;
        }
        let stored = machine.installs.idle_components().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "components cannot be listed");
            Vec::new()
        });
        let kept = self.artifacts().kept().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the cache cannot be listed");
            Vec::new()
        });
        for digest in stored.into_iter().chain(kept) {
            self.may_go(digest);
        }
        self.sweep().await;
    }

    /// Whether nothing is left to be done for a component.
    async fn swept(&self, digest: &Digest) -> storage::Result<bool> {
        let installs = &self.machine().installs;
        if installs.is_installed(digest).await? {
            return Ok(true);
        }
        let Some(idle) = self.artifacts().idle(digest) else {
            return Ok(false);
        };
        installs.drop_component(digest).await?;
        idle.remove().await;
        Ok(true)
    }
}
