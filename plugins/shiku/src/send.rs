//! Sending what a user says, and the message as it is stored.

use serde_json::Value;
use switchboard_plugin::host::conversations::{self};
use switchboard_plugin::host::conversations_write::{self, NewConversation};
use switchboard_plugin::host::messages;
use switchboard_plugin::host::messages_send::{Delivery, Echo, Outgoing, submit};
use switchboard_plugin::host::types::{ConversationKind, Message, Sender};

use crate::envelope::Failure;
use crate::ids;
use crate::object::Said;
use crate::other::TYPES;
use crate::params::wrong;
use crate::people;

/// The direct conversation of two users, made if there is none.
pub fn direct(uid: &str, peer: &str) -> Result<String, Failure> {
    if let Some(conversation) = conversations::direct(uid, peer)? {
        return Ok(conversation.id);
    }
    let new = NewConversation {
        kind: ConversationKind::Direct,
        members: vec![peer.to_owned()],
        name: String::new(),
        cover: String::new(),
        ext: None,
    };
    Ok(conversations_write::create(Some(uid), &new)?.conversation.id)
}

/// Where to and under which name.
pub struct Address<'a> {
    /// Who speaks.
    pub uid: &'a str,
    /// Where.
    pub conversation: &'a str,
    /// What the conversation is.
    pub kind: ConversationKind,
    /// The sender's own id for the message.
    pub nonce: Option<&'a str>,
}

/// Sends it; answers the message as it is stored.
pub fn send(said: Said, to: &Address<'_>, echo: Echo) -> Result<Message, Failure> {
    if !(0..TYPES).contains(&said.kind) {
        return Err(wrong("type"));
    }
    if to.nonce.is_some_and(|nonce| !ids::is_nonce(nonce)) {
        return Err(wrong("messageId"));
    }
    let (kind, mut body) = said.body();
    if kind == "card" {
        name_the_user(&mut body)?;
    }
    let outgoing = Outgoing::new(to.conversation, kind, body.to_string()).as_user(to.uid);
    let delivery = Delivery {
        nonce: to.nonce.map(str::to_owned),
        mention_all: false,
        echo,
    };
    let receipt = submit(&outgoing, &delivery)?;
    if receipt.duplicate
        && let Some(first) = messages::get(&receipt.id)?
    {
        return Ok(first);
    }
    Ok(Message {
        id: receipt.id,
        seq: receipt.seq,
        conversation_id: to.conversation.to_owned(),
        conversation_kind: to.kind,
        sender: Sender {
            uid: Some(to.uid.to_owned()),
            role: None,
            origin: None,
            attrs: Vec::new(),
        },
        kind: outgoing.kind,
        body: receipt.body.unwrap_or(outgoing.body),
        mentions: Vec::new(),
        mention_all: false,
        reply_to: None,
        nonce: to.nonce.unwrap_or("~").to_owned(),
        created_at: receipt.created_at,
        edited_at: None,
        recalled_at: None,
        attrs: Vec::new(),
    })
}

/// A card names its user by number; others know it by uid.
fn name_the_user(body: &mut Value) -> Result<(), Failure> {
    if let Some(number) = body["user"].as_str()
        && let Some(uid) = people::uid_of(number, || Ok(Vec::new()))?
    {
        body["user"] = uid.into();
    }
    Ok(())
}
