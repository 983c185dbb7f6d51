//! Components by their digest: compiled once, mapped from disk, admitted once, and shared by every install of them as
//! long as there is one. A file's name says which component and which compiler made it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};
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
        let path = self.folder.join(format!("{}-{}.cwasm", digest.0, self.compatibility));
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
