//! Greets who opens a conversation, and answers messages by hours, menu and rules until a human does.
//!
//! Whatever a call does begins with one write: the conversation's record, which holds the whole plan. A repeated call finds
//! it and repeats the same writes in the same places, and nothing is said twice.

pub mod act;
pub mod answer;
pub mod config;
pub mod fill;
pub mod greeting;
pub mod host;
pub mod hours;
pub mod idle;
pub mod joined;
pub mod literal;
pub mod menu;
pub mod plan;
pub mod rules;
pub mod scene;
pub mod schema;
pub mod script;
pub mod talk;
pub mod voice;

mod live;
mod plugin;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod killed;
