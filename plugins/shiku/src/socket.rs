//! The socket: the object that histories print inside `message`, both ways. Up it is a new message (or takes one back,
//! or says what is read); the answer is the object as it is stored.

use serde_json::{Map, Value};
use switchboard_plugin::hooks::dialect::{Connection, Reaction, Request, Response};
use switchboard_plugin::host::messages_send::Echo;
use switchboard_plugin::host::types::{ConversationKind, Message};
use switchboard_plugin::host::{conversations_write, messages_edit, proofs};

use crate::entry::{self, Place};
use crate::envelope::Failure;
use crate::history;
use crate::ids;
use crate::object::{self, Said};
use crate::params::{Params, wrong};
use crate::people::{self, People};
use crate::rooms;
use crate::send::{self, Address};

/// A message is taken back; the content is its id.
const RECALL: i64 = 202;
/// Everything up to a message is read; the content is its id.
const READ: i64 = 26;

/// Lets a user in by the `access_token` of the address.
pub fn open(request: &Request, now: u64) -> Result<Reaction, Response> {
    let params = Params::of(request);
    let let_in = || {
        let token = params.get("access_token").ok_or(Failure::NoToken)?;
        let proof = proofs::by_token(token)?;
        proof.user().ok_or(Failure::BadToken)?;
        Ok(proof.bind(Some(params.get("device").unwrap_or("web")))?)
    };
    match let_in() {
        Ok(()) => Ok(Reaction::nothing()),
        Err(failure) => Err(Failure::closed_door(&failure, now)),
    }
}

/// Answers a frame.
pub fn frame(connection: &Connection, frame: &str, now: u64) -> Reaction {
    let object = serde_json::from_str::<Value>(frame).ok();
    let name = object.as_ref().and_then(message_id).unwrap_or_default();
    let outcome = match (&connection.uid, object) {
        (None, _) => Err(Failure::NoToken),
        (Some(uid), Some(Value::Object(object))) => take(uid, &object, now),
        (Some(_), _) => Err(Failure::because("不是有效的JSON")),
    };
    match outcome {
        Ok(object) => Reaction::frame(Value::from(object).to_string()),
        Err(failure) => {
            let mut answer = failure.body(now);
            if !name.is_empty() {
                answer["messageId"] = name.into();
            }
            Reaction::frame(answer.to_string())
        }
    }
}

/// The client's own id, in the head or beside it.
fn message_id(object: &Value) -> Option<String> {
    let head = object["messageHead"]["messageId"]
        .as_str()
        .or(object["messageId"].as_str());
    head.filter(|name| !name.is_empty()).map(str::to_owned)
}

/// Where an object is for.
struct Target {
    conversation: String,
    kind: ConversationKind,
    place: Place,
}

fn take(uid: &str, object: &Map<String, Value>, now: u64) -> Result<Map<String, Value>, Failure> {
    let said = Said::read(object).ok_or_else(|| wrong("type"))?;
    let whole = Value::from(object.clone());
    let from = object::text(&whole["fromUserId"]);
    if !from.is_empty() && from != people::number(Some(uid)) {
        return Err(Failure::because("fromUserId 不是当前用户"));
    }
    let target = target(uid, &whole)?;
    let name = message_id(&whole);
    let people = named(uid, &target.place)?;
    let message = match said.kind {
        RECALL | READ => {
            return mark(uid, &said, &target).map(|()| told(uid, &said, &target, (name, now), &people));
        }
        _ => {
            let address = Address {
                uid,
                conversation: &target.conversation,
                kind: target.kind,
                nonce: name.as_deref(),
            };
            send::send(said, &address, Echo::Others)?
        }
    };
    let mut shown = entry::shown(&message, &target.place, |uid| people.name(uid).to_owned());
    shown
        .pop()
        .map(|shown| shown.object)
        .ok_or_else(|| Failure::unknown("消息"))
}

fn target(uid: &str, object: &Value) -> Result<Target, Failure> {
    let head = &object["messageHead"];
    let to = [&head["to"], &object["toUserId"]].map(object::text);
    let to = to
        .into_iter()
        .find(|to| !to.is_empty())
        .ok_or_else(|| wrong("toUserId"))?;
    let direct = match object::number(&head["chatType"]) {
        Some(1) => true,
        Some(2) => false,
        Some(_) => return Err(wrong("chatType")),
        None => ids::user_number(&to).is_some(),
    };
    if !direct {
        let conversation = rooms::find(uid, &to)?.conversation;
        return Ok(Target {
            place: Place::Room(rooms::room_of(&conversation)?),
            conversation: conversation.id,
            kind: conversation.kind,
        });
    }
    // A resource may follow: `100102/web`.
    let peer = people::user_of(to.split('/').next().unwrap_or_default())?.uid;
    if peer == uid {
        return Err(wrong("toUserId"));
    }
    Ok(Target {
        conversation: send::direct(uid, &peer)?,
        kind: ConversationKind::Direct,
        place: Place::Direct {
            viewer: uid.to_owned(),
            peer,
        },
    })
}

fn named(uid: &str, place: &Place) -> Result<People, Failure> {
    match place {
        Place::Direct { peer, .. } => People::of([uid, peer.as_str()]),
        Place::Room(_) => People::of([uid]),
    }
}

/// Takes a message back, or moves the mark of what is read.
fn mark(uid: &str, said: &Said, target: &Target) -> Result<(), Failure> {
    let found = history::named(&target.conversation, &said.content)?;
    let message = found.ok_or_else(|| Failure::unknown(&format!("消息 {} ", said.content)))?;
    if said.kind == READ {
        return Ok(conversations_write::set_mark(
            uid,
            &target.conversation,
            None,
            Some(message.seq),
        )?);
    }
    Ok(messages_edit::recall(Some(uid), &message.id)?)
}

/// The object of something that is not stored.
fn told(
    uid: &str,
    said: &Said,
    target: &Target,
    (name, now): (Option<String>, u64),
    people: &People,
) -> Map<String, Value> {
    let (kind, body) = said.clone().body();
    let message = Message {
        id: "0".to_owned(),
        seq: 0,
        conversation_id: target.conversation.clone(),
        conversation_kind: target.kind,
        sender: switchboard_plugin::host::types::Sender {
            uid: Some(uid.to_owned()),
            role: None,
            origin: None,
            attrs: Vec::new(),
        },
        kind: kind.to_owned(),
        body: body.to_string(),
        mentions: Vec::new(),
        mention_all: false,
        reply_to: None,
        nonce: name.unwrap_or_else(|| said.content.clone()),
        created_at: now,
        edited_at: None,
        recalled_at: None,
        attrs: Vec::new(),
    };
    let shown = entry::shown(&message, &target.place, |uid| people.name(uid).to_owned());
    shown.into_iter().next().map(|shown| shown.object).unwrap_or_default()
}
