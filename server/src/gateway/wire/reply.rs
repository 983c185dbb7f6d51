//! What commands answer.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Answered, Blocks, Changed, Conversation, Conversations, Deleted, Friends, Marked, Member, Members, Message,
    Messages, Notice, Notices, Preferences, Presence, PresenceList, Profiles, Receipt, Receipts, Slash, Slashes,
    Stored, Suggestion, Suggestions, User,
};
use crate::model::{self, Command, UserId};

/// What was asked, as far as the answer is named after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// To hide messages.
    Deleted,
    /// To bring users in.
    Added,
    /// To put users out.
    Removed,
    /// To make a conversation.
    Created,
    /// Anything else.
    Other,
}

impl Asked {
    /// What a command asks.
    #[must_use]
    pub const fn of(command: &Command) -> Self {
        match command {
            Command::DeleteMessages(_) => Self::Deleted,
            Command::AddMembers { .. } => Self::Added,
            Command::RemoveMembers { .. } => Self::Removed,
            Command::CreateConversation(_) => Self::Created,
            _ => Self::Other,
        }
    }
}

/// Nothing: `{}`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Nothing {}

/// How many there are.
#[derive(Debug, Serialize, ToSchema)]
pub struct Total {
    /// How many.
    pub total: u64,
}

/// How many users came in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Added {
    /// How many.
    pub added: u32,
}

/// How many users went.
#[derive(Debug, Serialize, ToSchema)]
pub struct Removed {
    /// How many.
    pub removed: u32,
}

/// An answer: `data` of a reply's frame, or the body of REST's.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Reply<'a> {
    /// There is nothing to say.
    Nothing(Nothing),
    /// A message was stored.
    Stored(Stored<'a>),
    /// A message.
    Message(Box<Message<'a>>),
    /// A part of a history.
    Messages(Messages<'a>),
    /// How many were hidden.
    Deleted(Deleted),
    /// How many came in.
    Added(Added),
    /// How many went.
    Removed(Removed),
    /// What a plugin answers.
    Answered(Answered<'a>),
    /// Whether anything changed.
    Changed(Changed),
    /// One's marks.
    Marked(Marked),
    /// Everyone's marks.
    Receipts(Receipts<'a>),
    /// A conversation.
    Conversation(Box<Conversation<'a>>),
    /// A part of one's conversations.
    Conversations(Conversations<'a>),
    /// A part of the members.
    Members(Members<'a>),
    /// A member.
    Member(Member<'a>),
    /// A user.
    User(User<'a>),
    /// Users.
    Blocks(Blocks<'a>),
    /// Users' profiles.
    Profiles(Profiles<'a>),
    /// A part of one's friends.
    Friends(Friends<'a>),
    /// Who is connected.
    Presence(PresenceList<'a>),
    /// An announcement.
    Notice(Notice<'a>),
    /// A part of the announcements.
    Notices(Notices<'a>),
    /// What one has chosen for a conversation.
    Preferences(Preferences),
    /// Commands that can be typed.
    Commands(Slashes<'a>),
    /// What arguments might become.
    Suggestions(Suggestions<'a>),
    /// How many there are.
    Total(Total),
}

impl<'a> Reply<'a> {
    /// An answer as who has asked sees it.
    #[must_use]
    pub fn seen(reply: &'a model::Reply, asked: Asked, viewer: Option<&UserId>) -> Self {
        use model::Reply as Of;
        match reply {
            Of::Done => Self::Nothing(Nothing {}),
            Of::Sent(sent) => Self::Stored(sent.into()),
            Of::Message(message) => Self::Message(Box::new(Message::seen(message, viewer))),
            Of::Messages(page) => Self::Messages(Messages {
                messages: page
                    .messages
                    .iter()
                    .map(|message| Message::seen(message, viewer))
                    .collect(),
                has_more: page.has_more,
            }),
            Of::Count(count) => Self::count(*count, asked),
            Of::Answer(answer) => Self::Answered(Answered { answer }),
            Of::Changed(changed) => Self::Changed(Changed { changed: *changed }),
            Of::Marked { marks, last_seq } => Self::Marked(Marked::of(*marks, *last_seq)),
            Of::Receipts(receipts) => Self::Receipts(Receipts {
                receipts: receipts.iter().map(Receipt::from).collect(),
            }),
            Of::Conversation { view, created } => Self::Conversation(Box::new(Conversation {
                created: (asked == Asked::Created).then_some(*created),
                ..Conversation::seen(view, viewer)
            })),
            Of::Conversations(page) => Self::Conversations(Conversations {
                conversations: page.items.iter().map(|view| Conversation::seen(view, viewer)).collect(),
                next: page.next.as_deref(),
            }),
            Of::Members { members, has_more } => Self::Members(Members {
                members: members.iter().map(Member::from).collect(),
                has_more: *has_more,
            }),
            Of::Member(member) => Self::Member(member.into()),
            Of::User(user) => Self::User(user.into()),
            Of::Users(users) => Self::Blocks(Blocks { users }),
            Of::Profiles(users) => Self::Profiles(Profiles {
                users: users.iter().map(User::from).collect(),
            }),
            Of::UserPut { user, .. } => Self::User(user.into()),
            Of::Friends(page) => Self::Friends(page.into()),
            Of::Presence(presence) => Self::Presence(PresenceList {
                presence: presence.iter().map(Presence::from).collect(),
            }),
            Of::Moved(users) => Self::count(u32::try_from(users.len()).unwrap_or(u32::MAX), asked),
            Of::Notice(notice) => Self::Notice(notice.into()),
            Of::Notices { notices, total } => Self::Notices(Notices {
                notices: notices.iter().map(Notice::from).collect(),
                total: *total,
            }),
            Of::Preferences(preferences) => Self::Preferences((*preferences).into()),
            Of::Views { items, .. } | Of::Queried { items, .. } => Self::Conversations(Conversations {
                conversations: items.iter().map(|view| Conversation::seen(view, viewer)).collect(),
                next: None,
            }),
            Of::Commands(list) => Self::Commands(Slashes {
                commands: list
                    .iter()
                    .map(|(plugin, command)| Slash::of(plugin, command))
                    .collect(),
            }),
            Of::Suggestions(list) => Self::Suggestions(Suggestions {
                suggestions: list.iter().map(Suggestion::from).collect(),
            }),
            Of::Total(total) => Self::Total(Total { total: *total }),
        }
    }

    const fn count(count: u32, asked: Asked) -> Self {
        match asked {
            Asked::Added => Self::Added(Added { added: count }),
            Asked::Removed => Self::Removed(Removed { removed: count }),
            Asked::Deleted | Asked::Created | Asked::Other => Self::Deleted(Deleted { deleted: count }),
        }
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing(_))
    }
}
