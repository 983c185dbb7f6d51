//! The ids that clients see, made with the server's key.

use crate::answer::Outcome;
use crate::ids::{self, Prints, Thing};
use switchboard_plugin::host::credentials;

/// Makes prints with the key that the server keeps for good: an app's new secret changes no id.
pub struct Server;

impl Prints for Server {
    fn print(&self, text: &str) -> Outcome<String> {
        Ok(credentials::fingerprint(text)?)
    }
}

/// The `conv_id` of a conversation of the server.
pub fn conversation(id: &str) -> Outcome<String> {
    ids::seal(&Server, Thing::Conversation, id)
}
