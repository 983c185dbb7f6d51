//! Who is at work on what: one worker a queue, started when there is something to do, and gone when there is not. A
//! queue that is wanted while it is worked on is looked at once more.

use std::collections::HashMap;
use std::hash::Hash;

use parking_lot::Mutex;

/// Queues that are worked on.
#[derive(Debug)]
pub(super) struct Shifts<K> {
    working: Mutex<HashMap<K, Wake>>,
}

/// Whether a worker that is about to end has to look once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wake {
    No,
    Again,
}

impl<K> Default for Shifts<K> {
    fn default() -> Self {
        Self {
            working: Mutex::default(),
        }
    }
}

impl<K: Clone + Eq + Hash> Shifts<K> {
    /// Asks for work on a queue. True if a worker is to be started for it.
    pub(super) fn begin(&self, key: &K) -> bool {
        let mut working = self.working.lock();
        if let Some(wake) = working.get_mut(key) {
            *wake = Wake::Again;
            return false;
        }
        working.insert(key.clone(), Wake::No);
        true
    }

    /// Ends a worker. False if it was asked for meanwhile, and has to look once more.
    pub(super) fn end(&self, key: &K) -> bool {
        let mut working = self.working.lock();
        match working.get_mut(key) {
            Some(wake @ Wake::Again) => {
                *wake = Wake::No;
                false
            }
            _ => {
                working.remove(key);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_worker_that_looks_again_if_it_was_wanted() {
        let shifts = Shifts::default();
        assert!(shifts.begin(&1));
        assert!(!shifts.begin(&1));
        assert!(shifts.begin(&2));
        assert!(!shifts.end(&1));
        assert!(shifts.end(&1));
        assert!(shifts.begin(&1));
    }
}
