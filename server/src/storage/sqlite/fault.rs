//! What SQLite's errors mean to the rest of the server.

use std::error::Error;
use std::sync::Arc;

use crate::storage::StorageError;

/// Primary result codes of SQLite, the low byte of the extended ones. Source: <https://www.sqlite.org/rescode.html>.
const BUSY: u32 = 5;
const LOCKED: u32 = 6;
const IOERR: u32 = 10;
const FULL: u32 = 13;

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        match primary_code(&error) {
            // A write that the file system refuses in the middle is a full disk or quota far more often than anything
            // else, and is treated alike: nothing is stored, later writes are tried again.
            Some(FULL | IOERR) => Self::Full,
            Some(BUSY | LOCKED) => Self::Unavailable(Arc::new(error)),
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

fn primary_code(error: &sqlx::Error) -> Option<u32> {
    let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}
