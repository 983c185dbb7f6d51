//! What storage's failures are to whoever asked.

use std::error::Error as _;

use crate::model::{Code, Refusal};
use crate::storage::StorageError;

/// What chat answers.
pub type Result<T, E = Refusal> = std::result::Result<T, E>;

/// Says what a storage failure means to a client; a fault is logged here, where it is handled.
pub(super) fn refuse(error: StorageError) -> Refusal {
    match error {
        StorageError::Full => Refusal::new(Code::StorageFull, "the server's disk is full; nothing was stored"),
        StorageError::Unavailable(_) => Refusal {
            retry_after_ms: Some(500),
            ..Refusal::new(Code::StorageUnavailable, "storage does not answer; nothing was stored")
        },
        StorageError::Exists(what) => Refusal::new(Code::Conflict, format!("{what} exists already")),
        StorageError::Missing(what) => Refusal::not_found(what),
        StorageError::Quota(what) => Refusal::too_large(what, format!("the quota of {what} is used up")),
        StorageError::Fault(_) => {
            tracing::error!(cause = error.source().map(tracing::field::display), "storage failed");
            Refusal::internal()
        }
    }
}
