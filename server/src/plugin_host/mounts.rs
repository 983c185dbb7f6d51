//! Which dialect answers at which address. The table is replaced as a whole when it changes; whoever looks something up
//! never waits.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::bindings::exports::switchboard::plugin::dialect::Arrival;
use super::description::Description;
use super::figures::InstallFigures;
use super::speaker::Speaker;
use super::visit::Visit;
use super::{PluginHost, refusals};
use crate::model::{AppId, Code, Mount, MountError, PluginName, Refusal};
use crate::storage::{self, Storage};

/// Mounts of one app at most.
const PER_APP: usize = 100;

/// A mount as it answers.
pub struct Mounted {
    /// Where.
    pub mount: Mount,
    /// The bundled component of its dialect, if there is one.
    bundled: Option<Arc<Speaker>>,
    /// From the configuration, so that nobody removes it while the server runs.
    fixed: bool,
}

/// What answers at an address.
pub struct Found {
    /// The mount.
    pub mounted: Arc<Mounted>,
    /// The path below it.
    pub path: String,
}

/// Every mount of this node.
pub struct Mounts {
    plugins: Arc<PluginHost>,
    storage: Arc<dyn Storage>,
    bundled: PathBuf,
    /// Longest prefix first, named hosts before every host.
    table: ArcSwap<Vec<Arc<Mounted>>>,
    changing: tokio::sync::Mutex<()>,
}

impl Mounts {
    /// Those of the configuration and those of storage. One of the configuration whose component is not there is told
    /// and left out. `bundled` is the folder of the bundled components.
    ///
    /// # Errors
    /// What storage answers.
    pub async fn start(
        plugins: Arc<PluginHost>,
        storage: Arc<dyn Storage>,
        bundled: PathBuf,
        fixed: &[Mount],
    ) -> Result<Arc<Self>, storage::StorageError> {
        let mounts = Arc::new(Self {
            plugins,
            bundled,
            table: ArcSwap::default(),
            changing: tokio::sync::Mutex::default(),
            storage,
        });
        for mount in fixed {
            if let Err(refusal) = mounts.put(mount.clone(), true).await {
                let (dialect, prefix) = (&mount.dialect, &mount.prefix);
                tracing::warn!(%dialect, prefix, %refusal, "a dialect is not mounted");
            }
        }
        for mount in mounts.storage.mounts().await? {
            // It was accepted once: what has come between is told and does not take the address away.
            let mounted = mounts.mounted(mount, false).await;
            mounts.insert(mounted);
        }
        Ok(mounts)
    }

    /// Who answers a request, or (`socket`) a request that wants to become a WebSocket.
    #[must_use]
    pub fn find(&self, host: &str, path: &str, socket: bool) -> Option<Found> {
        let table = self.table.load();
        table.iter().find_map(|mounted| {
            let mount = &mounted.mount;
            if mount.host.as_deref().is_some_and(|own| !own.eq_ignore_ascii_case(host)) {
                return None;
            }
            let rest = below(&mount.prefix, path)?;
            self.answers(mounted, rest, socket).then(|| Found {
                mounted: mounted.clone(),
                path: rest.to_owned(),
            })
        })
    }

    fn answers(&self, mounted: &Mounted, path: &str, socket: bool) -> bool {
        self.with_description(mounted, |description| description.answers(path, socket))
            .unwrap_or(false)
    }

    /// The component that says for whom a mount's requests are, and what cannot be passed on.
    #[must_use]
    pub fn speaker(&self, mounted: &Mounted) -> Option<Arc<Speaker>> {
        let own = mounted.mount.app.and_then(|app| {
            let dialect = self.plugins.dialect(app, &mounted.mount.dialect).ok()?;
            dialect.speaker()
        });
        own.or_else(|| mounted.bundled.clone())
    }

    /// What was counted for the bundled components, which ask for no app in particular.
    #[must_use]
    pub fn figures(&self) -> Vec<InstallFigures> {
        let table = self.table.load();
        let speakers = table
            .iter()
            .filter_map(|mounted| Some((&mounted.mount.dialect, mounted.bundled.as_ref()?)));
        // One component a dialect, however many mounts it has.
        let speakers: BTreeMap<&PluginName, &Arc<Speaker>> = speakers.collect();
        let figures = speakers.into_iter();
        figures
            .map(|(dialect, speaker)| InstallFigures::written(dialect.clone(), &speaker.ledger))
            .collect()
    }

    /// What has come in at a mount, as its dialect may see it.
    #[must_use]
    pub fn visit(&self, mounted: &Mounted, arrival: Arrival) -> Visit {
        let speaker = self.speaker(mounted);
        let description = speaker.as_ref().and_then(|speaker| speaker.description());
        Visit::new(arrival, description, &self.plugins.machine().random)
    }

    fn with_description<T>(&self, mounted: &Mounted, read: impl FnOnce(&Description) -> T) -> Option<T> {
        let speaker = self.speaker(mounted)?;
        speaker.description().map(read)
    }

    /// Drops the instances of the bundled components that wait for their next call.
    pub fn drain(&self) {
        for bundled in self.table.load().iter().filter_map(|mounted| mounted.bundled.as_ref()) {
            bundled.drain();
        }
    }

    /// An app's mounts.
    #[must_use]
    pub fn of(&self, app: AppId) -> Vec<Mount> {
        let table = self.table.load();
        let own = table.iter().filter(|mounted| mounted.mount.app == Some(app));
        own.map(|mounted| mounted.mount.clone()).collect()
    }

