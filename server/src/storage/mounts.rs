//! Where dialects answer, as far as it was chosen while the server ran.

use async_trait::async_trait;

use super::Result;
use crate::model::{AppId, Mount};

/// Mounts.
#[async_trait]
pub trait Mounts {
    /// All of every app, by host, prefix and dialect: read at start.
    async fn mounts(&self) -> Result<Vec<Mount>>;
    /// Keeps one; the same one twice is kept once. It is this app's.
    async fn add_mount(&self, app: AppId, mount: Mount) -> Result<()>;
    /// Forgets one of this app's. False if there is none.
    async fn remove_mount(&self, app: AppId, mount: Mount) -> Result<bool>;
}
