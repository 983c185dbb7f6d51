//! A plugin in an app.

use super::{AppId, Body, Millis, PluginName};

/// SHA-256 of a component, in lower-case hex: its name in storage and in the artifact cache.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub String);

/// What a plugin may import beyond `log` and `config`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// Key-value space of its own.
    Kv,
    /// Read users.
    Users,
    /// Read conversations and members.
    Conversations,
    /// Read messages.
    Messages,
    /// Send messages.
    MessagesSend,
    /// Presence, push, disconnect.
    Connections,
}

impl Capability {
    /// Every one, in the order of the contract.
    pub const ALL: [Self; 6] = [
        Self::Kv,
        Self::Users,
        Self::Conversations,
        Self::Messages,
        Self::MessagesSend,
        Self::Connections,
    ];

    /// The interface's name in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kv => "kv",
            Self::Users => "users",
            Self::Conversations => "conversations",
            Self::Messages => "messages",
            Self::MessagesSend => "messages-send",
            Self::Connections => "connections",
        }
    }

    /// The capability with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|capability| capability.as_str() == name)
    }
}

/// What a plugin may export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hook {
    /// Describes itself.
    About,
    /// Owns message kinds.
    MessageType,
    /// Judges before something happens.
    Policy,
    /// Hears what has happened.
    Observer,
    /// Greets who opens a conversation.
    Opened,
}

impl Hook {
    /// Every one, in the order of the contract.
    pub const ALL: [Self; 5] = [
        Self::About,
        Self::MessageType,
        Self::Policy,
        Self::Observer,
        Self::Opened,
    ];

    /// The interface's name in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::About => "about",
            Self::MessageType => "message-type",
            Self::Policy => "policy",
            Self::Observer => "observer",
            Self::Opened => "opened",
        }
    }
}

/// One component that was uploaded under an install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// 1, 2, 3 … in its install.
    pub number: u32,
    /// Which component.
    pub digest: Digest,
    /// When it was uploaded.
    pub created_at: Millis,
}

/// A plugin in an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Install {
    /// The tenant.
    pub app: AppId,
    /// Its name there.
    pub name: PluginName,
    /// The version that runs.
    pub current: Version,
    /// The one before, to go back to.
    pub previous: Option<Version>,
    /// What it was granted.
    pub grants: Vec<Capability>,
    /// Its configuration: a JSON object.
    pub config: Body,
    /// Comes before the plugin's own priority, if set.
    pub priority: Option<i32>,
    /// How many calls one instance may serve; 1 is a fresh instance for each.
    pub reuse: u32,
    /// A disabled install is not called.
    pub enabled: bool,
    /// Grows with every change: the cache's key to staleness.
    pub revision: u64,
}

/// Whether calls reach the guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstallState {
    /// Called as usual.
    Active,
    /// Disabled by the tenant.
    Disabled,
    /// Failed too often; the next trial call is due at `until`.
    Suspended {
        /// When.
        until: Millis,
        /// Why.
        reason: String,
    },
    /// Cannot be loaded (a missing artifact, an incompatible server).
    Broken(String),
}

/// How loud a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Finest.
    Trace,
    /// For developers.
    Debug,
    /// Worth knowing.
    Info,
    /// Odd.
    Warn,
    /// Wrong.
    Error,
}

/// A line of a plugin's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// 1, 2, 3 … in its install, since the server started.
    pub id: u64,
    /// When.
    pub at: Millis,
    /// How loud.
    pub level: LogLevel,
    /// In which call.
    pub call: String,
    /// What.
    pub text: String,
}
