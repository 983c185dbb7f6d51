//! The tenant's users.

use super::{Body, Millis, UserId};

/// A user of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id inside the app.
    pub id: UserId,
    /// Shown to others; at most 100 characters.
    pub nickname: String,
    /// URL of a picture; at most 1,000 bytes.
    pub avatar: String,
    /// The app's own data: a JSON object of at most 8 KiB.
    pub attributes: Body,
    /// Why the user is banned, if it is.
    pub ban: Option<String>,
    /// When it was first seen.
    pub created_at: Millis,
}

impl User {
    /// Attributes by which a user is found. A value of theirs belongs to one user of the app at most.
    pub const KEYS: [&str; 2] = ["phone", "telephone"];
    /// The most bytes of attributes.
    pub const ATTRIBUTES: usize = 8 * 1024;
}

/// What to change of a user; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserPatch {
    /// New nickname.
    pub nickname: Option<String>,
    /// New picture.
    pub avatar: Option<String>,
    /// New attributes, replacing all old ones.
    pub attributes: Option<Body>,
    /// Merged into the attributes, the new ones if there are any, by RFC 7396.
    pub merge: Option<Body>,
}

/// One of a user's friends. Friendship has two sides; what they call each other is their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Friend {
    /// Who.
    pub user: UserId,
    /// What the user calls it; only the user sees that.
    pub remark: String,
    /// Since when.
    pub since: Millis,
}

/// A part of a user's friends, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FriendsPage {
    /// They.
    pub friends: Vec<Friend>,
    /// How many the user has in all.
    pub total: u32,
}
