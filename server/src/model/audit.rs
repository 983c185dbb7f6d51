//! What was done to the plugins of an app, by whom and when: never changed once it is written.

use super::{Body, Digest, Millis, PluginName};

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Whoever holds the operator's token.
    Operator,
    /// Whoever holds the app's secret.
    App,
    /// The configuration, when the server started.
    Config,
    /// The server itself, because a version failed.
    Automatic,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// A plugin came into the app.
    Installed,
    /// Another component runs for everybody.
    Upgraded,
    /// Another component runs for a share.
    CanaryStarted,
    /// The share has changed.
    CanaryChanged,
    /// The canary runs for everybody.
    Promoted,
    /// The canary was ended, or the version before runs again.
    RolledBack,
    /// The same, because the version failed.
    AutoRolledBack,
    /// Other settings.
    Configured,
    /// Other grants.
    Granted,
    /// It is called again.
    Enabled,
    /// It is called no more.
    Disabled,
    /// It was taken out of the app.
    Removed,
}

/// One thing that was done to one plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What.
    pub kind: StepKind,
    /// To which plugin.
    pub plugin: PluginName,
    /// Which component it is about: the one that runs from then on, unless it is a canary's step.
    pub digest: Digest,
    /// More about it: a JSON object.
    pub detail: Body,
}

/// A step as it was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Later ones have greater ids.
    pub id: u64,
    /// When.
    pub at: Millis,
    /// Who.
    pub who: Who,
    /// What.
    pub step: Step,
}

impl Who {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Operator, Self::App, Self::Config, Self::Automatic];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::App => "app",
            Self::Config => "config",
            Self::Automatic => "automatic",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|who| who.as_str() == name)
    }
}

impl StepKind {
    /// Every one.
    pub const ALL: [Self; 12] = [
        Self::Installed,
        Self::Upgraded,
        Self::CanaryStarted,
        Self::CanaryChanged,
        Self::Promoted,
        Self::RolledBack,
        Self::AutoRolledBack,
        Self::Configured,
        Self::Granted,
        Self::Enabled,
        Self::Disabled,
        Self::Removed,
    ];

    /// Whether it decides which component runs, if any.
    #[must_use]
    pub const fn is_of_version(self) -> bool {
        match self {
            Self::Installed
            | Self::Upgraded
            | Self::CanaryStarted
            | Self::CanaryChanged
            | Self::Promoted
            | Self::RolledBack
            | Self::AutoRolledBack
            | Self::Removed => true,
            Self::Configured | Self::Granted | Self::Enabled | Self::Disabled => false,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Upgraded => "upgraded",
            Self::CanaryStarted => "canary_started",
            Self::CanaryChanged => "canary_changed",
            Self::Promoted => "promoted",
            Self::RolledBack => "rolled_back",
            Self::AutoRolledBack => "auto_rolled_back",
            Self::Configured => "configured",
            Self::Granted => "granted",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Removed => "removed",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}
