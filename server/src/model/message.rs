//! Messages, before and after they are stored.

use super::{Body, ConversationId, Cursor, Kind, MessageId, Millis, Nonce, PluginName, Role, Seq, SlashRun, UserId};

/// Who speaks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Sender {
    /// A user.
    User(UserId),
    /// The app itself: a system message.
    System,
}

impl Sender {
    /// The uid, if a user speaks.
    #[must_use]
    pub const fn user(&self) -> Option<&UserId> {
        match self {
            Self::User(user) => Some(user),
            Self::System => None,
        }
    }
}

/// Who is named in a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Everyone in the conversation.
    pub all: bool,
    /// These users; at most 100.
    pub users: Vec<UserId>,
}

impl Mentions {
    /// Whether nobody is named.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        !self.all && self.users.is_empty()
    }
}

/// Which of the sender's own connections hear of a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Echo {
    /// All but the one it came over.
    #[default]
    Others,
    /// That one too.
    All,
    /// None of them.
    Nobody,
}

/// A message on its way to storage: checked, completed, allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Where to.
    pub conversation: ConversationId,
    /// From whom.
    pub sender: Sender,
    /// The sender's rank in the conversation.
    pub role: Option<Role>,
    /// What kind.
    pub kind: Kind,
    /// What it says.
    pub body: Body,
    /// The sender's own id for it.
    pub nonce: Nonce,
    /// Who is named.
    pub mentions: Mentions,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// The plugin that made it.
    pub origin: Option<PluginName>,
    /// How many plugin-made messages led to it.
    pub depth: u32,
    /// Delivered to who is there, never stored.
    pub transient: bool,
}

/// A message that is stored (or, if transient, on its way to who is connected).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id; `None` for a transient one.
    pub id: Option<MessageId>,
    /// Its place; 0 for a transient one.
    pub seq: Seq,
    /// Where.
    pub conversation: ConversationId,
    /// From whom.
    pub sender: Sender,
    /// What kind.
    pub kind: Kind,
    /// What it says: `{}` once it is recalled.
    pub body: Body,
    /// The sender's own id for it.
    pub nonce: Nonce,
    /// Who is named.
    pub mentions: Mentions,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// The plugin that made it.
    pub origin: Option<PluginName>,
    /// How many plugin-made messages led to it.
    pub depth: u32,
    /// When it was stored.
    pub created_at: Millis,
    /// What has become of it.
    pub state: MessageState,
    /// Who has reacted how.
    pub reactions: Vec<Reaction>,
}

/// What has become of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageState {
    /// As it was sent.
    Sent,
    /// Its body was replaced.
    Edited(Millis),
    /// Taken back.
    Recalled(Millis),
}

/// One emoji on a message and who put it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The emoji, at most 32 bytes.
    pub emoji: String,
    /// In order of time.
    pub users: Vec<UserId>,
}

/// What storing a message gave: what its sender is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Its id; `None` for a transient one.
    pub id: Option<MessageId>,
    /// Its place.
    pub seq: Seq,
    /// When.
    pub at: Millis,
    /// The nonce was known: this is the first message's answer, and nothing new was stored.
    pub duplicate: bool,
}

/// What the sender of a message is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Where it was stored.
    pub stored: Stored,
    /// What was stored, if the kind's owner or a policy has made it something else than what was sent.
    pub body: Option<Body>,
    /// The command that was run in its place, if it was one.
    pub command: Option<Box<SlashRun>>,
}

impl Reaction {
    /// Bytes of an emoji at most.
    pub const EMOJI: usize = 32;

    /// Whether a text can be put on a message.
    #[must_use]
    pub fn is_emoji(text: &str) -> bool {
        !text.is_empty() && text.len() <= Self::EMOJI && !text.chars().any(char::is_control)
    }
}

impl Message {
    /// The message a draft becomes.
    #[must_use]
    pub fn from_draft(draft: Draft, id: Option<MessageId>, seq: Seq, at: Millis) -> Self {
        Self {
            id,
            seq,
            conversation: draft.conversation,
            sender: draft.sender,
            kind: draft.kind,
            body: draft.body,
            nonce: draft.nonce,
            mentions: draft.mentions,
            reply_to: draft.reply_to,
            origin: draft.origin,
            depth: draft.depth,
            created_at: at,
            state: MessageState::Sent,
            reactions: Vec::new(),
        }
    }

    /// The draft it was, with another body: for whoever checks bodies.
    #[must_use]
    pub fn redraft(&self, body: Body) -> Draft {
        Draft {
            conversation: self.conversation,
            sender: self.sender.clone(),
            role: None,
            kind: self.kind.clone(),
            body,
            nonce: self.nonce.clone(),
            mentions: self.mentions.clone(),
            reply_to: self.reply_to,
            origin: self.origin.clone(),
            depth: self.depth,
            transient: false,
        }
    }

    /// Where its arrival stands in the stream of changes.
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        self.id.map(|id| Cursor(id.get()))
    }
}
