//! A user in a conversation.

use super::{Millis, UserId};

/// Rank in a conversation, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Anyone in it.
    Member,
    /// Named by the owner.
    Admin,
    /// One per conversation, or none.
    Owner,
}

/// A user's place in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// Rank.
    pub role: Role,
    /// May not speak before this time.
    pub muted_until: Option<Millis>,
    /// Since when.
    pub joined_at: Millis,
}

/// What a member has chosen for a conversation, for itself only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Preferences {
    /// Since when it is pinned to the top.
    pub pinned_at: Option<Millis>,
    /// Higher ones come before others in lists.
    pub rank: i32,
    /// No push while offline.
    pub do_not_disturb: bool,
}

/// What to change of them; `None` leaves one as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PreferencesPatch {
    /// Whether it is pinned; what is pinned already keeps its time.
    pub pinned: Option<bool>,
    /// The rank.
    pub rank: Option<i32>,
    /// Whether not to push.
    pub do_not_disturb: Option<bool>,
}
