//! The tenant.

use super::AppId;

/// One tenant of this server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its id.
    pub id: AppId,
    /// A name for people.
    pub name: String,
    /// Signs its users' tokens and opens its part of the admin API.
    pub secret: String,
    /// A disabled app answers nobody.
    pub enabled: bool,
    /// Made by the demo section of the configuration.
    pub demo: bool,
    /// What the tenant may choose.
    pub settings: AppSettings,
}

/// Per-app choices, each with a default that suits a new tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppSettings {
    /// How many logins of one user live side by side.
    pub login: Login,
    /// Whether a kind that no plugin of the app owns is accepted as it is.
    pub accept_unowned_kinds: bool,
    /// Whether a valid token for an unknown uid creates the user.
    pub auto_create_users: bool,
    /// The longest text of a `text` message, in characters.
    pub text_chars: u32,
    /// How long after sending a member may recall or edit its own message, in seconds; 0 for no end.
    pub recall_seconds: u32,
    /// How far the time of a signature may be from now, in seconds.
    pub sign_timeout: u32,
    /// Where dialects that know such a thing post what was sent; empty: nowhere.
    pub push_url: String,
    /// Whether changes of groups are stored as messages of the kind `system`.
    pub system_messages: bool,
    /// Whether dialects may let users in who bring no proof at all.
    pub open_logins: bool,
    /// Whether files may be uploaded by who is not logged in.
    pub anonymous_uploads: bool,
    /// Whether messages can be searched.
    pub search: bool,
}

impl AppSettings {
    /// The most bytes of a `push_url`.
    pub const PUSH_URL: usize = 2048;

    /// Whether a text can be a `push_url`: an absolute URL of `http` or `https`, or empty.
    #[must_use]
    pub fn is_push_url(url: &str) -> bool {
        let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
        let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
        let clean = url.len() <= Self::PUSH_URL && !url.contains(|c: char| c.is_control() || c.is_whitespace());
        url.is_empty() || (clean && host.is_some_and(|host| !host.is_empty()))
    }
}

impl Default for AppSettings {
    fn default() -> Self {
        Self {
            login: Login::Multiple,
            accept_unowned_kinds: false,
            auto_create_users: true,
            text_chars: 5000,
            recall_seconds: 0,
            sign_timeout: 60,
            push_url: String::new(),
            system_messages: false,
            open_logins: false,
            anonymous_uploads: false,
            search: true,
        }
    }
}

/// The single-login policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// Any number of connections.
    Multiple,
    /// One connection a device: a newer one replaces the older.
    PerDevice,
    /// One connection a user.
    Single,
}
