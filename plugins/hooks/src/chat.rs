//! What a registered user says and asks for over its socket.

use crate::answer::{Failure, Outcome};
use crate::down;
use crate::frames::{Message, Target};
use crate::groups;
use crate::object::Object;
use serde_json::Value;
use switchboard_plugin::host::conversations_write::{self, NewConversation};
use switchboard_plugin::host::messages::{self, PageRequest, Place};
use switchboard_plugin::host::messages_send::{self, Delivery, Echo, Outgoing};
use switchboard_plugin::host::types::{Conversation, ConversationKind};
use switchboard_plugin::host::{conversations, users};

/// Sends a message.
pub fn send(uid: &str, message: Message) -> Outcome<(&'static str, Object)> {
    let conversation = match find(uid, &message.target)? {
        Some(found) => found,
        None => begin(uid, &message.target)?,
    };
    let outgoing = Outgoing {
        conversation_id: conversation.id.clone(),
        as_user: Some(uid.to_owned()),
        kind: message.kind,
        body: Value::Object(message.body).to_string(),
        mentions: message.mentions,
        reply_to: None,
        transient: false,
    };
    let delivery = Delivery {
        nonce: message.nonce.clone(),
        mention_all: message.mention_all,
        echo: Echo::Others,
    };
    let receipt = messages_send::submit(&outgoing, &delivery)?;
    let info = Object::new()
        .with("serviceType", "chat")
        .with("msgId", receipt.id)
        .with("seq", receipt.seq)
        .with("conversation", conversation.id)
        .with("nonce", message.nonce)
        .with("duplicate", receipt.duplicate)
        .with("time", receipt.created_at);
    Ok(("消息已经发送！", info))
}

/// What was said before, newest first.
pub fn history(uid: &str, target: &Target, before: Option<String>, num: u32) -> Outcome<(&'static str, Object)> {
    let page = match find(uid, target)? {
        None => None,
        Some(conversation) => {
            let page = messages::page(&PageRequest {
                conversation_id: conversation.id.clone(),
                viewer: Some(uid.to_owned()),
                place: before.map_or(Place::End, Place::BeforeId),
                limit: num,
                since: None,
                until: None,
            })?;
            Some((conversation, page))
        }
    };
    let (list, more) = page.map_or_else(Default::default, |(conversation, page)| {
        let item = |message| Value::from(down::message("chat", message, Some(&conversation), &[]));
        (page.messages.iter().map(item).collect::<Vec<_>>(), page.has_more)
    });
    let info = Object::new()
        .with("serviceType", "history")
        .with("list", list)
        .with("more", more);
    Ok(("ok", info))
}

/// The conversation of a target; none if two users have not spoken yet.
fn find(uid: &str, target: &Target) -> Outcome<Option<Conversation>> {
    let found = match target {
        Target::User(other) => return Ok(conversations::direct(uid, other)?),
        Target::Group(gid) => groups::find(gid)?,
        Target::Conversation(id) => conversations::get(id)?,
    };
    // What a user is not in does not exist for it.
    match found {
        Some(found) if conversations::seen_by(&found.id, uid)?.is_some() => Ok(Some(found)),
        _ => Err(Failure::unknown("群组")),
    }
}

fn begin(uid: &str, target: &Target) -> Outcome<Conversation> {
    let Target::User(other) = target else {
        return Err(Failure::unknown("群组"));
    };
    if users::get(other)?.is_none() {
        return Err(Failure::unknown("用户"));
    }
    let new = NewConversation {
        kind: ConversationKind::Direct,
        members: vec![other.clone()],
        name: String::new(),
        cover: String::new(),
        ext: None,
    };
    Ok(conversations_write::create(Some(uid), &new)?.conversation)
}
