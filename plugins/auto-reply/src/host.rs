//! What this plugin asks of the server, as a trait of its own: decisions are tested natively against a fake.

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
    /// Who sent it; none: the app itself.
    pub uid: Option<String>,
    /// Whether a plugin made it.
    pub automatic: bool,
    /// When, in milliseconds.
    pub at: u64,
}

/// A stored mark: see `guard`.
#[derive(Debug, Clone)]
pub struct Mark {
    /// What it says.
    pub text: String,
    /// To be named when it is replaced.
    pub version: u64,
}

/// Something to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Say {
    /// Where.
    pub conversation: String,
    /// As whom; none: the app itself.
    pub as_user: Option<String>,
    /// What.
    pub text: String,
    /// The message it answers, where that is not plain.
    pub reply_to: Option<String>,
}

/// The server.
pub trait Host {
    /// A user of this app.
    fn person(&self, uid: &str) -> Result<Option<Person>, Trouble>;
    /// Whether a user has a live connection.
    fn online(&self, uid: &str) -> Result<bool, Trouble>;
    /// Members of a conversation other than this one; of many, only some.
    fn others(&self, conversation: &str, uid: &str) -> Result<Vec<String>, Trouble>;
    /// The last messages of a conversation, newest first.
    fn past(&self, conversation: &str) -> Result<Vec<Past>, Trouble>;
    /// A mark.
    fn mark(&self, key: &str) -> Result<Option<Mark>, Trouble>;
    /// Writes a mark if its version is still this one (0: absent); answers whether it was.
    fn put_mark(&self, key: &str, expect: u64, text: &str, ttl_seconds: u32) -> Result<bool, Trouble>;
    /// Removes a mark.
    fn clear_mark(&self, key: &str) -> Result<(), Trouble>;
    /// Says something.
    fn say(&self, say: &Say) -> Result<(), Trouble>;
    /// A line for the tenant.
    fn warn(&self, text: &str);
}

/// The call this plugin is in.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The same value when the call is repeated.
    pub id: &'a str,
    /// The time in milliseconds.
    pub now: u64,
}
