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

/// What to change of a user; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserPatch {
    /// New nickname.
    pub nickname: Option<String>,
    /// New picture.
    pub avatar: Option<String>,
    /// New attributes, replacing all old ones.
    pub attributes: Option<Body>,
}
