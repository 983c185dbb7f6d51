//! Receipts, and who is typing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::message::yes;
use crate::model::{self, Code, Command, ConversationId, Marks, Refusal, Seq, UserId};

/// One member's marks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Receipt<'a> {
    /// Whose.
    #[schema(value_type = UserId)]
    pub user: &'a UserId,
    /// Up to here everything has arrived.
    pub delivered_seq: Seq,
    /// Up to here everything is read.
    pub read_seq: Seq,
}

impl<'a> From<&'a model::Receipt> for Receipt<'a> {
    fn from(receipt: &'a model::Receipt) -> Self {
        Self {
            user: &receipt.user,
            delivered_seq: receipt.marks.delivered,
            read_seq: receipt.marks.read,
        }
    }
}

/// Everyone's marks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Receipts<'a> {
    /// They.
    pub receipts: Vec<Receipt<'a>>,
}

/// One's own marks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Marked {
    /// Up to here everything has arrived.
    pub delivered_seq: Seq,
    /// Up to here everything is read.
    pub read_seq: Seq,
    /// How many messages are left unread.
    pub unread: u64,
}

impl Marked {
    /// One's marks in a conversation that has got to `last`.
    #[must_use]
    pub const fn of(marks: Marks, last: Seq) -> Self {
        Self {
            delivered_seq: marks.delivered,
            read_seq: marks.read,
            unread: last.0.saturating_sub(marks.read.0),
        }
    }
}

/// How far a frame's mark goes.
#[derive(Debug, Deserialize)]
pub struct MarkSeq {
    /// Where.
    pub conversation: ConversationId,
    /// Up to here.
    pub seq: Seq,
}

/// Marks to move forward: at least one.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Mark {
    /// Up to here everything has arrived.
    pub delivered_seq: Option<Seq>,
    /// Up to here everything is read.
    pub read_seq: Option<Seq>,
}

impl Mark {
    /// The command for a conversation.
    ///
    /// # Errors
    /// `MissingField` if there is no mark.
    pub fn of(self, conversation: ConversationId) -> Result<Command, Refusal> {
        if self.delivered_seq.is_none() && self.read_seq.is_none() {
            return Err(Refusal {
                field: Some("read_seq".into()),
                ..Refusal::new(Code::MissingField, "delivered_seq or read_seq is required")
            });
        }
        Ok(Command::Mark {
            conversation,
            delivered: self.delivered_seq,
            read: self.read_seq,
        })
    }
}

/// That one is typing, or has stopped.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Typing {
    /// Whether one is.
    #[serde(default = "yes")]
    pub typing: bool,
}
