//! Acting on messages.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::{Body, Command, MessageId};

/// What is asked of a message.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Act {
    /// What the plugin that owns the message's kind asks for: a JSON object.
    pub data: Body,
}

impl Act {
    /// The command it is for a message.
    #[must_use]
    pub fn of(self, message: MessageId) -> Command {
        let (data, once) = (self.data, None);
        Command::Act { message, data, once }
    }
}

/// What the plugin answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Answered<'a> {
    /// Any JSON.
    #[schema(value_type = Body)]
    pub answer: &'a Body,
}
