//! The desk against a server of the tests' own.

mod cases;
mod ends;
mod fake;
mod model;
mod stage;
mod stories;
