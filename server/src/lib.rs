//! Switchboard's server.
pub mod model;
pub mod storage;
