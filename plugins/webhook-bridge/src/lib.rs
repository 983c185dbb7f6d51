//! Any event to the tenant's own backend: one signed request for each event and target, in order for each conversation.
//!
//! What is told is decided here and nowhere else; that it arrives (tries, pauses, dead letters, replay) is the server's.

pub mod body;
pub mod config;
pub mod facts;
pub mod filter;
pub mod happening;
pub mod parcel;
pub mod schema;

mod plugin;
