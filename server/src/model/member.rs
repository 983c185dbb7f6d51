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
