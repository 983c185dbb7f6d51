//! The present and the chance of a story: a clock that is set, and numbers that are the same in every run.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::SeqCst};

use sha2::{Digest as _, Sha256};

use crate::model::{Clock, Millis, Random};

/// A clock that stands still until it is set.
#[derive(Debug, Default)]
pub(super) struct Dial(AtomicI64);

impl Dial {
    /// Sets it.
    pub(super) fn set(&self, to: Millis) {
        self.0.store(to.0, SeqCst);
    }
}

impl Clock for Dial {
    fn now(&self) -> Millis {
        Millis(self.0.load(SeqCst))
    }
}

/// Chance without surprise: the digests of 0, 1, 2 …
#[derive(Debug, Default)]
pub(super) struct Digits(AtomicU64);

impl Random for Digits {
    fn fill(&self, buffer: &mut [u8]) {
        for piece in buffer.chunks_mut(32) {
            let digest = Sha256::digest(self.0.fetch_add(1, SeqCst).to_le_bytes());
            piece.copy_from_slice(&digest[..piece.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_repeats_itself() {
        let draw = || {
            let digits = Digits::default();
            let mut drawn = [[0; 40]; 2];
            drawn.iter_mut().for_each(|buffer| digits.fill(buffer));
            drawn
        };
        assert_eq!(draw(), draw());
        assert_ne!(draw()[0], draw()[1]);
    }
}
