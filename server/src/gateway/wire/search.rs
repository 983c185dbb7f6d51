//! Finding things by words.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::PageSize;
use crate::model::{Command, ConversationId, Refusal};

/// What is looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Among {
    /// Messages one can see.
    #[default]
    Messages,
    /// Users of the app, by nickname.
    Users,
    /// One's friends, by nickname.
    Friends,
    /// One's conversations, by name or peer.
    Conversations,
}

/// Words to look for.
#[derive(Debug, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Search {
    /// 1 to 100 characters. What spaces part may be apart; the last word of each part may be a beginning.
    pub q: String,
    /// Among what.
    #[serde(default, rename = "in")]
    #[schema(required = false)]
    #[param(value_type = Option<Among>, inline)]
    pub among: Among,
    /// Of messages: only in this conversation.
    pub conversation: Option<ConversationId>,
    /// How many, the best first: messages the newest, users by nickname.
    #[serde(default)]
    #[schema(value_type = u32, required = false, minimum = 1, maximum = 100, default = 20)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100, default = 20)]
    pub limit: PageSize<20, 100>,
}

impl Search {
    /// The command of a user.
    ///
    /// # Errors
    /// `BadField` if a conversation is named that is not looked in.
    pub fn of(self) -> Result<Command, Refusal> {
        let (text, limit) = (self.q, self.limit.0);
        if self.conversation.is_some() && self.among != Among::Messages {
            return Err(Refusal::field("conversation", "is for messages"));
        }
        Ok(match self.among {
            Among::Messages => Command::SearchMessages {
                text,
                conversation: self.conversation,
                limit,
            },
            Among::Users | Among::Friends => Command::SearchUsers {
                text,
                friends: self.among == Among::Friends,
                limit,
            },
            Among::Conversations => Command::SearchConversations { text, limit },
        })
    }
}
