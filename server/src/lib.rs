//! Switchboard's server.
pub mod chat;
pub mod cluster;
pub mod delivery;
pub mod hub;
pub mod model;
pub mod plugin_host;
pub mod storage;
