//! Switchboard's server.
pub mod model;
pub mod plugin_host;
pub mod storage;
