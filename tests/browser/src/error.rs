//! What can go wrong between a test and its browser.

use std::io;

/// Why the browser did not do what a test asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no browser on this machine.
    #[error(
        "no Chromium found: set CHROMIUM to its path, or install it (Debian: `apt-get install chromium`); looked for {0}"
    )]
    Missing(String),
    /// The browser is there and does not start.
    #[error("the browser {program} did not start: {reason}")]
    Start {
        /// The file that was run.
        program: String,
        /// What it printed, or how it ended.
        reason: String,
    },
    /// The profile folder or the process could not be made.
    #[error("cannot prepare a browser")]
    Io(#[from] io::Error),
    /// The browser refused a command or went away.
    #[error("the browser failed: {0}")]
    Protocol(String),
    /// A script of the test threw.
    #[error("the script `{script}` failed: {reason}")]
    Script {
        /// What was evaluated.
        script: String,
        /// The exception as the browser describes it.
        reason: String,
    },
    /// What was waited for did not come.
    #[error("waited {seconds} s in vain for {what}; the page shows: {page}")]
    Timeout {
        /// How long.
        seconds: u64,
        /// What was waited for.
        what: String,
        /// The beginning of the text on the page.
        page: String,
    },
}

impl Error {
    /// An error of the protocol crate, whose own type is opaque.
    pub(crate) fn protocol(error: impl std::fmt::Display) -> Self {
        Self::Protocol(format!("{error:#}"))
    }
}
