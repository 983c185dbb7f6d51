//! A server that is killed at any moment keeps what it has acknowledged, and owes nobody anything.

mod auto_reply;
mod killed;
mod kills;
mod observers;
mod timers;

/// What failed is made again soon, however busy the machine is; and nothing fails because it is.
const SOON: [&str; 5] = [
    "jobs.backoff_ms=20",
    "jobs.backoff_max_ms=200",
    "plugins.breaker_longest_ms=200",
    "plugins.wall_ms=10000",
    "plugins.deadline_ms=2000",
];
