//! What the server says about itself: in words on standard error, and in figures. Knows nothing of the rest of the server.

mod figures;

use tracing_subscriber::EnvFilter;

pub use figures::{Count, Figures, Spread};

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts logging from `level` upwards, for the whole process. `RUST_LOG`, if it is set, goes before the level.
///
/// # Errors
/// If `RUST_LOG` or the level is no filter, or logging has been started before.
pub fn start(level: &str, lines: Lines) -> anyhow::Result<()> {
    let filter = match std::env::var("RUST_LOG") {
        Ok(directives) if !directives.is_empty() => EnvFilter::try_new(directives)?,
        _ => EnvFilter::try_new(level)?,
    };
    let start = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = match lines {
        Lines::Text => {
            use std::io::IsTerminal as _;
            start.with_ansi(std::io::stderr().is_terminal()).try_init()
        }
        Lines::Json => start.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging: {error}"))
}
