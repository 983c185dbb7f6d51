//! Members.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{List, PageSize};
use crate::model::{self, Code, Command, ConversationId, Millis, Refusal, Role, UserId};

/// A user in a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Member<'a> {
    /// Who.
    #[schema(value_type = UserId)]
    pub user: &'a UserId,
    /// Rank.
    pub role: Role,
    /// May not speak before this time; 0 if it may.
    pub muted_until: Millis,
    /// Since when.
    pub joined_at: Millis,
}

impl<'a> From<&'a model::Member> for Member<'a> {
    fn from(member: &'a model::Member) -> Self {
        Self {
            user: &member.user,
            role: member.role,
            muted_until: member.muted_until.unwrap_or_default(),
            joined_at: member.joined_at,
        }
    }
}

/// A part of the members, in order of uid.
#[derive(Debug, Serialize, ToSchema)]
pub struct Members<'a> {
    /// They.
    pub members: Vec<Member<'a>>,
    /// Whether there are more.
    pub has_more: bool,
}

/// A page of members.
#[derive(Debug, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListMembers {
    /// The last uid of the page before.
    pub after: Option<UserId>,
    /// How many.
    #[serde(default)]
    #[schema(value_type = u32, required = false, minimum = 1, maximum = 1000, default = 100)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    pub limit: PageSize<100, 1000>,
}

impl ListMembers {
    /// The command for a conversation.
    #[must_use]
    pub fn of(self, conversation: ConversationId) -> Command {
        Command::ListMembers {
            conversation,
            after: self.after,
            limit: self.limit.0,
        }
    }
}

/// Users to bring in or to put out.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UserList {
    /// They.
    #[schema(value_type = Vec<UserId>, max_items = 1000)]
    pub users: List<UserId, 1000>,
}

/// A member's new rank.
#[derive(Debug, Deserialize)]
pub struct SetRole {
    /// Whose.
    pub user: UserId,
    /// Which; `owner` hands the conversation over.
    pub role: Role,
}

impl SetRole {
    /// The command for a conversation.
    #[must_use]
    pub fn of(self, conversation: ConversationId) -> Command {
        Command::SetRole {
            conversation,
            user: self.user,
            role: self.role,
        }
    }
}

/// Until when a member may not speak.
#[derive(Debug, Deserialize)]
pub struct Mute {
    /// Who.
    pub user: UserId,
    /// Until when; 0 lets it speak again.
    pub until: Millis,
}

impl Mute {
    /// The command for a conversation.
    #[must_use]
    pub fn of(self, conversation: ConversationId) -> Command {
        mute(conversation, self.user, self.until)
    }
}

/// What to change of a member: one of the two.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ChangeMember {
    /// New rank; `owner` hands the conversation over.
    pub role: Option<Role>,
    /// May not speak before this time; 0 lets it speak again.
    pub muted_until: Option<Millis>,
}

impl ChangeMember {
    /// The command for a member of a conversation.
    ///
    /// # Errors
    /// `MissingField` if nothing is to change, `BadField` if both are: each is a decision of its own.
    pub fn of(self, conversation: ConversationId, user: UserId) -> Result<Command, Refusal> {
        match (self.role, self.muted_until) {
            (Some(role), None) => Ok(SetRole { user, role }.of(conversation)),
            (None, Some(until)) => Ok(mute(conversation, user, until)),
            (Some(_), Some(_)) => Err(Refusal::field(
                "muted_until",
                "change role or muted_until, not both at once",
            )),
            (None, None) => Err(Refusal {
                field: Some("role".into()),
                ..Refusal::new(Code::MissingField, "role or muted_until is required")
            }),
        }
    }
}

fn mute(conversation: ConversationId, user: UserId, until: Millis) -> Command {
    Command::MuteMember {
        conversation,
        user,
        until: (until.0 > 0).then_some(until),
    }
}