    /// Adds a mount for an app, for good.
    ///
    /// # Errors
    /// `BadField`, `Conflict` if something answers there, or what storage answers.
    pub async fn add(&self, app: AppId, mount: Mount) -> Result<(), Refusal> {
        let _changing = self.changing.lock().await;
        if self.of(app).len() >= PER_APP {
            let text = format!("an app may have at most {PER_APP} mounts");
            return Err(Refusal::too_large("mounts", text));
        }
        let mounted = self.fitting(mount.clone(), false).await?;
        self.storage.add_mount(app, mount).await.map_err(refusals::storage)?;
        self.insert(mounted);
        Ok(())
    }

    /// Removes a mount of an app.
    ///
    /// # Errors
    /// `NotFound`, `Conflict` if it is of the configuration, or what storage answers.
    pub async fn remove(&self, app: AppId, mount: Mount) -> Result<(), Refusal> {
        let _changing = self.changing.lock().await;
        let table = self.table.load_full();
        let Some(mounted) = table.iter().find(|mounted| mounted.mount == mount) else {
            return Err(Refusal::not_found("mount"));
        };
        if mounted.fixed {
            return Err(Refusal::new(Code::Conflict, "this mount is one of the configuration"));
        }
        self.storage.remove_mount(app, mount).await.map_err(refusals::storage)?;
        let left = table.iter().filter(|other| !Arc::ptr_eq(other, mounted)).cloned();
        self.table.store(Arc::new(left.collect()));
        Ok(())
    }

    async fn put(&self, mount: Mount, fixed: bool) -> Result<(), Refusal> {
        let mounted = self.fitting(mount, fixed).await?;
        self.insert(mounted);
        Ok(())
    }

    /// A mount that is well formed, has a component if it needs one, and takes no address of another.
    async fn fitting(&self, mount: Mount, fixed: bool) -> Result<Mounted, Refusal> {
        mount.check().map_err(|error| {
            let field = if error == MountError::Host { "host" } else { "prefix" };
            Refusal::field(field, error.to_string())
        })?;
        let mounted = self.mounted(mount, fixed).await;
        if mounted.mount.app.is_none() && mounted.bundled.is_none() {
            return Err(Refusal::field("dialect", "no such bundled dialect"));
        }
        let table = self.table.load();
        let there = table
            .iter()
            .find(|other| same_place(&other.mount, &mounted.mount) && self.clash(other, &mounted));
        match there {
            Some(other) => {
                let text = format!("the dialect `{}` is mounted there", other.mount.dialect);
                Err(Refusal::new(Code::Conflict, text))
            }
            None => Ok(mounted),
        }
    }

    /// Whether two mounts at one place cannot be told apart, or one would take what is another tenant's.
    fn clash(&self, there: &Mounted, new: &Mounted) -> bool {
        if there.mount.app != new.mount.app || there.mount.dialect == new.mount.dialect {
            return true;
        }
        let overlap = self.with_description(there, |there| self.with_description(new, |new| there.overlaps(new)));
        overlap.flatten().unwrap_or(false)
    }

    async fn mounted(&self, mount: Mount, fixed: bool) -> Mounted {
        let bundled = self.bundled_speaker(&mount.dialect).await;
        Mounted { mount, bundled, fixed }
    }

    async fn bundled_speaker(&self, dialect: &PluginName) -> Option<Arc<Speaker>> {
        let known = self.table.load();
        let known = known
            .iter()
            .find(|other| other.mount.dialect == *dialect && other.bundled.is_some());
        if let Some(known) = known {
            return known.bundled.clone();
        }
        let component = self.component(dialect).await?;
        match self.plugins.speaker(&component).await {
            Ok(speaker) => speaker,
            Err(refusal) => {
                tracing::warn!(%dialect, %refusal, "a bundled dialect cannot be used");
                None
            }
        }
    }

    /// The bundled component of this name.
    pub async fn component(&self, name: &PluginName) -> Option<Vec<u8>> {
        // The name of an install has no slash: no path leads out of the folder.
        tokio::fs::read(self.bundled.join(format!("{name}.wasm"))).await.ok()
    }

    fn insert(&self, mounted: Mounted) {
        let mut table = Vec::clone(&self.table.load());
        table.push(Arc::new(mounted));
        table.sort_by_key(|mounted| (usize::MAX - mounted.mount.prefix.len(), mounted.mount.host.is_none()));
        self.table.store(Arc::new(table));
    }
}

fn same_place(a: &Mount, b: &Mount) -> bool {
    a.prefix == b.prefix && a.host == b.host
}

/// The path below a prefix, beginning with a slash.
fn below<'p>(prefix: &str, path: &'p str) -> Option<&'p str> {
    match path.strip_prefix(prefix)? {
        "" => Some("/"),
        rest => rest.starts_with('/').then_some(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::below;

    #[test]
    fn a_path_is_below_a_prefix_at_a_slash() {
        assert_eq!(below("", "/a/b"), Some("/a/b"));
        assert_eq!(below("/a", "/a/b"), Some("/b"));
        assert_eq!(below("/a", "/a"), Some("/"));
        assert_eq!(below("/a", "/ab"), None);
        assert_eq!(below("/a", "/"), None);
    }
}
