//! The configuration, read on every call.

use serde::Deserialize;

/// All settings; every one may be absent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The largest sum of one packet, in minor units.
    pub max_total: u64,
    /// The most shares of one packet.
    pub max_count: u64,
    /// How long a packet can be claimed, in seconds; a sender may ask for less.
    pub expiry_seconds: u64,
    /// Mixed into random shares, so that nobody without it can tell them in advance.
    pub salt: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_total: 2_000_000,
            max_count: 100,
            expiry_seconds: 24 * 60 * 60,
            salt: String::new(),
        }
    }
}

impl Config {
    /// Reads a configuration; the text of an error says what is wrong and where.
    ///
    /// # Errors
    /// What does not fit.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| format!("configuration: {error}"))
    }
}
