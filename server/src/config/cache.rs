//! `[cache]`: what is kept in memory to spare reads.

use super::numbers::numbers;
use super::problems::Problems;

/// How much is kept in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    /// Conversations with their members' roles.
    pub conversations: usize,
    /// Bytes of users' profiles.
    pub profile_bytes: usize,
}

numbers! {
    "cache" => Cache {
        conversations = 20_000, 16..=10_000_000;
        profile_bytes = 33_554_432, 65_536..=17_179_869_184;
    }
}

/// Checks the section.
pub fn check(raw: Raw, problems: &mut Problems) -> Cache {
    raw.numbers(problems)
}
