//! What this plugin asks of the server, as a trait of its own: decisions are tested natively against a fake.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why something did not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It will not work the next time either.
    Final(String),
    /// It may work the next time.
    Passing(String),
}

/// A user, as far as this plugin cares.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// The uid.
    pub uid: String,
    /// The name to show; may be empty.
    pub nickname: String,
    /// The user's own greeting when online; empty: none.
    pub auto_reply: String,
    /// The user's own greeting when offline; empty: none.
    pub auto_reply_offline: String,
    /// All that the app knows about the user.
    pub attributes: Value,
}

impl Person {
    /// Whether the user has any greeting of their own, which makes them one who answers.
    pub fn greets(&self) -> bool {
        !self.auto_reply.is_empty() || !self.auto_reply_offline.is_empty()
    }

    /// What to call the user.
    pub fn name(&self) -> &str {
        if self.nickname.is_empty() {
            &self.uid
        } else {
            &self.nickname
        }
    }
}

/// A stored message, as far as this plugin cares.
#[derive(Debug, Clone)]
pub struct Past {
    /// Its place in the conversation.
    pub seq: u64,
    /// Who sent it; none: the app itself.
    pub uid: Option<String>,
    /// Whether a plugin made it.
    pub automatic: bool,
    /// When, in milliseconds.
    pub at: u64,
}

/// A stored text: see `talk`.
#[derive(Debug, Clone)]
pub struct Mark {
    /// What it says.
    pub text: String,
    /// To be named when it is replaced.
    pub version: u64,
}

/// Something to say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Say {
    /// Where.
    pub conversation: String,
    /// As whom; none: the app itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_user: Option<String>,
    /// What, in plain words.
    pub text: String,
    /// What is sent instead where the app knows such a kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Content>,
    /// The message it answers, where that is not plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// What names it, where the call does not: saying it again says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
}

/// A message that is more than text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// Its kind.
    pub kind: String,
    /// Its body.
    pub body: Value,
}

/// The server.
pub trait Host {
    /// The name of this install.
    fn name(&self) -> &str;
    /// A user of this app.
    fn person(&self, uid: &str) -> Result<Option<Person>, Trouble>;
    /// Whether a user has a live connection.
    fn online(&self, uid: &str) -> Result<bool, Trouble>;
    /// Members of a conversation other than this one; of many, only some.
    fn others(&self, conversation: &str, uid: &str) -> Result<Vec<String>, Trouble>;
    /// The last [`PAST`] messages of a conversation, or of those before a place, newest first.
    fn past(&self, conversation: &str, before: Option<u64>) -> Result<Vec<Past>, Trouble>;
    /// The app's own data about a conversation.
    fn ext(&self, conversation: &str) -> Result<Value, Trouble>;
    /// Merges into the app's own data about a conversation.
    fn merge(&self, conversation: &str, patch: &Value) -> Result<(), Trouble>;
    /// A stored text.
    fn mark(&self, key: &str) -> Result<Option<Mark>, Trouble>;
    /// Stores a text if its version is still this one (0: absent); answers whether it was.
    fn put_mark(&self, key: &str, expect: u64, text: &str, ttl_seconds: u32) -> Result<bool, Trouble>;
    /// Says something.
    fn say(&self, say: &Say) -> Result<(), Trouble>;
    /// Sets a timer in place of the one of that name.
    fn arm(&self, name: &str, at: u64, payload: &Value) -> Result<(), Trouble>;
    /// A line for the tenant.
    fn warn(&self, text: &str);
}

/// The most messages that are looked back at.
pub const PAST: usize = 100;

/// The call this plugin is in.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The same value when the call is repeated.
    pub id: &'a str,
    /// The time in milliseconds.
    pub now: u64,
}
