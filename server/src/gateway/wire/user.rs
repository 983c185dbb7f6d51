//! Users.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::{self, Body, Command, UserId, UserPatch};

/// A user's profile.
#[derive(Debug, Serialize, ToSchema)]
pub struct User<'a> {
    /// Its id.
    #[schema(value_type = UserId)]
    pub user: &'a UserId,
    /// Shown to others.
    pub nickname: &'a str,
    /// URL of a picture.
    pub avatar: &'a str,
    /// The app's own data.
    #[schema(value_type = Body)]
    pub attributes: &'a Body,
}

impl<'a> From<&'a model::User> for User<'a> {
    fn from(user: &'a model::User) -> Self {
        Self {
            user: &user.id,
            nickname: &user.nickname,
            avatar: &user.avatar,
            attributes: &user.attributes,
        }
    }
}

/// Whom one has blocked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Blocks<'a> {
    /// They.
    pub users: &'a [UserId],
}

/// Names a user.
#[derive(Debug, Deserialize)]
pub struct OfUser {
    /// Who.
    pub user: UserId,
}

/// What to change of a profile; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ChangeUser {
    /// New nickname; at most 100 characters.
    pub nickname: Option<String>,
    /// New picture; a URL of at most 1,000 bytes.
    pub avatar: Option<String>,
    /// New attributes, replacing all old ones; at most 8 KiB.
    pub attributes: Option<Body>,
}

impl From<ChangeUser> for UserPatch {
    fn from(change: ChangeUser) -> Self {
        Self {
            nickname: change.nickname,
            avatar: change.avatar,
            attributes: change.attributes,
        }
    }
}

impl From<ChangeUser> for Command {
    fn from(change: ChangeUser) -> Self {
        Self::UpdateUser(change.into())
    }
}
