//! `[quotas]`: what an install may do in a minute.

use super::numbers::numbers;
use super::problems::Problems;

/// What an install may do in a minute; 0: no bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotas {
    /// Messages it sends.
    pub messages_per_minute: u32,
    /// Requests to other servers.
    pub http_per_minute: u32,
    /// Webhooks.
    pub webhooks_per_minute: u32,
    /// Users it makes or changes.
    pub users_per_minute: u32,
    /// Files it keeps or deletes.
    pub files_per_minute: u32,
    /// Events it pushes to a user, and disconnects.
    pub pushes_per_minute: u32,
    /// Bytes of its log.
    pub log_bytes_per_minute: u64,
}

numbers! {
    "quotas" => Quotas {
        messages_per_minute = 600, 0..=1_000_000_000;
        http_per_minute = 120, 0..=1_000_000_000;
        webhooks_per_minute = 600, 0..=1_000_000_000;
        users_per_minute = 600, 0..=1_000_000_000;
        files_per_minute = 60, 0..=1_000_000_000;
        pushes_per_minute = 6_000, 0..=1_000_000_000;
        log_bytes_per_minute = 1 << 20, 0..=1 << 40;
    }
}

/// Checks the section.
pub fn check(raw: Raw, problems: &mut Problems) -> Quotas {
    raw.numbers(problems)
}
