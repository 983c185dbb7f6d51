//! What commands answer.

use super::{
    Body, Conversation, FriendsPage, Marks, Member, Message, Notice, PluginName, Preferences, Receipt, Role, Sent, Seq,
    SlashCommand, SlashSuggestion, User, UserId,
};

/// A conversation as one of its members (or a plugin, or the admin API) sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationView {
    /// Its data.
    pub conversation: Conversation,
    /// How many are in it.
    pub member_count: u32,
    /// The seq of its newest message.
    pub last_seq: Seq,
    /// The viewer's rank, if a member.
    pub role: Option<Role>,
    /// The viewer's marks, if a member.
    pub marks: Option<Marks>,
    /// In a direct conversation: the other one.
    pub peer: Option<UserId>,
    /// What the viewer has chosen for it, if a member.
    pub preferences: Option<Preferences>,
    /// To a member: the newest message it can see.
    pub last_message: Option<Box<Message>>,
}

impl ConversationView {
    /// How many messages the viewer has not read.
    #[must_use]
    pub fn unread(&self) -> Option<u64> {
        self.marks.map(|marks| self.last_seq.0.saturating_sub(marks.read.0))
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next part begins, if there is one.
    pub next: Option<String>,
}

/// A part of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagePage {
    /// Backwards: newest first. Forwards: oldest first.
    pub messages: Vec<Message>,
    /// Whether there are more that way.
    pub has_more: bool,
}

/// Whether a user is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// Who.
    pub user: UserId,
    /// On how many connections' devices, without repeats.
    pub devices: Vec<super::DeviceId>,
    /// Since when the longest of them is there: it was told of everything that has its place in the stream after this.
    pub since: Option<super::Cursor>,
}

impl Presence {
    /// Whether there is any connection.
    #[must_use]
    pub const fn online(&self) -> bool {
        !self.devices.is_empty()
    }
}

/// What a command answers.
#[expect(missing_docs, reason = "each variant's line says what its fields are")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It is done and there is nothing to say.
    Done,
    /// A message was stored.
    Sent(Sent),
    /// A message.
    Message(Box<Message>),
    /// A part of a history.
    Messages(MessagePage),
    /// How many were hidden, added, removed.
    Count(u32),
    /// What the owner of a message's kind says.
    Answer(Body),
    /// Whether anything changed.
    Changed(bool),
    /// One's marks and what is left unread.
    Marked { marks: Marks, last_seq: Seq },
    /// Everyone's marks.
    Receipts(Vec<Receipt>),
    /// A conversation; `created` if it is new.
    Conversation { view: Box<ConversationView>, created: bool },
    /// A part of one's conversations.
    Conversations(Page<ConversationView>),
    /// A part of the members.
    Members { members: Vec<Member>, has_more: bool },
    /// A member.
    Member(Member),
    /// A user.
    User(User),
    /// Users, by id.
    Users(Vec<UserId>),
    /// Users, in no order.
    Profiles(Vec<User>),
    /// A user; `created` if it is new.
    UserPut { user: User, created: bool },
    /// A part of one's friends.
    Friends(FriendsPage),
    /// Who is connected.
    Presence(Vec<Presence>),
    /// Users who came in or went.
    Moved(Vec<UserId>),
    /// An announcement.
    Notice(Notice),
    /// A part of the announcements, and how many there are.
    Notices { notices: Vec<Notice>, total: u32 },
    /// What one has chosen for a conversation.
    Preferences(Preferences),
    /// A part of one's conversations as a client lists them.
    Views {
        items: Vec<ConversationView>,
        has_more: bool,
    },
    /// A part of the app's conversations, and how many fit.
    Queried { items: Vec<ConversationView>, total: u64 },
    /// Commands that can be typed, by name, and whose they are.
    Commands(Vec<(PluginName, SlashCommand)>),
    /// What arguments might become, best first.
    Suggestions(Vec<SlashSuggestion>),
    /// How many there are.
    Total(u64),
}
