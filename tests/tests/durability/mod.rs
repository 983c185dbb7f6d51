//! A server that is killed at any moment keeps what it has acknowledged, and owes nobody anything.

mod auto_reply;
mod killed;
mod kills;
mod observers;
mod timers;

/// What failed is made again soon, however busy the machine is.
const SOON: [&str; 4] = [
    "jobs.backoff_ms=20",
    "jobs.backoff_max_ms=200",
    "plugins.breaker_longest_ms=200",
    "plugins.wall_ms=10000",
];
