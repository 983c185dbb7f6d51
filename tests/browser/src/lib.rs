//! Drives a real Chromium, so that tests can use the demo page as people do: tabs, keys, clicks, what is on screen.
//!
//! Invariant: a [`Browser`] owns one process and one profile folder, and both are gone when it is dropped. Every wait
//! ends: with what was waited for, or with an error that says what was on the page instead.

mod browser;
mod error;
mod tab;

pub use browser::Browser;
pub use error::Error;
pub use tab::{Colors, Tab};
