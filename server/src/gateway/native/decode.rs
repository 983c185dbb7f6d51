//! Frames up: from text to what a client wants. The envelope is read first and its data left as text, so that the id is
//! known even where the data is wrong.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::gateway::wire::{
    Act, Announce, ChangeConversation, ChangeUser, Complete, DeleteMessages, EditMessage, History, InConversation,
    ListConversations, ListFriends, ListMembers, ListNotices, MarkSeq, Mute, NewConversation, NewMessage, OfMessage,
    OfUser, Prefer, PresenceOf, React, Remark, Search, SetRole, Typing, UserList, decode,
};
use crate::model::{Code, Command, Cursor, DeviceId, Refusal, SendMessage, UserId};

/// The longest id of a frame, in bytes.
const ID: usize = 64;

/// What a client calls its frame: a number or a string, sent back as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Id {
    /// None was given, or none could be read.
    None,
    /// A whole number, as most are.
    Number(u64),
    /// Any other number, or a string, as its JSON.
    Json(Box<str>),
}

impl Id {
    /// Its JSON.
    pub(super) fn json(&self) -> Cow<'_, str> {
        match self {
            Self::None => Cow::Borrowed("null"),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Json(json) => Cow::Borrowed(json),
        }
    }

    fn read(raw: Option<&RawValue>) -> Result<Self, Refusal> {
        let json = raw.map_or("null", RawValue::get);
        if let Ok(number) = json.parse() {
            return Ok(Self::Number(number));
        }
        let fits = match json.as_bytes().first() {
            Some(b'n') => return Ok(Self::None),
            Some(b'"') => serde_json::from_str::<Cow<'_, str>>(json).is_ok_and(|text| text.len() <= ID),
            Some(b'-' | b'0'..=b'9') => json.len() <= ID,
            _ => false,
        };
        if fits {
            Ok(Self::Json(json.into()))
        } else {
            Err(Refusal::field("id", "must be a number or a string of at most 64 bytes"))
        }
    }
}

/// What a client wants.
#[derive(Debug)]
pub(super) enum Wish {
    /// To say who it is.
    Login(Login),
    /// To be sent what it has missed.
    Resume(Cursor),
    /// To know that the server is there.
    Ping,
    /// To hear of these users' presence.
    Watch(Vec<UserId>),
    /// To send a message.
    Send(Box<SendMessage>),
    /// Anything else.
    Ask(Command),
}

/// Who a client says it is.
#[derive(Debug, Deserialize)]
pub(super) struct Login {
    /// Proves it.
    pub token: String,
    /// On which device.
    pub device: Option<DeviceId>,
    /// How far it has seen the stream.
    pub cursor: Option<Cursor>,
}

#[derive(Deserialize)]
struct Resume {
    cursor: Cursor,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// A frame that is refused.
#[derive(Debug)]
pub(super) struct BadFrame {
    /// What it is called, if that could be read.
    pub id: Id,
    /// Why.
    pub refusal: Refusal,
    /// It was to send a message: those are answered in order.
    pub send: bool,
}

/// Reads a frame of at most `max` bytes.
pub(super) fn read(frame: &str, max: usize) -> Result<(Id, Wish), BadFrame> {
    let bad = |id, send| move |refusal| BadFrame { id, refusal, send };
    if frame.len() > max {
        let text = format!("a frame has at most {max} bytes");
        return Err(bad(id_of(frame), false)(Refusal::too_large("frame_bytes", text)));
    }
    let envelope: Envelope<'_> = decode(frame).map_err(|refusal| bad(id_of(frame), false)(of_frame(refusal)))?;
    let send = envelope.kind == "message.send";
    let id = Id::read(envelope.id).map_err(bad(Id::None, send))?;
    match wish(&envelope.kind, envelope.data.map_or("{}", RawValue::get)) {
        Ok(wish) => Ok((id, wish)),
        Err(refusal) => Err(bad(id, send)(of_data(refusal))),
    }
}

/// The id of a frame whose other parts are wrong.
fn id_of(frame: &str) -> Id {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(borrow)]
        id: Option<&'a RawValue>,
    }
    decode::<Named<'_>>(frame)
        .ok()
        .and_then(|named| Id::read(named.id).ok())
        .unwrap_or(Id::None)
}

/// A frame without a type is none.
fn of_frame(refusal: Refusal) -> Refusal {
    match refusal.code {
        Code::MissingField | Code::BadField => Refusal {
            code: Code::BadFrame,
            ..refusal
        },
        _ => refusal,
    }
}

/// Data that is no object is a bad field of the frame.
fn of_data(refusal: Refusal) -> Refusal {
    match refusal.code {
        Code::BadFrame => Refusal::field("data", "must be a JSON object"),
        _ => refusal,
    }
}

fn wish(kind: &str, data: &str) -> Result<Wish, Refusal> {
    Ok(match kind {
        "message.send" => Wish::Send(Box::new(decode::<NewMessage>(data)?.into_send()?)),
        "ping" => Wish::Ping,
        "session.login" => Wish::Login(decode(data)?),
        "session.resume" => Wish::Resume(decode::<Resume>(data)?.cursor),
        "presence.watch" => Wish::Watch(decode::<PresenceOf>(data)?.users.0),
        _ => Wish::Ask(command(kind, data)?),
    })
}

