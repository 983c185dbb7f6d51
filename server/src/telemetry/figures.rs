//! What the whole server counts about itself. Counting is one addition to a number that everyone shares: nobody waits.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Powers of two that are told apart: the last bucket holds what is larger.
const BUCKETS: usize = 26;

/// What the whole server counts.
#[derive(Debug, Default)]
pub struct Figures {
    /// Messages that were stored.
    pub messages_stored: Count,
    /// Users that events were delivered to, each for each event.
    pub deliveries: Count,
    /// Writes that went into one commit.
    pub commit_writes: Spread,
    /// How long a commit took, in microseconds.
    pub commit_micros: Spread,
    /// Jobs that were done.
    pub jobs_done: Count,
    /// Tries of jobs that failed.
    pub jobs_failed: Count,
    /// Jobs that were given up.
    pub jobs_dead: Count,
    /// Runs of timers that were done.
    pub timers_fired: Count,
    /// Webhooks that arrived.
    pub webhooks_sent: Count,
    /// Tries of webhooks that failed.
    pub webhooks_failed: Count,
    /// Webhooks that were given up.
    pub webhooks_dead: Count,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// Adds to it.
    pub fn add(&self, more: usize) {
        self.0.fetch_add(more as u64, Relaxed);
    }

    /// How far it has come.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// Values, sorted by size to powers of two.
#[derive(Debug, Default)]
pub struct Spread {
    buckets: [AtomicU64; BUCKETS],
    sum: AtomicU64,
}

impl Spread {
    /// Adds a value.
    pub fn add(&self, value: u64) {
        let bits = u64::BITS - value.leading_zeros();
        self.buckets[(bits as usize).min(BUCKETS - 1)].fetch_add(1, Relaxed);
        self.sum.fetch_add(value, Relaxed);
    }

    /// Adds a duration, in microseconds.
    pub fn add_time(&self, time: Duration) {
        self.add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    /// How many values there were below 2^i and not below half of that, for each i; the last holds the rest.
    #[must_use]
    pub fn buckets(&self) -> Vec<u64> {
        self.buckets.iter().map(|bucket| bucket.load(Relaxed)).collect()
    }

    /// All values together.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.sum.load(Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_sorted_by_powers_of_two() {
        let spread = Spread::default();
        for value in [0, 1, 2, 3, 4, 1 << 40] {
            spread.add(value);
        }
        spread.add_time(Duration::from_millis(1));
        let buckets = spread.buckets();
        assert_eq!((buckets[0], buckets[1], buckets[2], buckets[3]), (1, 1, 2, 1));
        assert_eq!((buckets[10], buckets[25]), (1, 1));
        assert_eq!(spread.sum(), 10 + (1 << 40) + 1000);
    }
}
