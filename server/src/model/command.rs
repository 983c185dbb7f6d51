//! What anyone may ask for. Users, plugins, jobs and the admin API all use these.

use super::{
    Body, CallId, ConversationFilter, ConversationId, ConversationKind, ConversationPatch, Echo, Kind, Listing,
    Mentions, MessageId, Millis, Nonce, PageRequest, PreferencesPatch, Role, Seq, UserId, UserPatch,
};

/// A request to send a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendMessage {
    /// Where to.
    pub conversation: ConversationId,
    /// What kind.
    pub kind: Kind,
    /// What it says: any JSON, checked by who owns the kind.
    pub body: Body,
    /// The sender's own id; made by the server if absent.
    pub nonce: Option<Nonce>,
    /// Who is named.
    pub mentions: Mentions,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// Deliver to who is there and forget.
    pub transient: bool,
    /// Which of the sender's own connections hear of it.
    pub echo: Echo,
}

/// A request to make a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConversation {
    /// What it shall be.
    pub kind: ConversationKind,
    /// Who shall be in it, beside who asks.
    pub members: Vec<UserId>,
    /// Its name.
    pub name: String,
    /// URL of its picture.
    pub cover: String,
    /// The app's own data.
    pub ext: Body,
    /// Names a write of a piece of work that may be done again: then it makes nothing and is answered as the first time.
    pub once: Option<(CallId, u32)>,
}

/// Where a page of history begins, and which way it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryFrom {
    /// Backwards from the newest.
    End,
    /// Backwards from a message, not including it.
    BeforeId(MessageId),
    /// Forwards from a message, not including it.
    AfterId(MessageId),
    /// Backwards from a place, not including it.
    BeforeSeq(Seq),
    /// Forwards from a place, not including it.
    AfterSeq(Seq),
}

/// What anyone asks for.
#[expect(missing_docs, reason = "each variant's line says what its fields are")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Send a message.
    SendMessage(Box<SendMessage>),
    /// One message.
    GetMessage(MessageId),
    /// A page of messages.
    ListMessages {
        conversation: ConversationId,
        from: HistoryFrom,
        limit: u32,
    },
    /// Replace the body of one's own message.
    EditMessage { message: MessageId, body: Body },
    /// Take a message back, for everyone.
    RecallMessage(MessageId),
    /// Hide messages, for oneself.
    DeleteMessages(Vec<MessageId>),
    /// Put an emoji on a message or take it away.
    React {
        message: MessageId,
        emoji: String,
        add: bool,
    },
    /// Have the owner of a message's kind act on it. `once` names a write of a piece of work that may be done again:
    /// then it is answered as the first time.
    Act {
        message: MessageId,
        data: Body,
        once: Option<(CallId, u32)>,
    },
    /// Move one's marks forward. `None` leaves one as it is.
    Mark {
        conversation: ConversationId,
        delivered: Option<Seq>,
        read: Option<Seq>,
    },
    /// Everyone's marks.
    ListReceipts(ConversationId),
    /// Say that one is typing, or has stopped.
    SetTyping { conversation: ConversationId, typing: bool },
    /// Make a conversation, or find the direct one of a pair.
    CreateConversation(Box<NewConversation>),
    /// One conversation.
    GetConversation(ConversationId),
    /// One's conversations, newest activity first; `before` continues a page.
    ListConversations { before: Option<String>, limit: u32 },
    /// Say that one is looking at a conversation.
    OpenConversation(ConversationId),
    /// Change a conversation.
    UpdateConversation {
        conversation: ConversationId,
        patch: ConversationPatch,
    },
    /// End a conversation.
    DissolveConversation(ConversationId),
    /// Who is in it, in order of uid.
    ListMembers {
        conversation: ConversationId,
        after: Option<UserId>,
        limit: u32,
    },
    /// Bring users in.
    AddMembers {
        conversation: ConversationId,
        users: Vec<UserId>,
    },
    /// Put users out.
    RemoveMembers {
        conversation: ConversationId,
        users: Vec<UserId>,
    },
    /// Enter a chatroom.
    Join(ConversationId),
    /// Go.
    Leave(ConversationId),
    /// Give a rank; `Owner` hands the conversation over.
    SetRole {
        conversation: ConversationId,
        user: UserId,
        role: Role,
    },
    /// Forbid a member to speak until a time, or (`None`) allow it again.
    MuteMember {
        conversation: ConversationId,
        user: UserId,
        until: Option<Millis>,
    },
    /// One user.
    GetUser(UserId),
    /// Change oneself.
    UpdateUser(UserPatch),
    /// Those of these users that exist; at most 1,000.
    GetUsers(Vec<UserId>),
    /// The user who has this value of a key attribute. Only the app may ask.
    FindUser { name: String, value: String },
    /// Create a user or change one. Only the app may.
    PutUser { user: UserId, patch: UserPatch },
    /// Ban a user, with a reason, or (`None`) pardon it. Only the app may.
    SetBan { user: UserId, reason: Option<String> },
    /// Become friends.
    AddFriend(UserId),
    /// Be friends no more.
    RemoveFriend(UserId),
    /// Call a friend something.
    RemarkFriend { user: UserId, remark: String },
    /// One's friends, oldest first.
    ListFriends { skip: u32, limit: u32 },
    /// Accept nothing from a user any more.
    Block(UserId),
    /// Accept again.
    Unblock(UserId),
    /// Whom one has blocked.
    ListBlocks,
    /// Who of these is connected.
    GetPresence(Vec<UserId>),
    /// A plugin's own event for a user's connections.
    Push { user: UserId, name: String, data: Body },
    /// Close every connection of a user.
    Disconnect { user: UserId, reason: String },
    /// Announce something to the members of a conversation. `once` as of [`Self::Act`].
    Announce {
        conversation: ConversationId,
        text: String,
        once: Option<(CallId, u32)>,
    },
    /// Announcements, newest first.
    ListNotices {
        conversation: ConversationId,
        skip: u32,
        limit: u32,
    },
    /// Choose for oneself how a conversation is shown.
    Prefer {
        conversation: ConversationId,
        patch: PreferencesPatch,
    },
    /// Hide from oneself all there is in a conversation.
    ClearHistory(ConversationId),
    /// One's conversations as a client lists them.
    ListViews(Box<Listing>),
    /// Conversations of the app, newest first.
    QueryConversations {
        filter: Box<ConversationFilter>,
        skip: u32,
        limit: u32,
    },
    /// The direct conversation of two users.
    FindDirect { a: UserId, b: UserId },
    /// A page of messages, found by place or time.
    PageMessages(Box<PageRequest>),
    /// How many messages one can see.
    CountMessages(ConversationId),
    /// The commands one may type in a conversation.
    ListCommands(ConversationId),
    /// What the arguments of one might become.
    CompleteCommand {
        conversation: ConversationId,
        name: String,
        arguments: String,
    },
    /// The message of a conversation that was sent with a nonce.
    FindByNonce { conversation: ConversationId, nonce: Nonce },
    /// Users by part of their nickname; only one's friends if so asked.
    SearchUsers { text: String, friends: bool, limit: u32 },
    /// One's conversations by part of the name.
    SearchConversations { text: String, limit: u32 },
    /// Messages one can see, by words.
    SearchMessages {
        text: String,
        conversation: Option<ConversationId>,
        limit: u32,
    },
}