fn command(kind: &str, data: &str) -> Result<Command, Refusal> {
    let (noun, verb) = kind.split_once('.').unwrap_or((kind, ""));
    match noun {
        "message" => of_message(verb, data),
        "receipt" => of_receipt(verb, data),
        "typing" if verb.is_empty() => {
            let conversation = conversation(data)?;
            Ok(Command::SetTyping {
                conversation,
                typing: decode::<Typing>(data)?.typing,
            })
        }
        "conversation" => of_conversation(verb, data),
        "search" if verb.is_empty() => decode::<Search>(data)?.of(),
        "member" => of_member(verb, data),
        "command" => match verb {
            "list" => Ok(Command::ListCommands(conversation(data)?)),
            "complete" => Ok(decode::<Complete>(data)?.of(conversation(data)?)),
            _ => Err(unknown_type()),
        },
        "user" => match verb {
            "get" => Ok(Command::GetUser(decode::<OfUser>(data)?.user)),
            "update" => Ok(decode::<ChangeUser>(data)?.into()),
            _ => Err(unknown_type()),
        },
        "block" => match verb {
            "add" => Ok(Command::Block(decode::<OfUser>(data)?.user)),
            "remove" => Ok(Command::Unblock(decode::<OfUser>(data)?.user)),
            "list" => Ok(Command::ListBlocks),
            _ => Err(unknown_type()),
        },
        "friend" => of_friend(verb, data),
        "presence" if verb == "get" => Ok(Command::GetPresence(decode::<PresenceOf>(data)?.users.0)),
        _ => Err(unknown_type()),
    }
}

fn of_message(verb: &str, data: &str) -> Result<Command, Refusal> {
    let message = || decode::<OfMessage>(data).map(|of| of.message);
    Ok(match verb {
        "get" => Command::GetMessage(message()?),
        "history" => {
            let conversation = conversation(data)?;
            decode::<History>(data)?.of(conversation)?
        }
        "edit" => Command::EditMessage {
            message: message()?,
            body: decode::<EditMessage>(data)?.body,
        },
        "recall" => Command::RecallMessage(message()?),
        "delete" => Command::DeleteMessages(decode::<DeleteMessages>(data)?.messages.0),
        "react" => {
            let message = message()?;
            let React { emoji, add } = decode(data)?;
            Command::React { message, emoji, add }
        }
        "act" => decode::<Act>(data)?.of(message()?),
        _ => return Err(unknown_type()),
    })
}

fn of_receipt(verb: &str, data: &str) -> Result<Command, Refusal> {
    let mark = || decode::<MarkSeq>(data);
    Ok(match verb {
        "delivered" => {
            let MarkSeq { conversation, seq } = mark()?;
            Command::Mark {
                conversation,
                delivered: Some(seq),
                read: None,
            }
        }
        "read" => {
            let MarkSeq { conversation, seq } = mark()?;
            Command::Mark {
                conversation,
                delivered: None,
                read: Some(seq),
            }
        }
        "list" => Command::ListReceipts(conversation(data)?),
        _ => return Err(unknown_type()),
    })
}

fn of_conversation(verb: &str, data: &str) -> Result<Command, Refusal> {
    Ok(match verb {
        "create" => decode::<NewConversation>(data)?.into(),
        "get" => Command::GetConversation(conversation(data)?),
        "list" => decode::<ListConversations>(data)?.into(),
        "open" => Command::OpenConversation(conversation(data)?),
        "prefer" => {
            let conversation = conversation(data)?;
            decode::<Prefer>(data)?.of(conversation)
        }
        "announce" => {
            let conversation = conversation(data)?;
            decode::<Announce>(data)?.of(conversation)
        }
        "notices" => {
            let conversation = conversation(data)?;
            decode::<ListNotices>(data)?.of(conversation)
        }
        "clear" => Command::ClearHistory(conversation(data)?),
        "update" => {
            let conversation = conversation(data)?;
            decode::<ChangeConversation>(data)?.of(conversation)
        }
        "dissolve" => Command::DissolveConversation(conversation(data)?),
        _ => return Err(unknown_type()),
    })
}

fn of_member(verb: &str, data: &str) -> Result<Command, Refusal> {
    if !["list", "add", "remove", "join", "leave", "role", "mute"].contains(&verb) {
        return Err(unknown_type());
    }
    let conversation = conversation(data)?;
    let users = || decode::<UserList>(data).map(|list| list.users.0);
    Ok(match verb {
        "list" => decode::<ListMembers>(data)?.of(conversation),
        "add" => Command::AddMembers {
            conversation,
            users: users()?,
        },
        "remove" => Command::RemoveMembers {
            conversation,
            users: users()?,
        },
        "join" => Command::Join(conversation),
        "leave" => Command::Leave(conversation),
        "role" => decode::<SetRole>(data)?.of(conversation),
        _ => decode::<Mute>(data)?.of(conversation),
    })
}

fn of_friend(verb: &str, data: &str) -> Result<Command, Refusal> {
    let user = || decode::<OfUser>(data).map(|of| of.user);
    Ok(match verb {
        "add" => Command::AddFriend(user()?),
        "remove" => Command::RemoveFriend(user()?),
        "remark" => Command::RemarkFriend {
            user: user()?,
            remark: decode::<Remark>(data)?.remark,
        },
        "list" => decode::<ListFriends>(data)?.into(),
        _ => return Err(unknown_type()),
    })
}

fn conversation(data: &str) -> Result<crate::model::ConversationId, Refusal> {
    decode::<InConversation>(data).map(|of| of.conversation)
}

fn unknown_type() -> Refusal {
    Refusal::new(Code::UnknownType, "there is no command of this type")
}
