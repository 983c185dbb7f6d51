//! Components by their digest: compiled once, mapped from disk, admitted once, and shared by every install of them as
//! long as there is one. A file's name says which component and which compiler made it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};
use tokio::sync::OwnedMutexGuard;
use wasmtime::Engine;
use wasmtime::component::Component;

use super::admission::admit;
use super::blueprint::Blueprint;
use super::compile::Compiler;
use super::machine::Machine;
use super::refusals;
use crate::model::{Digest, Refusal};

/// One component's place, locked while it is being made, so that nobody makes it twice.
type Place = Arc<tokio::sync::Mutex<Weak<Blueprint>>>;

/// The cache on disk and what is in use.
pub struct Artifacts {
    folder: PathBuf,
    compatibility: String,
    compiler: Compiler,
    in_use: Mutex<FxHashMap<Digest, Place>>,
}

/// A component that nobody uses.
pub struct Idle {
    file: PathBuf,
    _held: OwnedMutexGuard<Weak<Blueprint>>,
}

impl Idle {
    /// Takes it out of the cache, if it is there.
    pub async fn remove(self) {
        match tokio::fs::remove_file(&self.file).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(%error, file = %self.file.display(), "an artifact cannot be removed");
            }
            _ => {}
        }
    }
}

/// The name of a component.
#[must_use]
pub fn digest(component: &[u8]) -> Digest {
    Digest(hex::encode(Sha256::digest(component)))
}

impl Artifacts {
    /// A cache in a folder, which is made if need be.
    pub fn new(folder: PathBuf, engine: &Engine) -> std::io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Ok(Self {
            folder,
            compatibility: format!("{:016x}", hasher.finish()),
            compiler: Compiler::default(),
            in_use: Mutex::default(),
        })
    }

    /// The component with this digest, ready to run. Its bytes are asked for only if it is not in the cache; without
    /// them they come from storage.
    pub async fn blueprint(
        &self,
        machine: &Machine,
        digest: &Digest,
        bytes: Option<&[u8]>,
    ) -> Result<Arc<Blueprint>, Refusal> {
        let place = self.place(digest);
        let mut held = place.lock().await;
        if let Some(blueprint) = held.upgrade() {
            return Ok(blueprint);
        }
        let component = self.component(machine, digest, bytes).await?;
        let blueprint = Arc::new(admit(machine, digest.clone(), &component).await?);
        *held = Arc::downgrade(&blueprint);
        Ok(blueprint)
    }

    async fn component(&self, machine: &Machine, digest: &Digest, bytes: Option<&[u8]>) -> Result<Component, Refusal> {
        let path = self.file(digest);
        if path.exists() {
            match map(&machine.engine, &path) {
                Ok(component) => return Ok(component),
                Err(error) => tracing::warn!(%error, digest = digest.0, "an artifact is unusable and made again"),
            }
        }
        let stored;
        let bytes = match bytes {
            Some(bytes) => bytes,
            None => {
                let found = machine.installs.component(digest).await.map_err(refusals::storage)?;
                stored = found.ok_or_else(|| refusals::rejected("the component is not in storage any more"))?;
                &stored
            }
        };
        self.compiler.compile(&machine.settings, bytes, &path).await?;
        map(&machine.engine, &path).map_err(|error| {
            if error.downcast_ref::<std::io::Error>().is_some() {
                return refusals::fault(error);
            }
            // Compiled a moment ago for this very server: it has more parts, or larger ones, than the pool holds.
            refusals::rejected(format!("the component does not fit this server: {error:#}"))
        })
    }

    /// The components in the cache. Files of another compiler, and whatever else lies there, are removed.
    pub async fn kept(&self) -> std::io::Result<Vec<Digest>> {
        let (mut kept, mut files) = (Vec::new(), tokio::fs::read_dir(&self.folder).await?);
        let ending = format!("-{}.cwasm", self.compatibility);
        while let Some(file) = files.next_entry().await? {
            let name = file.file_name();
            match name.to_str().and_then(|name| name.strip_suffix(&ending)) {
                Some(digest) => kept.push(Digest(digest.to_owned())),
                // One that is being made has an ending of its own.
                None if name.to_str().is_some_and(|name| name.ends_with(".part")) => {}
                None => tokio::fs::remove_file(file.path()).await?,
            }
        }
        Ok(kept)
    }

    /// A component that nobody uses now; nobody can while this is held.
    pub fn idle(&self, digest: &Digest) -> Option<Idle> {
        let held = self.place(digest).try_lock_owned().ok()?;
        (held.strong_count() == 0).then(|| Idle {
            file: self.file(digest),
            _held: held,
        })
    }

    fn file(&self, digest: &Digest) -> PathBuf {
        self.folder.join(format!("{}-{}.cwasm", digest.0, self.compatibility))
    }

    fn place(&self, digest: &Digest) -> Place {
        let mut in_use = self.in_use.lock();
        if let Some(place) = in_use.get(digest) {
            return place.clone();
        }
        // Each new one pays for sweeping out what nobody uses any more.
        in_use.retain(|_, place| {
            Arc::strong_count(place) > 1 || place.try_lock().is_ok_and(|held| held.strong_count() > 0)
        });
        in_use.entry(digest.clone()).or_default().clone()
    }
}

fn map(engine: &Engine, path: &Path) -> wasmtime::Result<Component> {
    #[expect(
        unsafe_code,
        reason = "an artifact is machine code; mapping it trusts whoever wrote it: this server"
    )]
    // SAFETY: the folder is the server's own, and only finished work of its compile worker is renamed into it.
    unsafe {
        Component::deserialize_file(engine, path)
    }
}
