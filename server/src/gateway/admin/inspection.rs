//! What a component is, for whoever may install it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{Body, Capability, Hook, Kind, Role};
use crate::plugin_host::{self, AttemptKind};

/// What a component is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Inspection<'a> {
    /// SHA-256 of the component, in hex.
    digest: &'a str,
    /// Bytes of the component; only of one that was just uploaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<usize>,
    /// What it does.
    hooks: Vec<&'static str>,
    /// What it wants to be granted.
    capabilities: Vec<&'static str>,
    /// One line for people; may be empty.
    summary: &'a str,
    /// The plugin's own version; may be empty.
    version: &'a str,
    /// JSON schema of its configuration.
    #[schema(value_type = Option<Body>, required = true)]
    config_schema: Option<&'a Body>,
    /// The kinds it owns.
    kinds: Vec<OwnedKind<'a>>,
    /// What it judges and what it hears.
    rules: Rules<'a>,
    /// The commands it runs.
    commands: Vec<Command<'a>>,
}

/// A command that users type.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PluginCommand)]
struct Command<'a> {
    /// What follows the slash.
    name: &'a str,
    /// How its arguments are written; may be empty.
    usage: &'a str,
    /// One line for people; may be empty.
    summary: &'a str,
    /// Who may run it; everyone who may speak if empty.
    #[schema(value_type = Vec<Role>)]
    roles: &'a [Role],
}

/// A kind that a plugin owns.
#[derive(Debug, Serialize, ToSchema)]
struct OwnedKind<'a> {
    /// Its name.
    #[schema(value_type = Kind)]
    kind: &'a Kind,
    /// JSON schema of its bodies.
    #[schema(value_type = Body)]
    schema: &'a Body,
}

/// What a plugin judges and what it hears.
#[derive(Debug, Serialize, ToSchema)]
struct Rules<'a> {
    /// What its policy judges.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<PolicyRule<'a>>,
    /// What its observer hears.
    #[serde(skip_serializing_if = "Option::is_none")]
    observer: Option<Interest<'a>>,
}

/// What a policy judges.
#[derive(Debug, Serialize, ToSchema)]
struct PolicyRule<'a> {
    /// What it is asked about.
    attempts: Vec<&'static str>,
    /// Of messages: only these kinds; all if empty.
    kinds: &'a [Kind],
    /// Its place among the app's policies: lower first.
    priority: i32,
    /// Whether an attempt passes when the policy fails.
    fails_open: bool,
}

/// What an observer hears.
#[derive(Debug, Serialize, ToSchema)]
struct Interest<'a> {
    /// Events.
    events: Vec<&'static str>,
    /// Only these kinds; all if empty.
    kinds: &'a [Kind],
}

impl<'a> Inspection<'a> {
    /// What `plugin_host` has found; `size` of one that was just uploaded.
    #[must_use]
    pub fn of(found: &'a plugin_host::Inspection, size: Option<usize>) -> Self {
        let kinds = found.kinds.iter().map(|(kind, schema)| OwnedKind { kind, schema });
        let policy = found.policy.as_ref().map(|rule| PolicyRule {
            attempts: rule.attempts.iter().map(AttemptKind::as_str).collect(),
            kinds: &rule.kinds,
            priority: rule.priority,
            fails_open: rule.fails_open,
        });
        let observer = found.observer.as_ref().map(|interest| Interest {
            events: interest.events.iter().map(|kind| kind.as_str()).collect(),
            kinds: &interest.kinds,
        });
        Self {
            digest: &found.digest.0,
            size,
            hooks: found.hooks.iter().copied().map(Hook::as_str).collect(),
            capabilities: found.capabilities.iter().copied().map(Capability::as_str).collect(),
            summary: &found.summary,
            version: &found.version,
            config_schema: found.config_schema.as_ref(),
            kinds: kinds.collect(),
            rules: Rules { policy, observer },
            commands: found
                .commands
                .iter()
                .map(|command| Command {
                    name: command.name.as_str(),
                    usage: &command.usage,
                    summary: &command.summary,
                    roles: &command.roles,
                })
                .collect(),
        }
    }
}
