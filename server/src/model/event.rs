//! What has happened, and who is to hear of it.

use std::sync::Arc;

use super::{
    AppId, Body, ConnectionId, ConversationId, Cursor, Member, Message, MessageId, Notice, PluginName, Preferences,
    Receipt, Roster, Seq, User, UserId,
};

/// Something that has happened in an app. What is stored carries the cursor of its commit.
#[derive(Debug, Clone)]
pub struct Event {
    /// The tenant.
    pub app: AppId,
    /// Its place in the stream of stored changes; none for what is not stored.
    pub cursor: Option<Cursor>,
    /// Who is to hear of it.
    pub audience: Audience,
    /// Who of them is not: usually the connection that made it happen, which has the reply.
    pub except: Except,
    /// What.
    pub change: Change,
}

/// Who of an audience is not to hear of an event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Except {
    /// All of it hears.
    #[default]
    Nobody,
    /// A connection.
    Connection(ConnectionId),
    /// Every connection of a user.
    User(UserId),
}

/// Who is to hear of an event.
#[derive(Debug, Clone)]
pub enum Audience {
    /// Every member of a conversation.
    Members(Arc<Roster>),
    /// Every member, and these users who no longer are.
    MembersAnd(Arc<Roster>, Vec<UserId>),
    /// These users.
    Users(Vec<UserId>),
    /// Connections that watch a user's presence.
    Watchers(UserId),
}

/// What has happened.
#[expect(missing_docs, reason = "each variant's line says what its fields are")]
#[derive(Debug, Clone)]
pub enum Change {
    /// A message was sent; transient ones have no id.
    MessageSent(Arc<Message>),
    /// Its body was replaced.
    MessageEdited(Arc<Message>),
    /// It was taken back.
    MessageRecalled(Arc<Message>),
    /// A user hid messages from itself.
    MessagesDeleted(Vec<MessageId>),
    /// An emoji came or went.
    Reacted {
        message: Arc<Message>,
        user: UserId,
        emoji: String,
        added: bool,
    },
    /// A member's marks moved.
    Marked {
        conversation: ConversationId,
        receipt: Receipt,
    },
    /// A member is typing, or has stopped.
    Typing {
        conversation: ConversationId,
        user: UserId,
        typing: bool,
    },
    /// A conversation was made.
    ConversationCreated(Arc<Roster>),
    /// Its data changed.
    ConversationUpdated(Arc<Roster>),
    /// It is no more.
    ConversationDissolved(Arc<Roster>),
    /// Something was announced: it is the roster's notice.
    Announced { roster: Arc<Roster>, notice: Notice },
    /// A member has changed what it chose for a conversation.
    Preferred {
        conversation: ConversationId,
        preferences: Preferences,
    },
    /// A member has hidden from itself all there was in a conversation, up to a place.
    HistoryCleared { conversation: ConversationId, seq: Seq },
    /// Users came in.
    MembersJoined {
        roster: Arc<Roster>,
        users: Vec<UserId>,
        by: Option<UserId>,
    },
    /// Users went or were put out.
    MembersLeft {
        roster: Arc<Roster>,
        users: Vec<UserId>,
        by: Option<UserId>,
    },
    /// A member's rank or right to speak changed.
    MemberUpdated { roster: Arc<Roster>, member: Member },
    /// A user's profile changed.
    UserUpdated(User),
    /// A user's first connection came, or its last one went.
    PresenceChanged { user: UserId, online: bool },
    /// A plugin's own event.
    Pushed {
        plugin: PluginName,
        name: String,
        data: Body,
    },
}
