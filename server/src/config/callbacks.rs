//! `[callbacks]`: webhooks, the requests to other servers; and which addresses plugins may ask.

use super::networks::Networks;
use super::numbers::numbers;
use super::problems::Problems;

/// How webhooks are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callbacks {
    /// Whether addresses that are not public may be sent to.
    pub allow_private: bool,
    /// Networks that may be sent to although they are private.
    pub private_networks: Networks,
    /// Milliseconds one try may take.
    pub timeout_ms: u64,
    /// Tries before a webhook is given up and kept as dead.
    pub attempts: u32,
    /// Milliseconds before the second try at most; the bound of each further pause is twice as long.
    pub backoff_ms: u64,
    /// What that bound grows to, in milliseconds.
    pub backoff_max_ms: u64,
    /// Requests at the same time on this node.
    pub concurrency: usize,
    /// Of those, requests of one app.
    pub per_app: usize,
    /// Webhooks of one install that may wait.
    pub waiting: u32,
    /// Given-up webhooks of one install that are kept.
    pub dead: u32,
}

numbers! {
    "callbacks" => Callbacks {
        timeout_ms = 10_000, 100..=60_000;
        attempts = 12, 1..=100;
        backoff_ms = 500, 1..=3_600_000;
        backoff_max_ms = 600_000, 1..=86_400_000;
        concurrency = 128, 1..=4_096;
        per_app = 32, 1..=4_096;
        waiting = 10_000, 1..=1_000_000;
        dead = 1_000, 1..=1_000_000;
    }
    also {
        allow_private: bool = false;
        private_networks: Networks = Networks::default();
    }
}

/// Checks the section.
pub fn check(raw: Raw, problems: &mut Problems) -> Callbacks {
    let before = problems.count();
    let callbacks = raw.numbers(problems);
    if problems.count() > before {
        return callbacks;
    }
    if callbacks.per_app > callbacks.concurrency {
        let what = format!("must not be more than callbacks.concurrency, {}", callbacks.concurrency);
        problems.add("callbacks.per_app", what);
    }
    if callbacks.backoff_ms > callbacks.backoff_max_ms {
        let what = format!(
            "must not be more than callbacks.backoff_max_ms, {}",
            callbacks.backoff_max_ms
        );
        problems.add("callbacks.backoff_ms", what);
    }
    callbacks
}
