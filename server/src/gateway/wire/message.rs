//! Messages.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{List, PageSize, Ran};
use crate::model::{
    self, Body, Code, Command, ConversationId, Echo, HistoryFrom, Kind, Mentions, MessageId, MessageState, Millis,
    Nonce, Refusal, SendMessage, Seq, UserId,
};

/// A message.
#[derive(Debug, Serialize, ToSchema)]
pub struct Message<'a> {
    /// Its id; 0 for a transient one.
    pub id: u64,
    /// Its place in the conversation; 0 for a transient one.
    pub seq: Seq,
    /// Where.
    pub conversation: ConversationId,
    /// From whom; null is the app itself.
    #[schema(value_type = Option<UserId>, required = true)]
    pub from: Option<&'a UserId>,
    /// What kind.
    #[schema(value_type = Kind)]
    pub kind: &'a Kind,
    /// What it says.
    #[schema(value_type = Body)]
    pub body: &'a Body,
    /// The sender's own id for it; only in replies to its sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Nonce>)]
    pub nonce: Option<&'a Nonce>,
    /// Who is named.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false)]
    pub mentions: &'a [UserId],
    /// Everyone is named.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub mention_all: bool,
    /// The message it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    /// The plugin that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<&'a str>,
    /// When it was stored.
    pub created_at: Millis,
    /// When its body was replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Millis>,
    /// When it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recalled_at: Option<Millis>,
    /// Who has reacted how.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub reactions: Vec<Reaction<'a>>,
    /// It is not stored.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub transient: bool,
}

/// One emoji on a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reaction<'a> {
    /// Which.
    pub emoji: &'a str,
    /// Who put it there, in order of time.
    pub users: &'a [UserId],
}

impl<'a> Message<'a> {
    /// A message as somebody sees it; nobody in particular in an event, which is the same for all.
    #[must_use]
    pub fn seen(message: &'a model::Message, viewer: Option<&UserId>) -> Self {
        let from = message.sender.user();
        let (edited_at, recalled_at) = match message.state {
            MessageState::Sent => (None, None),
            MessageState::Edited(at) => (Some(at), None),
            MessageState::Recalled(at) => (None, Some(at)),
        };
        let reactions = message.reactions.iter().map(|reaction| Reaction {
            emoji: &reaction.emoji,
            users: &reaction.users,
        });
        Self {
            id: message.id.map_or(0, MessageId::get),
            seq: message.seq,
            conversation: message.conversation,
            from,
            kind: &message.kind,
            body: &message.body,
            nonce: (viewer.is_some() && viewer == from).then_some(&message.nonce),
            mentions: &message.mentions.users,
            mention_all: message.mentions.all,
            reply_to: message.reply_to,
            origin: message.origin.as_ref().map(model::PluginName::as_str),
            created_at: message.created_at,
            edited_at,
            recalled_at,
            reactions: reactions.collect(),
            transient: message.id.is_none(),
        }
    }
}

/// A part of a history.
#[derive(Debug, Serialize, ToSchema)]
pub struct Messages<'a> {
    /// Backwards: newest first. Forwards: oldest first.
    pub messages: Vec<Message<'a>>,
    /// Whether there are more that way.
    pub has_more: bool,
}

/// What the sender of a message is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct Stored<'a> {
    /// Its id; 0 for a transient one.
    pub id: u64,
    /// Its place; 0 for a transient one.
    pub seq: Seq,
    /// When it was stored.
    pub created_at: Millis,
    /// The nonce was known: this is the first message's answer.
    pub duplicate: bool,
    /// What was stored, if a plugin has made it something else than what was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Body>)]
    pub body: Option<&'a Body>,
    /// The command that was run, if the message was one: without `kind` nothing was stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Ran<'a>>,
}

impl<'a> From<&'a model::Sent> for Stored<'a> {
    fn from(sent: &'a model::Sent) -> Self {
        let model::Sent { stored, body, command } = sent;
        Self {
            command: command.as_deref().map(Ran::from),
            body: body.as_ref(),
            id: stored.id.map_or(0, MessageId::get),
            seq: stored.seq,
            created_at: stored.at,
            duplicate: stored.duplicate,
        }
    }
}

