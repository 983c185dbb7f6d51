//! Whether something may happen, asked before it does.

use crate::host::types::{Context, Refusal, Sender};

bindings!("hook-policy", "::switchboard_plugin::hooks::policy::bindings");

pub use bindings::exports::switchboard::plugin::policy::{
    Alteration, Attempt, AttemptKind, Change, Details, Edit, Founding, Login, Move, Offline, OnFailure, Reaction, Rule,
    Upload, Verdict,
};

/// Allows, changes or refuses what is attempted, in order of priority, then of the plugin's name.
pub trait Policy {
    /// What to be asked about; by default [`Rule::default`]. Called once, at admission.
    fn rules() -> Rule {
        Rule::default()
    }

    /// Judges one attempt. Writes made in this call wait for the verdict: they happen if the attempt is accepted, and
    /// not otherwise.
    fn check(ctx: Context, sender: Sender, attempt: Attempt) -> Verdict;
}

impl<P: Policy> bindings::exports::switchboard::plugin::policy::Guest for P {
    fn rules() -> Rule {
        P::rules()
    }

    fn check(ctx: Context, sender: Sender, attempt: Attempt) -> Verdict {
        P::check(ctx, sender, attempt)
    }
}

impl Default for Rule {
    /// Every message of every kind before it is sent, priority 0, and the message passes when the call fails.
    fn default() -> Self {
        Self {
            attempts: vec![AttemptKind::Send],
            kinds: Vec::new(),
            priority: 0,
            on_failure: OnFailure::Open,
        }
    }
}

impl Rule {
    /// The default rules, for these kinds only.
    pub fn for_kinds<K: Into<String>>(kinds: impl IntoIterator<Item = K>) -> Self {
        Self {
            kinds: kinds.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// The default rules, for these attempts instead of the sending of messages.
    pub fn on(attempts: impl IntoIterator<Item = AttemptKind>) -> Self {
        Self {
            attempts: attempts.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The same, but nothing passes when the call fails.
    #[must_use]
    pub fn closed(self) -> Self {
        Self {
            on_failure: OnFailure::Closed,
            ..self
        }
    }
}

impl Attempt {
    /// What is attempted, without what it is about.
    pub const fn kind(&self) -> AttemptKind {
        match self {
            Self::Send(_) => AttemptKind::Send,
            Self::Edit(_) => AttemptKind::Edit,
            Self::Recall(_) => AttemptKind::Recall,
            Self::React(_) => AttemptKind::React,
            Self::Join(_) => AttemptKind::Join,
            Self::Leave(_) => AttemptKind::Leave,
            Self::Create(_) => AttemptKind::Create,
            Self::Update(_) => AttemptKind::Update,
            Self::Connect(_) => AttemptKind::Connect,
            Self::Upload(_) => AttemptKind::Upload,
            Self::DeliverOffline(_) => AttemptKind::DeliverOffline,
        }
    }

    /// The `text` of a message that is about to be sent, or of what is about to take its place.
    #[cfg(feature = "json")]
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Send(draft) => draft.text(),
            Self::Edit(edit) => crate::values::text_of(&edit.body),
            _ => None,
        }
    }
}

impl Verdict {
    /// Refuses with a stable code for machines and a text for people; both reach the client.
    pub fn refuse(code: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Refuse(Refusal::new(code, text))
    }

    /// Lets a message or an edit pass with another body, which its message type checks again.
    pub fn change(body: impl Into<String>) -> Self {
        Self::Change(Change::Body(body.into()))
    }

    /// Lets only these users come in, go, or be told of as away.
    pub fn only<U: Into<String>>(uids: impl IntoIterator<Item = U>) -> Self {
        Self::Change(Change::Uids(uids.into_iter().map(Into::into).collect()))
    }
}
