//! A user an app has from the start.

use serde::Deserialize;

use crate::config::problems::Problems;
use crate::model::UserId;

/// A user an app has from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppUser {
    /// Its id.
    pub user: UserId,
    /// Shown to others.
    pub nickname: String,
    /// Which side of the demo page it sits on.
    pub role: AppUserRole,
    /// What greets who opens a conversation with it while it is online.
    pub auto_reply: Option<String>,
    /// The same while it is away.
    pub auto_reply_offline: Option<String>,
}

/// Which side of the demo page a user sits on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AppUserRole {
    /// Answers.
    Agent,
    /// Asks.
    Customer,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    user: String,
    nickname: String,
    role: AppUserRole,
    auto_reply: Option<String>,
    auto_reply_offline: Option<String>,
}

/// Checks one.
pub fn check(key: &str, entry: toml::Value, problems: &mut Problems) -> Option<AppUser> {
    let raw: Raw = problems.read(key, entry)?;
    problems.text(format_args!("{key}.nickname"), &raw.nickname, 1..=100);
    for (name, text) in [
        ("auto_reply", &raw.auto_reply),
        ("auto_reply_offline", &raw.auto_reply_offline),
    ] {
        if let Some(text) = text {
            // Both together stay below the 8 KiB that a user's attributes may have.
            problems.text(format_args!("{key}.{name}"), text, 1..=1_000);
        }
    }
    let user = UserId::new(&raw.user)
        .map_err(|error| problems.add(format_args!("{key}.user"), error))
        .ok()?;
    Some(AppUser {
        user,
        nickname: raw.nickname,
        role: raw.role,
        auto_reply: raw.auto_reply,
        auto_reply_offline: raw.auto_reply_offline,
    })
}
