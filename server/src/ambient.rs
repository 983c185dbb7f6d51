//! The real present and the real chance: the one file that reads them. Everything else takes a [`Clock`] and a
//! [`Random`], so that a test can say what time it is and repeat what chance did.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::model::{Clock, Millis, Random};

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where time is read")]
    fn now(&self) -> Millis {
        // A clock set before 1970 reads as 1970: late is better than never.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The system's source of randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the one place where chance is read")]
    #[expect(
        clippy::panic,
        reason = "predictable secrets are worse than a stop, and no supported system runs dry"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        if let Err(error) = getrandom::fill(buffer) {
            panic!("the system gives no randomness: {error}");
        }
    }
}
