//! Why storage did not do what it was asked.

use std::error::Error;

/// What storage answers.
pub type Result<T, E = StorageError> = std::result::Result<T, E>;

/// A write or read that did not happen. Nothing of it is stored.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StorageError {
    /// No space left.
    #[error("the disk is full")]
    Full,
    /// Locked, closing or out of reach: a retry may help.
    #[error("storage does not answer")]
    Unavailable(#[source] std::sync::Arc<dyn Error + Send + Sync>),
    /// Something with this name is there already.
    #[error("{0} exists already")]
    Exists(&'static str),
    /// What the write is about is not there (any more).
    #[error("no such {0}")]
    Missing(&'static str),
    /// A named quota is used up.
    #[error("the quota of {0} is used up")]
    Quota(&'static str),
    /// A fault: a broken file, a statement that should not fail.
    #[error("storage failed")]
    Fault(#[source] std::sync::Arc<dyn Error + Send + Sync>),
}
