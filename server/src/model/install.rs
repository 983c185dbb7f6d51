//! A plugin in an app.

use super::{AppId, Body, HttpHost, Millis, PluginName};

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
    /// Make and change users.
    UsersWrite,
    /// Tokens and passwords of users, sealed.
    Credentials,
    /// Have it checked who asks.
    Proofs,
    /// Act as any user without a proof.
    Impersonation,
    /// Sign under secrets it never sees.
    Signatures,
    /// Friends and blacklists.
    Contacts,
    /// Read conversations and members.
    Conversations,
    /// Make and change conversations.
    ConversationsWrite,
    /// Read messages.
    Messages,
    /// Send messages.
    MessagesSend,
    /// Change stored messages.
    MessagesEdit,
    /// Find things by words.
    Search,
    /// Presence, push, disconnect.
    Connections,
    /// Be called later.
    Timers,
    /// Requests to other servers that must arrive.
    Webhooks,
    /// Files.
    Files,
    /// Ask other servers.
    Http,
    /// Figures of its own.
    Metrics,
}

impl Capability {
    /// Every one, in the order of the contract.
    pub const ALL: [Self; 20] = [
        Self::Kv,
        Self::Users,
        Self::UsersWrite,
        Self::Credentials,
        Self::Proofs,
        Self::Impersonation,
        Self::Signatures,
        Self::Contacts,
        Self::Conversations,
        Self::ConversationsWrite,
        Self::Messages,
        Self::MessagesSend,
        Self::MessagesEdit,
        Self::Search,
        Self::Connections,
        Self::Timers,
        Self::Webhooks,
        Self::Files,
        Self::Http,
        Self::Metrics,
    ];

    /// Those of these names; `all` alone is every one.
    ///
    /// # Errors
    /// The first name that none has.
    pub fn listed<'n>(names: impl Iterator<Item = &'n str> + Clone) -> Result<Vec<Self>, &'n str> {
        if names.clone().eq(["all"]) {
            return Ok(Self::ALL.to_vec());
        }
        names.map(|name| Self::named(name).ok_or(name)).collect()
    }

    /// Their names, with commas between.
    #[must_use]
    pub fn known() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }

    /// The interface's name in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kv => "kv",
            Self::Users => "users",
            Self::UsersWrite => "users-write",
            Self::Credentials => "credentials",
            Self::Proofs => "proofs",
            Self::Impersonation => "impersonation",
            Self::Signatures => "signatures",
            Self::Contacts => "contacts",
            Self::Conversations => "conversations",
            Self::ConversationsWrite => "conversations-write",
            Self::Messages => "messages",
            Self::MessagesSend => "messages-send",
            Self::MessagesEdit => "messages-edit",
            Self::Search => "search",
            Self::Connections => "connections",
            Self::Timers => "timers",
            Self::Webhooks => "webhooks",
            Self::Files => "files",
            Self::Http => "http",
            Self::Metrics => "metrics",
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
    /// Acts on stored messages of its kinds.
    MessageAction,
    /// Judges before something happens.
    Policy,
    /// Hears what has happened.
    Observer,
    /// Greets who opens a conversation.
    Opened,
    /// Is called at a time it has set.
    Timer,
    /// Runs commands that users type.
    Command,
    /// Answers HTTP requests under its own path.
    Endpoint,
    /// Speaks a foreign protocol.
    Dialect,
}

impl Hook {
    /// Every one, in the order of the contract.
    pub const ALL: [Self; 10] = [
        Self::About,
        Self::MessageType,
        Self::MessageAction,
        Self::Policy,
        Self::Observer,
        Self::Opened,
        Self::Timer,
        Self::Command,
        Self::Endpoint,
        Self::Dialect,
    ];

    /// The interface's name in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::About => "about",
            Self::MessageType => "message-type",
            Self::MessageAction => "message-action",
            Self::Policy => "policy",
            Self::Observer => "observer",
            Self::Opened => "opened",
            Self::Timer => "timer",
            Self::Command => "command",
            Self::Endpoint => "endpoint",
            Self::Dialect => "dialect",
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

/// A version that runs for a share only: of the conversations, and of the users where there is no conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canary {
    /// What runs there.
    pub version: Version,
    /// How many of a hundred, 1 to 99.
    pub percent: u8,
    /// Since when.
    pub since: Millis,
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
    /// The hosts it may ask, if it was granted `http`; none: nobody.
    pub http_hosts: Vec<HttpHost>,
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
    /// A version that runs beside the current one, for a share.
    pub canary: Option<Canary>,
    /// Whether a new version that fails is rolled back without being asked. None: only canaries are.
    pub auto_rollback: Option<bool>,
    /// Since when the current version runs.
    pub activated_at: Millis,
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
