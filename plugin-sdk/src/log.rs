//! Lines for the tenant's eyes: `info!("{n} left")` and its sisters. At most 64 KiB per call are kept.
//!
//! In a native test the lines go to stderr, so that a hook which only logs can be tested there.

pub use crate::host::log::Level;

/// Writes one line; the macros are the usual way.
pub fn write(level: Level, text: &str) {
    if cfg!(target_family = "wasm") {
        crate::host::log::write(level, text);
    } else {
        eprintln!("{level:?}: {text}");
    }
}

/// Logs a formatted line at level `trace`.
#[macro_export]
macro_rules! trace {
    ($($argument:tt)+) => { $crate::log::write($crate::log::Level::Trace, &::std::format!($($argument)+)) };
}

/// Logs a formatted line at level `debug`.
#[macro_export]
macro_rules! debug {
    ($($argument:tt)+) => { $crate::log::write($crate::log::Level::Debug, &::std::format!($($argument)+)) };
}

/// Logs a formatted line at level `info`.
#[macro_export]
macro_rules! info {
    ($($argument:tt)+) => { $crate::log::write($crate::log::Level::Info, &::std::format!($($argument)+)) };
}

/// Logs a formatted line at level `warn`.
#[macro_export]
macro_rules! warn {
    ($($argument:tt)+) => { $crate::log::write($crate::log::Level::Warn, &::std::format!($($argument)+)) };
}

/// Logs a formatted line at level `error`.
#[macro_export]
macro_rules! error {
    ($($argument:tt)+) => { $crate::log::write($crate::log::Level::Error, &::std::format!($($argument)+)) };
}
