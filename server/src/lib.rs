//! Switchboard's server.
pub mod cluster;
pub mod delivery;
pub mod gateway;
pub mod hub;
pub mod model;
pub mod storage;