/// How many messages were hidden.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deleted {
    /// How many.
    pub deleted: u32,
}

/// Whether anything changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Changed {
    /// Whether it did.
    pub changed: bool,
}

/// A message to send.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewMessage {
    /// Where to: in a frame. REST has it in the path.
    #[schema(ignore)]
    pub conversation: Option<ConversationId>,
    /// What kind.
    pub kind: Kind,
    /// What it says.
    pub body: Body,
    /// The sender's own id for it, unique for good.
    pub nonce: Option<Nonce>,
    /// Who is named.
    #[serde(default)]
    #[schema(value_type = Vec<UserId>, required = false, max_items = 100)]
    pub mentions: List<UserId, 100>,
    /// Everyone is named.
    #[serde(default)]
    pub mention_all: bool,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// Deliver to who is there and forget.
    #[serde(default)]
    pub transient: bool,
}

impl NewMessage {
    /// The message for a conversation.
    #[must_use]
    pub fn to(self, conversation: ConversationId) -> SendMessage {
        SendMessage {
            conversation,
            kind: self.kind,
            body: self.body,
            nonce: self.nonce,
            mentions: Mentions {
                all: self.mention_all,
                users: self.mentions.0,
            },
            reply_to: self.reply_to,
            transient: self.transient,
            echo: Echo::Others,
        }
    }

    /// The message of a frame, which names its conversation itself.
    ///
    /// # Errors
    /// `MissingField` if it does not.
    pub fn into_send(self) -> Result<SendMessage, Refusal> {
        match self.conversation {
            Some(conversation) => Ok(self.to(conversation)),
            None => Err(Refusal {
                field: Some("conversation".into()),
                ..Refusal::new(Code::MissingField, "this field is required")
            }),
        }
    }
}

/// Names a message.
#[derive(Debug, Deserialize)]
pub struct OfMessage {
    /// Which.
    pub message: MessageId,
}

/// A new body for a message.
#[derive(Debug, Deserialize, ToSchema)]
pub struct EditMessage {
    /// It.
    pub body: Body,
}

/// Messages to hide from oneself.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DeleteMessages {
    /// Which.
    #[schema(value_type = Vec<MessageId>, max_items = 100)]
    pub messages: List<MessageId, 100>,
}

/// An emoji to put on a message or to take away.
#[derive(Debug, Deserialize, ToSchema)]
pub struct React {
    /// Which; at most 32 bytes.
    pub emoji: String,
    /// Put it there.
    #[serde(default = "yes")]
    pub add: bool,
}

pub(super) const fn yes() -> bool {
    true
}

/// A page of a conversation's history: of the first four at most one.
#[derive(Debug, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct History {
    /// Backwards from this message, without it.
    pub before: Option<MessageId>,
    /// Forwards from this message, without it.
    pub after: Option<MessageId>,
    /// Backwards from this place, without it.
    pub before_seq: Option<Seq>,
    /// Forwards from this place, without it.
    pub after_seq: Option<Seq>,
    /// How many messages.
    #[serde(default)]
    #[schema(value_type = u32, required = false, minimum = 1, maximum = 100, default = 50)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100, default = 50)]
    pub limit: PageSize<50, 100>,
}

impl History {
    /// The command for a conversation.
    ///
    /// # Errors
    /// `BadField` if it begins in more than one place.
    pub fn of(self, conversation: ConversationId) -> Result<Command, Refusal> {
        let from = match (self.before, self.after, self.before_seq, self.after_seq) {
            (None, None, None, None) => HistoryFrom::End,
            (Some(id), None, None, None) => HistoryFrom::BeforeId(id),
            (None, Some(id), None, None) => HistoryFrom::AfterId(id),
            (None, None, Some(seq), None) => HistoryFrom::BeforeSeq(seq),
            (None, None, None, Some(seq)) => HistoryFrom::AfterSeq(seq),
            _ => {
                let field = if self.before.is_none() { "after" } else { "before" };
                return Err(Refusal::field(
                    field,
                    "only one of before, after, before_seq and after_seq",
                ));
            }
        };
        Ok(Command::ListMessages {
            conversation,
            from,
            limit: self.limit.0,
        })
    }
}
