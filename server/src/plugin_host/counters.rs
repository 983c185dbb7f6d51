//! How often each hook of an install was called, and how it went. Counting never waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::failure::Failure;
use super::figures::add_named;
use crate::model::Hook;

const HOOKS: usize = Hook::ALL.len();
const REASONS: usize = Failure::NAMES.len();
/// Bucket `i` holds durations below 2^i microseconds; the last holds the rest, about half a minute and more.
const BUCKETS: usize = 26;

/// The counters of a version of an install, and those of all its versions together. They survive swaps and upgrades.
#[derive(Debug, Default)]
pub struct Counters {
    own: Tally,
    all: Arc<Tally>,
}

/// A counter for each hook.
#[derive(Debug, Default)]
struct Tally([HookCounter; HOOKS]);

#[derive(Debug, Default)]
struct HookCounter {
    calls: AtomicU64,
    failures: [AtomicU64; REASONS],
    refused: AtomicU64,
    suspended: AtomicU64,
    nanos: AtomicU64,
    buckets: [AtomicU64; BUCKETS],
}

/// What was counted for a hook, as of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookCounts {
    /// Which hook.
    pub hook: Hook,
    /// Calls that reached the guest.
    pub calls: u64,
    /// Calls that gave no answer, by the name of the reason; only those that happened.
    pub failures: Vec<(&'static str, u64)>,
    /// Answers that refused something.
    pub refused: u64,
    /// Calls that were left out because the hook was suspended.
    pub suspended: u64,
    /// The time of all calls together, in microseconds.
    pub total_us: u64,
    /// Half of the calls took no longer, in microseconds, to a power of two.
    pub p50_us: u64,
    /// 99 of 100 calls took no longer, in microseconds, to a power of two.
    pub p99_us: u64,
    /// How many calls took less than 2^i microseconds and not less than half of that, for each i; the last holds the rest.
    pub buckets: [u64; BUCKETS],
}

impl Counters {
    /// Nothing counted yet, of another version of the same install.
    #[must_use]
    pub fn afresh(&self) -> Self {
        Self {
            own: Tally::default(),
            all: self.all.clone(),
        }
    }

    /// A call that reached the guest.
    pub fn called(&self, hook: Hook, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let bits = u128::BITS - took.as_micros().leading_zeros();
        for counter in self.of(hook) {
            counter.calls.fetch_add(1, Relaxed);
            counter.nanos.fetch_add(nanos, Relaxed);
            counter.buckets[(bits as usize).min(BUCKETS - 1)].fetch_add(1, Relaxed);
        }
    }

    /// A call that gave no answer.
    pub fn failed(&self, hook: Hook, failure: &Failure) {
        for counter in self.of(hook) {
            counter.failures[failure.index()].fetch_add(1, Relaxed);
        }
    }

    /// An answer that refused something.
    pub fn refused(&self, hook: Hook) {
        for counter in self.of(hook) {
            counter.refused.fetch_add(1, Relaxed);
        }
    }

    /// A call that was left out.
    pub fn suspended(&self, hook: Hook) {
        for counter in self.of(hook) {
            counter.suspended.fetch_add(1, Relaxed);
        }
    }

    /// What was counted of this version, hook by hook in the order of the contract.
    pub fn read(&self) -> Vec<HookCounts> {
        self.own.read()
    }

    /// What was counted of all versions since the server started: this never becomes less.
    pub fn read_all(&self) -> Vec<HookCounts> {
        self.all.read()
    }

    fn of(&self, hook: Hook) -> [&HookCounter; 2] {
        [&self.own.0[hook as usize], &self.all.0[hook as usize]]
    }
}

impl Tally {
    fn read(&self) -> Vec<HookCounts> {
        let counters = Hook::ALL.into_iter().zip(&self.0);
        counters.map(|(hook, counter)| counter.read(hook)).collect()
    }
}

impl HookCounts {
    /// Adds what was counted for the same hook elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        add_named(&mut self.failures, other.failures.clone());
        self.refused += other.refused;
        self.suspended += other.suspended;
        self.total_us += other.total_us;
        for (sum, more) in self.buckets.iter_mut().zip(other.buckets) {
            *sum += more;
        }
        self.p50_us = quantile(&self.buckets, 50);
        self.p99_us = quantile(&self.buckets, 99);
    }
}

impl HookCounter {
    fn read(&self, hook: Hook) -> HookCounts {
        let buckets: [u64; BUCKETS] = std::array::from_fn(|i| self.buckets[i].load(Relaxed));
        let failures = Failure::NAMES.into_iter().zip(&self.failures);
        HookCounts {
            hook,
            calls: self.calls.load(Relaxed),
            failures: failures
                .map(|(name, count)| (name, count.load(Relaxed)))
                .filter(|(_, count)| *count > 0)
                .collect(),
            refused: self.refused.load(Relaxed),
            suspended: self.suspended.load(Relaxed),
            total_us: self.nanos.load(Relaxed) / 1000,
            p50_us: quantile(&buckets, 50),
            p99_us: quantile(&buckets, 99),
            buckets,
        }
    }
}

fn quantile(buckets: &[u64; BUCKETS], percent: u64) -> u64 {
    let all: u64 = buckets.iter().sum();
    let wanted = (all * percent).div_ceil(100);
    let mut seen = 0;
    for (i, count) in buckets.iter().enumerate() {
        seen += count;
        if *count > 0 && seen >= wanted {
            return 1 << i;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_come_from_the_buckets() {
        let counters = Counters::default();
        for _ in 0..98 {
            counters.called(Hook::Policy, Duration::from_micros(9));
        }
        counters.called(Hook::Policy, Duration::from_micros(1000));
        counters.called(Hook::Policy, Duration::from_micros(1000));
        counters.failed(Hook::Policy, &Failure::Cpu);
        let read = counters.read();
        let policy = &read[Hook::Policy as usize];
        assert_eq!((policy.calls, policy.p50_us, policy.p99_us), (100, 16, 1024));
        assert_eq!(policy.failures, [("cpu", 1)]);
        assert_eq!(read[Hook::Opened as usize].p50_us, 0);
        let canary = counters.afresh();
        canary.called(Hook::Policy, Duration::from_micros(9));
        assert_eq!(canary.read()[Hook::Policy as usize].calls, 1);
        assert_eq!(counters.read()[Hook::Policy as usize].calls, 100);
        for version in [&counters, &canary] {
            assert_eq!(version.read_all()[Hook::Policy as usize].calls, 101);
        }
        let mut twice = policy.clone();
        twice.add(policy);
        assert_eq!((twice.calls, twice.p50_us, twice.p99_us), (200, 16, 1024));
        assert_eq!(twice.failures, [("cpu", 2)]);
    }
}
