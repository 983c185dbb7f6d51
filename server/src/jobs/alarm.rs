//! When somebody is to be woken. One list for all, kept in memory and slept on: nobody asks storage whether it is time.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::model::{Clock, Millis};

/// The longest sleep: a clock on the wall that was set forward is noticed after it.
const NAP: Duration = Duration::from_secs(60);

/// Who is to be woken when: once each, at the earliest time that was asked for.
#[derive(Debug)]
pub(super) struct Alarms<K> {
    set: Mutex<Set<K>>,
    sooner: Notify,
}

#[derive(Debug)]
struct Set<K> {
    times: HashMap<K, Millis>,
    order: BTreeSet<(Millis, K)>,
}

impl<K> Default for Alarms<K> {
    fn default() -> Self {
        let (times, order) = (HashMap::default(), BTreeSet::default());
        Self {
            set: Mutex::new(Set { times, order }),
            sooner: Notify::default(),
        }
    }
}

impl<K: Clone + Eq + Hash + Ord> Alarms<K> {
    /// Wakes somebody at a time, if nothing wakes it sooner.
    pub(super) fn set(&self, key: K, at: Millis) {
        let mut set = self.set.lock();
        if let Some(old) = set.times.get(&key).copied() {
            if old <= at {
                return;
            }
            set.order.remove(&(old, key.clone()));
        }
        set.times.insert(key.clone(), at);
        set.order.insert((at, key));
        drop(set);
        self.sooner.notify_one();
    }

    /// Waits for the next time that comes, and takes those whose it is.
    pub(super) async fn ring(&self, clock: &dyn Clock) -> Vec<K> {
        loop {
            let now = clock.now();
            let due = self.take(now);
            if !due.is_empty() {
                return due;
            }
            let next = self.set.lock().order.first().map(|(at, _)| *at);
            let wait = next.map_or(NAP, |at| {
                let millis = u64::try_from(at.0.saturating_sub(now.0)).unwrap_or(0);
                Duration::from_millis(millis).min(NAP)
            });
            // Elapsed or set anew: look again either way.
            let _ = tokio::time::timeout(wait, self.sooner.notified()).await;
        }
    }

    fn take(&self, now: Millis) -> Vec<K> {
        let mut set = self.set.lock();
        let mut due = Vec::new();
        while set.order.first().is_some_and(|(at, _)| *at <= now) {
            if let Some((_, key)) = set.order.pop_first() {
                set.times.remove(&key);
                due.push(key);
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_time_counts_once() {
        let alarms = Alarms::default();
        for (who, at) in [("a", 9), ("b", 5), ("a", 3), ("a", 7)] {
            alarms.set(who, Millis(at));
        }
        assert_eq!(alarms.take(Millis(2)), Vec::<&str>::new());
        assert_eq!(alarms.take(Millis(3)), ["a"]);
        assert_eq!(alarms.take(Millis(9)), ["b"]);
        assert_eq!(alarms.take(Millis(99)), Vec::<&str>::new());
    }

    struct Stopped;

    impl Clock for Stopped {
        fn now(&self) -> Millis {
            Millis(1_000)
        }
    }

    #[tokio::test]
    async fn a_sooner_alarm_ends_the_sleep() {
        let alarms = std::sync::Arc::new(Alarms::default());
        alarms.set("late", Millis(900_000));
        let ring = tokio::spawn({
            let alarms = alarms.clone();
            async move { alarms.ring(&Stopped).await }
        });
        tokio::task::yield_now().await;
        alarms.set("now", Millis(1_000));
        assert_eq!(ring.await.unwrap(), ["now"]);
    }
}
