//! How much of something there may be in a time: a bucket that is full at first, is emptied by use and fills evenly, by
//! the clock that is passed in. It is one atomic number, so that nobody waits for anybody.

use std::convert::Infallible;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use quick_cache::sync::Cache;

use super::Millis;

const NANOS_OF_MILLI: u64 = 1_000_000;

/// How much flows into a bucket in a time, which is also what it holds. An amount of 0 is no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    amount: u64,
    period_ms: u64,
}

impl Rate {
    /// So much in a minute.
    #[must_use]
    pub const fn per_minute(amount: u64) -> Self {
        Self {
            amount,
            period_ms: 60_000,
        }
    }

    /// So much in a second.
    #[must_use]
    pub const fn per_second(amount: u64) -> Self {
        Self {
            amount,
            period_ms: 1_000,
        }
    }

    /// Whether there is a bound at all.
    #[must_use]
    pub const fn is_bound(self) -> bool {
        self.amount > 0
    }

    const fn period(self) -> u64 {
        self.period_ms * NANOS_OF_MILLI
    }

    /// In how many nanoseconds so much flows in.
    fn time_of(self, amount: u64) -> u64 {
        let time = u128::from(self.period()) * u128::from(amount) / u128::from(self.amount);
        u64::try_from(time).unwrap_or(u64::MAX)
    }
}

/// A bucket: the time at which it is full again, in nanoseconds.
#[derive(Debug, Default)]
pub struct Bucket(AtomicU64);

impl Bucket {
    /// Takes so much out, if there is as much.
    ///
    /// # Errors
    /// After how many milliseconds there is, if nobody else takes any.
    pub fn take(&self, amount: u64, rate: Rate, now: Millis) -> Result<(), u64> {
        self.change(amount, rate, now, true)
    }

    /// Whether there is so much.
    ///
    /// # Errors
    /// As [`Self::take`], which would answer the same.
    pub fn look(&self, amount: u64, rate: Rate, now: Millis) -> Result<(), u64> {
        self.change(amount, rate, now, false)
    }

    fn change(&self, amount: u64, rate: Rate, now: Millis, takes: bool) -> Result<(), u64> {
        if !rate.is_bound() {
            return Ok(());
        }
        let cost = rate.time_of(amount);
        let now = u64::try_from(now.0).unwrap_or(0).saturating_mul(NANOS_OF_MILLI);
        let empty = now.saturating_add(rate.period());
        let mut full_at = self.0.load(Relaxed);
        loop {
            // Later than if it were empty now: the clock was set back. That adds nothing, and it fills from here.
            let was_set_back = full_at > empty;
            let before = full_at.clamp(now, empty);
            let after = before.saturating_add(cost);
            let (next, outcome) = match after.saturating_sub(empty) {
                0 if takes => (after, Ok(())),
                0 => (before, Ok(())),
                short => (before, Err(short.div_ceil(NANOS_OF_MILLI))),
            };
            if next == before && !was_set_back {
                return outcome;
            }
            match self.0.compare_exchange_weak(full_at, next, Relaxed, Relaxed) {
                Ok(_) => return outcome,
                Err(other) => full_at = other,
            }
        }
    }
}

/// Buckets of many, of whom the last that came are remembered: who is forgotten has a full one.
#[derive(Debug)]
pub struct Buckets<K>(Cache<K, Arc<Bucket>>);

impl<K: Clone + Eq + Hash> Buckets<K> {
    /// For so many at the same time.
    #[must_use]
    pub fn new(kept: usize) -> Self {
        Self(Cache::new(kept))
    }

    /// Whose bucket it is to take from.
    #[must_use]
    pub fn of(&self, key: &K) -> Arc<Bucket> {
        let made = || Ok::<_, Infallible>(Arc::default());
        match self.0.get_or_insert_with(key, made) {
            Ok(bucket) => bucket,
            Err(never) => match never {},
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_a_minute_and_fills_evenly() {
        let bucket = Bucket::default();
        let take = |at: i64| bucket.take(1, Rate::per_minute(3), Millis(at));
        assert_eq!((take(0), take(0), take(0)), (Ok(()), Ok(()), Ok(())));
        assert_eq!(take(0), Err(20_000));
        assert_eq!(take(19_999), Err(1), "a third of a minute");
        assert_eq!(take(20_000), Ok(()));
        assert_eq!(take(20_000), Err(20_000));
        assert_eq!((take(500_000), take(500_000), take(500_000)), (Ok(()), Ok(()), Ok(())));
        assert!(take(500_000).is_err());
        assert!(take(0).is_err(), "a clock that was set back gives nothing");
        assert!(take(19_999).is_err());
        assert!(take(20_000).is_ok(), "and it fills from there");
    }

    #[test]
    fn much_at_once_and_no_bound() {
        let (bucket, rate) = (Bucket::default(), Rate::per_minute(100));
        assert!(bucket.take(60, rate, Millis(0)).is_ok() && bucket.take(60, rate, Millis(0)).is_err());
        assert!(bucket.take(40, rate, Millis(0)).is_ok());
        assert!(bucket.take(u64::MAX, Rate::per_minute(0), Millis(0)).is_ok());
        assert!(bucket.take(u64::MAX, rate, Millis(0)).is_err());
    }

    #[test]
    fn looking_takes_nothing() {
        let (bucket, rate) = (Bucket::default(), Rate::per_second(1));
        assert!(bucket.look(1, rate, Millis(5)).is_ok() && bucket.look(1, rate, Millis(5)).is_ok());
        assert!(bucket.take(1, rate, Millis(5)).is_ok());
        assert_eq!(bucket.look(1, rate, Millis(5)), Err(1000));
        assert!(bucket.look(1, rate, Millis(1005)).is_ok());
    }

    #[test]
    fn everyone_has_a_bucket_of_their_own_and_few_are_kept() {
        let (buckets, rate) = (Buckets::new(100), Rate::per_minute(1));
        assert!(buckets.of(&1).take(1, rate, Millis(0)).is_ok());
        assert!(buckets.of(&1).take(1, rate, Millis(0)).is_err());
        assert!(buckets.of(&2).take(1, rate, Millis(0)).is_ok());
        for key in 0..10_000 {
            drop(buckets.of(&key));
        }
        assert!(buckets.0.len() <= 100);
    }

    #[test]
    fn many_at_once_take_no_more_than_there_is() {
        let (bucket, rate) = (Bucket::default(), Rate::per_minute(1000));
        let taken = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        if bucket.take(1, rate, Millis(7)).is_ok() {
                            taken.fetch_add(1, Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(taken.into_inner(), 1000);
    }
}
