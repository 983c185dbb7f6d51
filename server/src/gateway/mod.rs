//! The way in.

pub mod error;
