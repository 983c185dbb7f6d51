//! Who is at work on what: one worker a queue, started when there is something to do, and gone when there is not. A
//! queue that is wanted while it is worked on is looked at once more.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// Queues that are worked on.
#[derive(Debug)]
pub(super) struct Shifts<K> {
    working: Mutex<HashMap<K, Shift>>,
}

/// Somebody at work.
#[derive(Debug, Default)]
struct Shift {
    /// Whether a worker that is about to end has to look once more.
    again: bool,
    /// Told of each time it is asked for.
    called: Arc<Notify>,
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
        if let Some(shift) = working.get_mut(key) {
            shift.again = true;
            shift.called.notify_one();
            return false;
        }
        working.insert(key.clone(), Shift::default());
        true
    }

    /// What a worker hears when its queue is asked for again: it may look at once instead of when it is about to end.
    pub(super) fn called(&self, key: &K) -> Arc<Notify> {
        self.working.lock().entry(key.clone()).or_default().called.clone()
    }

    /// Ends a worker. False if it was asked for meanwhile, and has to look once more.
    pub(super) fn end(&self, key: &K) -> bool {
        let mut working = self.working.lock();
        if working
            .get_mut(key)
            .is_some_and(|shift| std::mem::take(&mut shift.again))
        {
            return false;
        }
        working.remove(key);
        true
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
