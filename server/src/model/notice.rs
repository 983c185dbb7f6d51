//! Announcements of a conversation.

use super::{Millis, UserId};

/// An announcement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its id: its place in the stream of changes.
    pub id: u64,
    /// At most 2,000 characters.
    pub text: String,
    /// Who announced it; none: the app itself.
    pub by: Option<UserId>,
    /// When.
    pub created_at: Millis,
}
