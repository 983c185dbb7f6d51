//! A server that is killed at any moment keeps what it has acknowledged, and owes nobody anything.

mod auto_reply;
mod killed;
mod kills;
mod observers;
mod timers;
