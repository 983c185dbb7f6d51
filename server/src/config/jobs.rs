//! `[jobs]`: durable work.

use super::numbers::numbers;
use super::problems::Problems;
use crate::model::JobLimits;

numbers! {
    "jobs" => JobLimits {
        concurrency = 256, 1..=4_096;
        per_install = 64, 1..=4_096;
        attempts = 10, 1..=100;
        backoff_ms = 200, 1..=3_600_000;
        backoff_max_ms = 60_000, 1..=86_400_000;
        dead = 1_000, 0..=1_000_000;
    }
}

/// Checks the section.
pub fn check(raw: Raw, problems: &mut Problems) -> JobLimits {
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
