//! What this plugin asks of the server, as a trait of its own: decisions are tested natively against a fake.

use crate::settings::Endpoint;

/// Why something did not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It will not work the next time either.
    Final(String),
    /// It may work the next time.
    Passing(String),
}

/// A conversation as the bot sees it.
#[derive(Debug, Clone, Default)]
pub struct Room {
    /// The app's own data about it: JSON.
    pub ext: String,
    /// The newest message.
    pub last: Option<Past>,
}

/// A stored message, as far as this plugin cares.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// Its place in the conversation.
    pub seq: u64,
    /// Who sent it; none: the app itself.
    pub uid: Option<String>,
    /// Whether a plugin made it.
    pub automatic: bool,
    /// What kind.
    pub kind: String,
    /// What it says, if it is a text that was not taken back.
    pub text: Option<String>,
    /// Whether it was taken back.
    pub recalled: bool,
    /// When, in milliseconds.
    pub at: u64,
}

/// What the model's server has answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: Vec<u8>,
}

/// Something to say, once for a message whatever is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Say {
    /// Where.
    pub conversation: String,
    /// As whom.
    pub bot: String,
    /// What.
    pub text: String,
    /// To which message.
    pub message: String,
    /// Whether that is shown.
    pub quoted: bool,
}

/// The server.
pub trait Host {
    /// A conversation; none if the bot is not in it.
    fn room(&self, conversation: &str, bot: &str) -> Result<Option<Room>, Trouble>;
    /// The last messages, newest first; at most 100.
    fn past(&self, conversation: &str, limit: u32) -> Result<Vec<Past>, Trouble>;
    /// What was decided about a message.
    fn decision(&self, message: &str) -> Result<Option<String>, Trouble>;
    /// Keeps what was decided about a message.
    fn decide(&self, message: &str, decision: &str) -> Result<(), Trouble>;
    /// Adds to a counter of a day and answers its new value.
    fn count(&self, key: &str, delta: i64) -> Result<i64, Trouble>;
    /// Shows that the bot is typing, or has stopped; if that does not work nothing is lost.
    fn typing(&self, conversation: &str, bot: &str, typing: bool);
    /// Asks the model's server.
    fn ask(&self, endpoint: &Endpoint, body: &str) -> Result<Answer, Trouble>;
    /// Says something.
    fn say(&self, say: &Say) -> Result<(), Trouble>;
    /// Merges something into a conversation's data.
    fn merge(&self, conversation: &str, ext: &str) -> Result<(), Trouble>;
    /// How many writes were made in this call so far.
    fn writes(&self) -> u32;
    /// Passes over a write that an earlier run of this call has made.
    fn pass(&self) -> Result<(), Trouble>;
    /// A line for the tenant.
    fn info(&self, text: &str);
    /// A line for the tenant about something wrong.
    fn warn(&self, text: &str);
}
