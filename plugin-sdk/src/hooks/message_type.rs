//! Kinds of messages that a plugin owns.

use crate::host::types::{Context, Draft, Refusal, Sender};

bindings!(
    "hook-message-type",
    "::switchboard_plugin::hooks::message_type::bindings"
);

pub use bindings::exports::switchboard::plugin::message_type::Kind;

/// Owns message kinds: says what a body must be, completes it, and puts it in words.
pub trait MessageType {
    /// The kinds, each with the JSON Schema of its body; [`Kind::new`] makes one. Called once, at admission.
    fn kinds() -> Vec<Kind>;

    /// Looks at a body that fits the schema and answers the body to store. Must be pure: it may run again when a
    /// policy has changed the message. By default the body is stored as it is.
    ///
    /// # Errors
    /// A refusal goes to the client, and nothing is stored.
    fn check(_ctx: Context, _sender: Sender, draft: Draft) -> Result<String, Refusal> {
        Ok(draft.body)
    }

    /// Plain words for lists, search and push, at most 200 characters. By default `[kind]`.
    fn summarise(kind: String, _body: String) -> String {
        format!("[{kind}]")
    }
}

impl<P: MessageType> bindings::exports::switchboard::plugin::message_type::Guest for P {
    fn kinds() -> Vec<Kind> {
        P::kinds()
    }

    fn check(ctx: Context, sender: Sender, draft: Draft) -> Result<String, Refusal> {
        P::check(ctx, sender, draft)
    }

    fn summarise(kind: String, body: String) -> String {
        P::summarise(kind, body)
    }
}

impl Kind {
    /// A kind by its name (lower case, digits, `.`, `_`, `-`; 1 to 64 bytes) and the JSON Schema of its body.
    pub fn new(name: impl Into<String>, schema: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            schema: schema.into(),
        }
    }
}
