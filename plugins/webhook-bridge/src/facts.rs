//! What is told of conversations, messages, users and files, in the words of the REST API.

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

mod read;

/// What an event is about; what it has nothing to do with is left out.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Facts {
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<Conversation>,
    /// Which message, as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
    /// Who has reacted how.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reaction: Option<Reaction>,
    /// Who came or went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Members>,
    /// Who could not be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undelivered: Option<Uids>,
    /// Who has hidden what from itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Hidden>,
    /// How far a member has come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// A member's rank and right to speak.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<Member>,
    /// What was announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice>,
    /// Which user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// Which file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<File>,
}

/// A conversation: where alone, or all of it in events about itself.
#[derive(Debug, Clone, Serialize)]
pub struct Conversation {
    /// Its id.
    pub id: Value,
    /// `direct`, `temporary`, `group` or `chatroom`.
    pub kind: &'static str,
    /// The rest.
    #[serde(flatten)]
    pub all: Option<Box<Details>>,
}

/// A conversation's own data.
#[derive(Debug, Clone, Serialize)]
pub struct Details {
    /// May be empty.
    pub name: String,
    /// URL of a picture, or empty.
    pub cover: String,
    /// The app's own data; null if omitted.
    pub ext: Option<Box<RawValue>>,
    /// Who owns it.
    pub owner: Option<String>,
    /// Who made it; null: the app.
    pub creator: Option<String>,
    /// Only the owner and admins may speak.
    pub muted: bool,
    /// Any member may bring users in.
    pub members_invite: bool,
    /// How many are in it.
    pub member_count: u32,
    /// The newest message's seq.
    pub last_seq: u64,
    /// When it was made.
    pub created_at: u64,
    /// When its data was last changed.
    pub updated_at: Option<u64>,
}

/// A message, as in the REST API.
#[derive(Debug, Clone, Serialize)]
pub struct Message {
    /// Its id.
    pub id: Value,
    /// Its place in the conversation.
    pub seq: u64,
    /// Where.
    pub conversation: Value,
    /// From whom; null: the app.
    pub from: Option<String>,
    /// What kind.
    pub kind: String,
    /// What it says; `{}` once recalled, null if omitted.
    pub body: Option<Box<RawValue>>,
    /// The sender's own id for it.
    pub nonce: String,
    /// Who is named.
    pub mentions: Vec<String>,
    /// Everyone is named.
    pub mention_all: bool,
    /// The message it answers.
    pub reply_to: Option<Value>,
    /// The plugin that made it.
    pub origin: Option<String>,
    /// When it was stored.
    pub created_at: u64,
    /// When its body was replaced.
    pub edited_at: Option<u64>,
    /// When it was taken back.
    pub recalled_at: Option<u64>,
}

/// An emoji put on a message, or taken off it.
#[derive(Debug, Clone, Serialize)]
pub struct Reaction {
    /// By whom.
    pub uid: String,
    /// Which.
    pub emoji: String,
}

/// Users who came or went.
#[derive(Debug, Clone, Serialize)]
pub struct Members {
    /// Who.
    pub uids: Vec<String>,
    /// By whose doing; null: the app's.
    pub by: Option<String>,
}

/// Some users.
#[derive(Debug, Clone, Serialize)]
pub struct Uids {
    /// Who.
    pub uids: Vec<String>,
}

/// Messages that a user has hidden from itself.
#[derive(Debug, Clone, Serialize)]
pub struct Hidden {
    /// By whom.
    pub uid: String,
    /// Which.
    pub messages: Vec<Value>,
}

/// How far a member has come.
#[derive(Debug, Clone, Serialize)]
pub struct Mark {
    /// Who.
    pub uid: String,
    /// Up to here delivered.
    pub delivered_seq: u64,
    /// Up to here read.
    pub read_seq: u64,
}

/// A member, as it is now.
#[derive(Debug, Clone, Serialize)]
pub struct Member {
    /// Who.
    pub uid: String,
    /// `owner`, `admin` or `member`.
    pub role: &'static str,
    /// Until when it may not speak.
    pub muted_until: Option<u64>,
    /// Since when it is one.
    pub joined_at: u64,
    /// By whose doing it is so; null: the app's.
    pub by: Option<String>,
}

/// An announcement.
#[derive(Debug, Clone, Serialize)]
pub struct Notice {
    /// Its id.
    pub id: Value,
    /// What it says.
    pub text: String,
    /// By whom; null: the app.
    pub by: Option<String>,
    /// When.
    pub created_at: u64,
}

/// A user: who alone, or its profile too.
#[derive(Debug, Clone, Serialize)]
pub struct User {
    /// Who.
    pub uid: String,
    /// The rest.
    #[serde(flatten)]
    pub profile: Option<Box<Profile>>,
}

/// A user's profile.
#[derive(Debug, Clone, Serialize)]
pub struct Profile {
    /// May be empty.
    pub nickname: String,
    /// URL of a picture, or empty.
    pub avatar: String,
    /// The app's own data.
    pub attributes: Option<Box<RawValue>>,
    /// Whether it is let in.
    pub banned: bool,
}

/// A file that is kept.
#[derive(Debug, Clone, Serialize)]
pub struct File {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is, by its content.
    pub mime: String,
    /// How many bytes.
    pub size: u64,
    /// Of pictures.
    pub width: Option<u32>,
    /// Of pictures.
    pub height: Option<u32>,
    /// SHA-256 in hex.
    pub etag: String,
    /// Its path on the server.
    pub path: String,
    /// The path of a smaller picture.
    pub thumb_path: Option<String>,
    /// Whose it is.
    pub owner: Option<String>,
    /// When it was kept.
    pub created_at: u64,
}

/// An id as the REST API writes it: a number.
#[must_use]
pub fn id(text: &str) -> Value {
    text.parse::<u64>().map_or_else(|_| Value::from(text), Value::from)
}

/// JSON text as it is.
#[must_use]
pub fn raw(text: &str) -> Option<Box<RawValue>> {
    serde_json::from_str(text).ok()
}
