//! Users.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::PageSize;
use crate::model::{self, Body, Command, Millis, UserId, UserPatch};

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

/// One of a user's friends.
#[derive(Debug, Serialize, ToSchema)]
pub struct Friend<'a> {
    /// Who.
    #[schema(value_type = UserId)]
    pub user: &'a UserId,
    /// What one calls it; nobody else sees that.
    pub remark: &'a str,
    /// Since when.
    pub since: Millis,
}

/// A part of a user's friends, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Friends<'a> {
    /// They.
    pub friends: Vec<Friend<'a>>,
    /// How many there are in all.
    pub total: u32,
}

impl<'a> From<&'a model::FriendsPage> for Friends<'a> {
    fn from(page: &'a model::FriendsPage) -> Self {
        let friend = |of: &'a model::Friend| Friend {
            user: &of.user,
            remark: &of.remark,
            since: of.since,
        };
        Self {
            friends: page.friends.iter().map(friend).collect(),
            total: page.total,
        }
    }
}

/// Users' profiles.
#[derive(Debug, Serialize, ToSchema)]
pub struct Profiles<'a> {
    /// They.
    pub users: Vec<User<'a>>,
}

/// Names a user.
#[derive(Debug, Deserialize)]
pub struct OfUser {
    /// Who.
    pub user: UserId,
}

/// A page of one's friends.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListFriends {
    /// How many to leave out.
    #[serde(default)]
    #[param(required = false, default = 0)]
    pub skip: u32,
    /// How many.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    pub limit: PageSize<100, 1000>,
}

impl From<ListFriends> for Command {
    fn from(list: ListFriends) -> Self {
        Self::ListFriends {
            skip: list.skip,
            limit: list.limit.0,
        }
    }
}

/// What to call a friend.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Remark {
    /// At most 100 characters; nobody else sees it.
    pub remark: String,
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
            merge: None,
        }
    }
}

impl From<ChangeUser> for Command {
    fn from(change: ChangeUser) -> Self {
        Self::UpdateUser(change.into())
    }
}
