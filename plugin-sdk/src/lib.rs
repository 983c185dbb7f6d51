//! The guest's side of the plugin contract. Each hook is a world of its own, so that a component exports what is
//! implemented and imports what is called, and nothing else.
//!
#![cfg_attr(feature = "json", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "json"),
    doc = "Write a Switchboard plugin: a trait per hook, one attribute to export it."
)]
#![warn(missing_docs)]

// The bindings and the attribute name this crate by its absolute path, also inside itself.
extern crate self as switchboard_plugin;

pub mod config;
#[cfg(feature = "json")]
pub mod desk;
pub mod hooks;
pub mod host;
pub mod http;
pub mod kv;
pub mod log;
pub mod metrics;
mod number;
mod params;
mod send;
pub mod testing;
mod values;

#[cfg(feature = "json")]
pub use self::{send::reply, values::text_body};
pub use hooks::{About, Command, Dialect, Endpoint, MessageAction, MessageType, Observer, Opened, Policy, Timer};
pub use number::number_of;
pub use switchboard_plugin_macros::hook;
/// The runtime of the generated bindings.
#[doc(hidden)]
pub use wit_bindgen;

/// What nearly every plugin needs, for `use switchboard_plugin::prelude::*`.
pub mod prelude {
    pub use crate::hooks::about::{About, Description};
    pub use crate::hooks::command::{
        Command, Completion, Definition, Invocation, Outcome as CommandOutcome, Suggestion,
    };
    pub use crate::hooks::endpoint::Endpoint;
    pub use crate::hooks::message_action::{Action, MessageAction, Outcome};
    pub use crate::hooks::message_type::{Kind, MessageType};
    pub use crate::hooks::observer::{Event, EventKind, Interest, Membership, Observer, Reaction};
    pub use crate::hooks::opened::{Opened, Opening};
    pub use crate::hooks::policy::{Attempt, AttemptKind, Change, Details, OnFailure, Policy, Rule, Verdict};
    pub use crate::hooks::timer::{Firing, Timer};
    pub use crate::host::messages_send::{Outgoing, Sent};
    pub use crate::host::types::{
        Context, Conversation, ConversationKind, Draft, Error, Member, Message, Refusal, Role, Sender, User,
    };
    pub use crate::host::{connections, conversations, messages, messages_send, users};
    pub use crate::{config, http, kv, log, metrics};
    pub use crate::{debug, description, error, info, trace, warn};
    #[cfg(feature = "json")]
    pub use crate::{reply, text_body};
}
