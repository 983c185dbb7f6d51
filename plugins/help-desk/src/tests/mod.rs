//! The desk against a server of the tests' own.

mod fake;
mod model;
mod stories;
