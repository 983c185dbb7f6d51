//! Masks or refuses messages that contain listed words.
//!
//! Two matchers give the same answer: `probe` indexes the message and reads the list once, which is the cheapest thing
//! to do in a fresh instance; `index` indexes the list, which pays from an instance's second call on. `filter` chooses.

pub mod chains;
pub mod config;
pub mod filter;
pub mod fold;
pub mod hits;
pub mod index;
pub mod list;
pub mod probe;
pub mod schema;

mod plugin;
