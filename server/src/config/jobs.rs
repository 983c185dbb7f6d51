//! `[jobs]`: durable work.

use super::numbers::numbers;
use super::problems::Problems;

/// How durable work is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jobs {
    /// Conversations whose jobs are done at the same time on this node.
    pub concurrency: usize,
    /// Of those, conversations of one install.
    pub per_install: usize,
    /// Tries before a job is given up and kept as dead.
    pub attempts: u32,
    /// Milliseconds before the second try; each further wait is twice as long.
    pub backoff_ms: u64,
    /// The longest wait between two tries, in milliseconds.
    pub backoff_max_ms: u64,
}

numbers! {
    "jobs" => Jobs {
        concurrency = 256, 1..=4_096;
        per_install = 64, 1..=4_096;
        attempts = 10, 1..=100;
        backoff_ms = 200, 1..=3_600_000;
        backoff_max_ms = 60_000, 1..=86_400_000;
    }
}

/// Checks the section.
pub fn check(raw: Raw, problems: &mut Problems) -> Jobs {
    let before = problems.count();
    let jobs = raw.numbers(problems);
    if problems.count() > before {
        return jobs;
    }
    if jobs.per_install > jobs.concurrency {
        let what = format!("must not be more than jobs.concurrency, {}", jobs.concurrency);
        problems.add("jobs.per_install", what);
    }
    if jobs.backoff_ms > jobs.backoff_max_ms {
        let what = format!("must not be more than jobs.backoff_max_ms, {}", jobs.backoff_max_ms);
        problems.add("jobs.backoff_ms", what);
    }
    jobs
}
