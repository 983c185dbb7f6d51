//! End-to-end tests: the real server binary, real sockets, real guests. `cargo xtask test` builds what they start.
//!
//! Most tests share one server and have an app of their own on it, for apps share nothing; a test that needs settings,
//! kills or a full disk starts a server of its own. Nothing sleeps for luck: a test waits for what it expects, and what
//! must not come is looked for in front of something that must.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise, wherever it is met"
)]

mod core;
mod dialects;
mod durability;
mod harness;
mod operations;
mod plugins;
mod protocol;
mod refusals;
