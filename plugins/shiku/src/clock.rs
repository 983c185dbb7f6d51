//! The wall clock, for the two places that are told no time: an answer in place of an app's, and how long an upload
//! took. Nothing is decided by it.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970.
pub fn now() -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "faults are pure and have no context that tells the time"
    )]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or_default()
}
