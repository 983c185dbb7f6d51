//! What is known of files. Their bytes are in [`blobs`](super::blobs).

use async_trait::async_trait;

use super::{NewJob, Result};
use crate::model::{AppId, File, FileId, Millis};

/// Files.
#[async_trait]
pub trait Files {
    /// Keeps one, with its jobs, if the app then has at most `quota` bytes.
    ///
    /// # Errors
    /// `Quota`.
    async fn put_file(&self, app: AppId, file: File, quota: u64, jobs: Vec<NewJob>) -> Result<()>;
    /// One that has not expired.
    async fn file(&self, app: AppId, file: &FileId, now: Millis) -> Result<Option<File>>;
    /// Forgets one. False if there is none.
    async fn delete_file(&self, app: AppId, file: &FileId) -> Result<bool>;
    /// Some that have expired, of any app.
    async fn expired_files(&self, now: Millis, limit: u32) -> Result<Vec<(AppId, FileId)>>;
}
