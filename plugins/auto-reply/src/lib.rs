//! Greets who opens a conversation, and answers messages by keyword until a human does.
//!
//! Every reply is two writes in one order: first the mark that claims it, then the message. A repeated call repeats
//! both, and nothing is said twice.

pub mod answer;
pub mod config;
pub mod fill;
pub mod greeting;
pub mod guard;
pub mod host;
pub mod literal;
pub mod rules;
pub mod schema;

mod plugin;

#[cfg(test)]
mod cost;
#[cfg(test)]
mod fake;
