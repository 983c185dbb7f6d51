//! Whether something may happen, asked before it does.

use crate::host::types::{Context, Refusal, Sender};

bindings!("hook-policy", "::switchboard_plugin::hooks::policy::bindings");

pub use bindings::exports::switchboard::plugin::policy::{Attempt, AttemptKind, Change, OnFailure, Rule, Verdict};

/// Allows, changes or refuses messages before they are stored, in order of priority, then of the plugin's name.
pub trait Policy {
    /// What to be asked about; by default [`Rule::default`]. Called once, at admission.
    fn rules() -> Rule {
        Rule::default()
    }

    /// Judges one attempt. Writes made in this call wait for the verdict: they happen if the message is accepted,
    /// and not otherwise.
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
    /// Every message of every kind, priority 0, and the message passes when the call fails.
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
}

impl Verdict {
    /// Refuses with a stable code for machines and a text for people; both reach the client.
    pub fn refuse(code: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Refuse(Refusal::new(code, text))
    }

    /// Lets the message pass with another body, which its message type checks again.
    pub fn change(body: impl Into<String>) -> Self {
        Self::Change(Change { body: body.into() })
    }
}
