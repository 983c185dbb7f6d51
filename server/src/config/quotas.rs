//! `[quotas]`: what an install may do in a minute.

use super::numbers::numbers;
use super::problems::Problems;
use crate::model::QuotaLimits;

numbers! {
    "quotas" => QuotaLimits {
        messages_per_minute = 600, 0..=1_000_000_000;
        http_per_minute = 120, 0..=1_000_000_000;
        webhooks_per_minute = 600, 0..=1_000_000_000;
        users_per_minute = 600, 0..=1_000_000_000;
        files_per_minute = 60, 0..=1_000_000_000;
        pushes_per_minute = 6_000, 0..=1_000_000_000;
        edits_per_minute = 600, 0..=1_000_000_000;
        conversations_per_minute = 6_000, 0..=1_000_000_000;
        contacts_per_minute = 600, 0..=1_000_000_000;
        credentials_per_minute = 600, 0..=1_000_000_000;
        timers_per_minute = 6_000, 0..=1_000_000_000;
        log_bytes_per_minute = 1 << 20, 0..=1 << 40;
    }
}

/// Checks the section.
pub fn check(raw: Raw, problems: &mut Problems) -> QuotaLimits {
    raw.numbers(problems)
}
