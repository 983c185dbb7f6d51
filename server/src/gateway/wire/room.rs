//! What members choose for a conversation, and what is announced in it.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::PageSize;
use crate::model::{self, Command, ConversationId, Millis, PreferencesPatch, UserId};

/// What a member has chosen for a conversation, for itself only.
#[derive(Debug, Serialize, ToSchema)]
pub struct Preferences {
    /// Since when it is pinned to the top; null: it is not.
    #[schema(required = true)]
    pub pinned_at: Option<Millis>,
    /// Higher ones come before others.
    pub rank: i32,
    /// No push while offline.
    pub do_not_disturb: bool,
}

impl From<model::Preferences> for Preferences {
    fn from(of: model::Preferences) -> Self {
        Self {
            pinned_at: of.pinned_at,
            rank: of.rank,
            do_not_disturb: of.do_not_disturb,
        }
    }
}

/// What to choose; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Prefer {
    /// Whether it is pinned to the top.
    pub pinned: Option<bool>,
    /// Its rank.
    pub rank: Option<i32>,
    /// Whether not to push while offline.
    pub do_not_disturb: Option<bool>,
}

impl Prefer {
    /// The command for a conversation.
    #[must_use]
    pub const fn of(self, conversation: ConversationId) -> Command {
        Command::Prefer {
            conversation,
            patch: PreferencesPatch {
                pinned: self.pinned,
                rank: self.rank,
                do_not_disturb: self.do_not_disturb,
            },
        }
    }
}

/// An announcement.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notice<'a> {
    /// Its id: newer ones have greater ones.
    pub id: u64,
    /// What is announced.
    pub text: &'a str,
    /// By whom; null is the app itself.
    #[schema(value_type = Option<UserId>, required = true)]
    pub by: Option<&'a UserId>,
    /// When.
    pub created_at: Millis,
}

impl<'a> From<&'a model::Notice> for Notice<'a> {
    fn from(of: &'a model::Notice) -> Self {
        Self {
            id: of.id,
            text: &of.text,
            by: of.by.as_ref(),
            created_at: of.created_at,
        }
    }
}

/// A part of the announcements, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notices<'a> {
    /// They.
    pub notices: Vec<Notice<'a>>,
    /// How many there are.
    pub total: u32,
}

/// Something to announce.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Announce {
    /// At most 2,000 characters.
    pub text: String,
}

impl Announce {
    /// The command for a conversation.
    #[must_use]
    pub fn of(self, conversation: ConversationId) -> Command {
        Command::Announce {
            conversation,
            text: self.text,
            once: None,
        }
    }
}

/// A page of the announcements.
#[derive(Debug, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListNotices {
    /// How many of the newest to leave out.
    #[serde(default)]
    #[schema(required = false)]
    pub skip: u32,
    /// How many.
    #[serde(default)]
    #[schema(value_type = u32, required = false, minimum = 1, maximum = 100, default = 20)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100, default = 20)]
    pub limit: PageSize<20, 100>,
}

impl ListNotices {
    /// The command for a conversation.
    #[must_use]
    pub const fn of(self, conversation: ConversationId) -> Command {
        Command::ListNotices {
            conversation,
            skip: self.skip,
            limit: self.limit.0,
        }
    }
}
