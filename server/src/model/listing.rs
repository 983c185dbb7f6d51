//! What to list of conversations and messages, and in which part.

use super::{ConversationId, ConversationKind, MessageId, Millis, UserId};

/// Which of one's conversations to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Part of the name, or of the peer's nickname or `remark` attribute.
    pub keyword: Option<String>,
    /// Of these kinds; none named: of all.
    pub kinds: Vec<ConversationKind>,
    /// Only those with messages that are not read.
    pub unread_only: bool,
    /// How many to leave out.
    pub skip: u32,
    /// How many at most.
    pub limit: u32,
}

/// Which conversations of an app to list: all that is given must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversationFilter {
    /// This one.
    pub id: Option<ConversationId>,
    /// Of this kind.
    pub kind: Option<ConversationKind>,
    /// Made by this user.
    pub creator: Option<UserId>,
    /// With this user in it.
    pub member: Option<UserId>,
    /// Part of the name.
    pub name: Option<String>,
}

/// Where a page of messages begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PagePlace {
    /// Backwards from the newest.
    #[default]
    End,
    /// Backwards from a message, not including it.
    BeforeId(MessageId),
    /// Forwards from a message, not including it.
    AfterId(MessageId),
    /// Backwards from the newest, leaving out so many.
    Skip(u32),
}

/// Which messages of a conversation to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Which.
    pub conversation: ConversationId,
    /// Where it begins.
    pub place: PagePlace,
    /// How many at most.
    pub limit: u32,
    /// Not before this time.
    pub since: Option<Millis>,
    /// Not after this time.
    pub until: Option<Millis>,
}
