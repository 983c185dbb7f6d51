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
const CONSTRAINT_UNIQUE: u32 = 2067;

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code()?.parse().ok());
        let away = matches!(
            error,
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed
        );
        judge(code, away, error)
    }
}

impl From<rusqlite::Error> for StorageError {
    fn from(error: rusqlite::Error) -> Self {
        judge(code(&error), false, error)
    }
}

/// What an error means, by SQLite's code if it has one, and by whether the database is out of reach.
fn judge(code: Option<u32>, away: bool, error: impl Error + Send + Sync + 'static) -> StorageError {
    match code {
        // A write that the file system refuses in the middle is a used-up disk quota far more often than anything else
        // (SQLite itself tells a full disk apart), and is treated alike: nothing is stored, later writes are tried
        // again.
        Some(FULL | IOERR_WRITE) => StorageError::Full,
        Some(code) if matches!(code & 0xff, BUSY | LOCKED | IOERR) => StorageError::Unavailable(Arc::new(error)),
        _ if away => StorageError::Unavailable(Arc::new(error)),
        _ => StorageError::Fault(Arc::new(error)),
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
pub(super) fn is_duplicate(error: &rusqlite::Error) -> bool {
    code(error) == Some(CONSTRAINT_UNIQUE)
}

fn code(error: &rusqlite::Error) -> Option<u32> {
    error.sqlite_error().map(|error| error.extended_code.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::fmt;

    use sqlx::error::{DatabaseError, ErrorKind};

    use super::*;

    #[derive(Debug)]
    struct Code(u32);

    impl fmt::Display for Code {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.fmt(f)
        }
    }

    impl Error for Code {}

    impl DatabaseError for Code {
        fn message(&self) -> &str {
            "refused"
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.0.to_string().into())
        }

        fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }

    fn meaning(code: u32) -> StorageError {
        sqlx::Error::Database(Box::new(Code(code))).into()
    }

    #[test]
    fn each_code_has_its_meaning() {
        for (name, code) in [("FULL", 13), ("IOERR_WRITE", 778)] {
            assert!(matches!(meaning(code), StorageError::Full), "{name}");
        }
        let passing = [
            ("BUSY", 5),
            ("BUSY_SNAPSHOT", 517),
            ("LOCKED", 6),
            ("IOERR", 10),
            ("IOERR_FSYNC", 1034),
        ];
        for (name, code) in passing {
            assert!(matches!(meaning(code), StorageError::Unavailable(_)), "{name}");
        }
        for (name, code) in [("ERROR", 1), ("CORRUPT", 11), ("CONSTRAINT_UNIQUE", 2067)] {
            assert!(matches!(meaning(code), StorageError::Fault(_)), "{name}");
        }
    }
}
