//! What SQLite's errors mean to the rest of the server.

use std::error::Error;
use std::sync::Arc;

use crate::storage::StorageError;

/// Result codes of SQLite; the low byte of an extended one is its primary one. Source:
/// <https://www.sqlite.org/rescode.html>.
const BUSY: u32 = 5;
const LOCKED: u32 = 6;
const IOERR: u32 = 10;
const FULL: u32 = 13;
const IOERR_WRITE: u32 = 778;

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        match code(&error) {
            // A write that the file system refuses in the middle is a used-up disk quota far more often than anything
            // else (SQLite itself tells a full disk apart), and is treated alike: nothing is stored, later writes are
            // tried again.
            Some(FULL | IOERR_WRITE) => Self::Full,
            Some(code) if matches!(code & 0xff, BUSY | LOCKED | IOERR) => Self::Unavailable(Arc::new(error)),
            _ => match error {
                sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                    Self::Unavailable(Arc::new(error))
                }
                other => Self::Fault(Arc::new(other)),
            },
        }
    }
}

/// A fault that is not SQLite's own: a row that cannot be read.
pub(super) fn fault(error: impl Error + Send + Sync + 'static) -> StorageError {
    StorageError::Fault(Arc::new(error))
}

/// Storage takes no more writes.
pub(super) fn closed() -> StorageError {
    StorageError::Unavailable(Arc::new(sqlx::Error::PoolClosed))
}

/// Whether a row with this key was there already.
pub(super) fn is_duplicate(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| error.is_unique_violation())
}

fn code(error: &sqlx::Error) -> Option<u32> {
    error.as_database_error()?.code()?.parse().ok()
}
