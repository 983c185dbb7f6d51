//! Answers customers through an endpoint that speaks the OpenAI chat API, and hands over to a human when unsure or failing.
//!
//! One answer for each message of a customer, whatever is repeated: what was decided is kept before it is done, and the
//! answer carries a nonce of its own. Silence is the side to err on while a human is there.

pub mod budget;
pub mod completion;
pub mod config;
pub mod cut;
pub mod gate;
pub mod host;
pub mod judge;
pub mod prompt;
pub mod reply;
pub mod schema;
pub mod settings;
pub mod words;

mod plugin;

#[cfg(test)]
mod fake;
