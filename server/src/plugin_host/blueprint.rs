//! A component that was admitted: linked, typed, and asked once what it does. Shared by every install of it, in every
//! app; nothing in it belongs to a tenant.

use std::sync::Arc;

use wasmtime::component::InstancePre;

use super::attempts::{AttemptKind, Attempts};
use super::bindings::exports::switchboard::plugin::{
    about, command, dialect, endpoint, message_action, message_type, observer, opened, policy, timer,
};
use super::bindings::switchboard::plugin::types;
use super::description::Description;
use super::export::Export;
use super::instance::State;
use super::schema::Schema;
use crate::model::{Body, Capability, Digest, EventKind, Hook, Kind, SlashCommand};

/// An admitted component.
pub struct Blueprint {
    /// Linked with exactly what it imports.
    pub pre: InstancePre<State>,
    /// Where its hooks are.
    pub hooks: HookIndices,
    /// What it said of itself, ready for use.
    pub descriptor: Descriptor,
    /// The same, for people.
    pub inspection: Arc<Inspection>,
}

/// The call of a policy.
pub type PolicyCheck = Export<(types::Context, types::Sender, Arc<policy::Attempt>), (policy::Verdict,)>;
/// The call of a message type.
pub type BodyCheck = Export<(types::Context, types::Sender, types::Draft), (Result<String, types::Refusal>,)>;

/// Where the exported hooks are.
pub struct HookIndices {
    /// `about`.
    pub about: Option<about::GuestIndices>,
    /// `message-type`.
    pub message_type: Option<message_type::GuestIndices>,
    /// `message-type.check`, which messages of its kinds wait for.
    pub body_check: Option<BodyCheck>,
    /// `message-action`.
    pub message_action: Option<message_action::GuestIndices>,
    /// `policy`.
    pub policy: Option<policy::GuestIndices>,
    /// `policy.check`, which every message waits for.
    pub policy_check: Option<PolicyCheck>,
    /// `observer`.
    pub observer: Option<observer::GuestIndices>,
    /// `opened`.
    pub opened: Option<opened::GuestIndices>,
    /// `timer`.
    pub timer: Option<timer::GuestIndices>,
    /// `command`.
    pub command: Option<command::GuestIndices>,
    /// `endpoint`.
    pub endpoint: Option<endpoint::GuestIndices>,
    /// `dialect`.
    pub dialect: Option<dialect::GuestIndices>,
}

/// What a component said of itself.
#[derive(Debug, Default)]
pub struct Descriptor {
    /// What its configuration must be.
    pub config: Option<Schema>,
    /// The kinds it owns.
    pub kinds: Vec<(Kind, Schema)>,
    /// What its policy judges.
    pub policy: Option<PolicyRule>,
    /// What its observer hears.
    pub observer: Option<Interest>,
    /// The commands it runs.
    pub commands: Vec<SlashCommand>,
    /// The protocol it speaks.
    pub dialect: Option<Description>,
    /// One line for people.
    pub summary: String,
    /// Its own version.
    pub version: String,
}

/// What a policy judges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRule {
    /// What it judges.
    pub attempts: Attempts,
    /// Of messages: only these kinds; all if empty.
    pub kinds: Vec<Kind>,
    /// Its place among the app's policies: lower first.
    pub priority: i32,
    /// Whether an attempt passes when the policy fails.
    pub fails_open: bool,
}

/// What an observer hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interest {
    /// Which events.
    pub events: Vec<EventKind>,
    /// For messages: only these kinds; all if empty.
    pub kinds: Vec<Kind>,
}

/// What a component is, for whoever may install it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Which component.
    pub digest: Digest,
    /// What it does.
    pub hooks: Vec<Hook>,
    /// What it wants.
    pub capabilities: Vec<Capability>,
    /// One line for people; may be empty.
    pub summary: String,
    /// The plugin's own version; may be empty.
    pub version: String,
    /// JSON schema of its configuration.
    pub config_schema: Option<Body>,
    /// The kinds it owns, with their JSON schemas.
    pub kinds: Vec<(Kind, Body)>,
    /// What its policy judges.
    pub policy: Option<PolicyRule>,
    /// What its observer hears.
    pub observer: Option<Interest>,
    /// The commands it runs.
    pub commands: Vec<SlashCommand>,
}

impl PolicyRule {
    /// Whether it judges this, of a message of this kind if it is about one.
    #[must_use]
    pub fn judges(&self, attempt: AttemptKind, kind: Option<&Kind>) -> bool {
        self.attempts.contains(attempt) && kind.is_none_or(|kind| self.kinds.is_empty() || self.kinds.contains(kind))
    }
}

impl Interest {
    /// Whether it hears this event, of a message of this kind if it is about one.
    #[must_use]
    pub fn hears(&self, event: EventKind, kind: Option<&Kind>) -> bool {
        self.events.contains(&event) && kind.is_none_or(|kind| self.kinds.is_empty() || self.kinds.contains(kind))
    }
}
