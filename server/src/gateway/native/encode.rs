//! Frames down. Each is written into one buffer that then is the frame: an event's is shared by all its receivers.

use std::borrow::Cow;

use serde::Serialize;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::decode::Id;
use crate::delivery::Encode;
use crate::gateway::wire::{Conversation, Member, Message, Notice, Preferences, Receipt, Refused, User};
use crate::hub::Frame;
use crate::model::{self, Body, Change, ConversationId, Cursor, Event, MessageId, Refusal, Seq, UserId};

/// Room for a usual frame.
const ROOM: usize = 512;

/// The native protocol's way to tell of events.
pub struct NativeEncoder;

impl Encode for NativeEncoder {
    fn encode(&self, event: &Event) -> Option<Frame> {
        let (kind, data) = told(&event.change);
        // A mark is stored, but it is no part of the stream that a client resumes.
        let cursor = event.cursor.filter(|_| !matches!(event.change, Change::Marked { .. }));
        let text = write(&Told {
            kind,
            cursor,
            seq: seq(&event.change),
            data,
        })?;
        Some(Frame { cursor, text })
    }
}

#[derive(Serialize)]
struct Told<'a, T> {
    #[serde(rename = "type")]
    kind: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<Cursor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<Seq>,
    data: T,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Data<'a> {
    Message(Box<Message<'a>>),
    Deleted {
        messages: &'a [MessageId],
    },
    Reacted {
        message: Option<MessageId>,
        conversation: ConversationId,
        user: &'a UserId,
        emoji: &'a str,
        added: bool,
    },
    Receipt {
        conversation: ConversationId,
        #[serde(flatten)]
        receipt: Receipt<'a>,
    },
    Typing {
        conversation: ConversationId,
        user: &'a UserId,
        typing: bool,
    },
    Conversation(Box<Conversation<'a>>),
    Dissolved {
        conversation: ConversationId,
    },
    Announced {
        conversation: ConversationId,
        notice: Notice<'a>,
    },
    Preferred {
        conversation: ConversationId,
        preferences: Preferences,
    },
    Cleared {
        conversation: ConversationId,
        seq: Seq,
    },
    Moved {
        conversation: ConversationId,
        users: &'a [UserId],
        by: Option<&'a UserId>,
    },
    Member {
        conversation: ConversationId,
        member: Member<'a>,
    },
    User(User<'a>),
    Presence {
        user: &'a UserId,
        online: bool,
    },
    Pushed(&'a Body),
}

fn message(message: &model::Message) -> Data<'_> {
    Data::Message(Box::new(Message::seen(message, None)))
}

fn told(change: &Change) -> (Cow<'_, str>, Data<'_>) {
    let (kind, data) = match change {
        Change::MessageSent(sent) => ("message.sent", message(sent)),
        Change::MessageEdited(edited) => ("message.edited", message(edited)),
        Change::MessageRecalled(recalled) => ("message.recalled", message(recalled)),
        Change::MessagesDeleted(messages) => ("message.deleted", Data::Deleted { messages }),
        Change::Reacted {
            message,
            user,
            emoji,
            added,
        } => {
            let (conversation, message) = (message.conversation, message.id);
            (
                "message.reacted",
                Data::Reacted {
                    message,
                    conversation,
                    user,
                    emoji,
                    added: *added,
                },
            )
        }
        Change::Marked { conversation, receipt } => (
            "receipt.changed",
            Data::Receipt {
                conversation: *conversation,
                receipt: receipt.into(),
            },
        ),
        Change::Typing {
            conversation,
            user,
            typing,
        } => (
            "typing",
            Data::Typing {
                conversation: *conversation,
                user,
                typing: *typing,
            },
        ),
        Change::ConversationCreated(roster) => (
            "conversation.created",
            Data::Conversation(Box::new(Conversation::told(roster))),
        ),
        Change::ConversationUpdated(roster) => (
            "conversation.updated",
            Data::Conversation(Box::new(Conversation::told(roster))),
        ),
        Change::ConversationDissolved(roster) => (
            "conversation.dissolved",
            Data::Dissolved {
                conversation: roster.conversation.id,
            },
        ),
        Change::Announced { roster, notice } => (
            "conversation.announced",
            Data::Announced {
                conversation: roster.conversation.id,
                notice: notice.into(),
            },
        ),
        Change::Preferred {
            conversation,
            preferences,
        } => (
            "conversation.preferred",
            Data::Preferred {
                conversation: *conversation,
                preferences: (*preferences).into(),
            },
        ),
        Change::HistoryCleared { conversation, seq } => (
            "conversation.cleared",
            Data::Cleared {
                conversation: *conversation,
                seq: *seq,
            },
        ),
        Change::MembersJoined { roster, users, by } => (
            "member.joined",
            Data::Moved {
                conversation: roster.conversation.id,
                users,
                by: by.as_ref(),
            },
        ),
        Change::MembersLeft { roster, users, by } => (
            "member.left",
            Data::Moved {
                conversation: roster.conversation.id,
                users,
                by: by.as_ref(),
            },
        ),
        Change::MemberUpdated { roster, member } => (
            "member.updated",
            Data::Member {
                conversation: roster.conversation.id,
                member: member.into(),
            },
        ),
        Change::UserUpdated(user) => ("user.updated", Data::User(user.into())),
        Change::PresenceChanged { user, online } => ("presence.changed", Data::Presence { user, online: *online }),
        Change::Pushed { plugin, name, data } => {
            return (Cow::Owned(format!("plugin.{plugin}.{name}")), Data::Pushed(data));
        }
    };
    (Cow::Borrowed(kind), data)
}

/// The place in its conversation of the message an event is about.
fn seq(change: &Change) -> Option<Seq> {
    match change {
        Change::MessageSent(message) | Change::MessageEdited(message) | Change::MessageRecalled(message) => {
            message.id.map(|_| message.seq)
        }
        _ => None,
    }
}

/// An event of the connection itself.
pub(super) fn own_event<T: Serialize>(kind: &'static str, data: T) -> Option<Utf8Bytes> {
    write(&Told {
        kind: kind.into(),
        cursor: None,
        seq: None,
        data,
    })
}

/// The answer to a command.
pub(super) fn reply<T: Serialize>(id: &Id, data: &T) -> Option<Utf8Bytes> {
    answer(id, "reply", "data", data)
}

/// The answer to a command or frame that was refused.
pub(super) fn error(id: &Id, refusal: &Refusal) -> Option<Utf8Bytes> {
    answer(id, "error", "error", &Refused::from(refusal))
}

fn answer<T: Serialize>(id: &Id, kind: &str, name: &str, data: &T) -> Option<Utf8Bytes> {
    let mut buffer = Vec::with_capacity(ROOM);
    for part in ["{\"id\":", &id.json(), ",\"type\":\"", kind, "\",\"", name, "\":"] {
        buffer.extend_from_slice(part.as_bytes());
    }
    serde_json::to_writer(&mut buffer, data).inspect_err(fault).ok()?;
    buffer.push(b'}');
    text(buffer)
}

fn write<T: Serialize>(frame: &T) -> Option<Utf8Bytes> {
    let mut buffer = Vec::with_capacity(ROOM);
    serde_json::to_writer(&mut buffer, frame).inspect_err(fault).ok()?;
    text(buffer)
}

fn text(buffer: Vec<u8>) -> Option<Utf8Bytes> {
    String::from_utf8(buffer).ok().map(Utf8Bytes::from)
}

fn fault(error: &serde_json::Error) {
    tracing::error!(%error, "a frame cannot be encoded");
}
