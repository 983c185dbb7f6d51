//! Deleting messages: for oneself, or for everyone by taking them back. All are found before any is touched.

use switchboard_plugin::host::conversations;
use switchboard_plugin::host::messages_edit;
use switchboard_plugin::host::types::{ConversationKind, Message};

use crate::envelope::{Failure, Outcome};
use crate::history::{self, Window};
use crate::params::{Params, wrong};
use crate::people;
use crate::rooms::{self, KINDS};

/// Messages in one request.
const MOST: usize = 100;
/// How far back is looked for something that a user has said, once the room's newest messages are deleted.
const LOOKED: u32 = 500;

/// `/tigase/deleteMsg`
pub fn delete(uid: &str, params: &Params) -> Outcome {
    let kinds: &[ConversationKind] = match params.need("type")? {
        "1" => &[ConversationKind::Direct],
        "2" => &KINDS,
        _ => return Err(wrong("type")),
    };
    let for_all = match params.need("delete")? {
        "1" => false,
        "2" => true,
        _ => return Err(wrong("delete")),
    };
    let messages = asked(uid, params, kinds)?;
    if for_all {
        for message in messages.iter().filter(|message| message.recalled_at.is_none()) {
            messages_edit::recall(Some(uid), &message.id)?;
        }
        return Ok(None);
    }
    let ids: Vec<String> = messages.iter().map(|message| message.id.clone()).collect();
    messages_edit::hide(uid, &ids)?;
    let mut rooms: Vec<&str> = messages
        .iter()
        .filter(|message| message.conversation_kind != ConversationKind::Direct)
        .map(|message| message.conversation_id.as_str())
        .collect();
    rooms.dedup();
    for room in rooms {
        clear_if_silent(uid, room)?;
    }
    Ok(None)
}

/// The messages that a request names.
fn asked(uid: &str, params: &Params, kinds: &[ConversationKind]) -> Result<Vec<Message>, Failure> {
    let names: Vec<&str> = params.need("messageId")?.split([',', '，']).map(str::trim).collect();
    let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    if names.is_empty() || names.len() > MOST {
        return Err(wrong("messageId"));
    }
    let mut likely = likely(uid, params, kinds)?;
    let room = (kinds.len() > 1).then(|| likely.first().cloned()).flatten();
    let mut messages: Vec<Message> = Vec::with_capacity(names.len());
    for name in names {
        let found = match &room {
            Some(room) => history::named(room, name)?,
            None => history::named_anywhere(uid, name, kinds, &likely)?,
        };
        let message = found.ok_or_else(|| Failure::unknown(&format!("消息 {name} ")))?;
        if !likely.contains(&message.conversation_id) {
            likely.insert(0, message.conversation_id.clone());
        }
        if messages.iter().all(|known| known.id != message.id) {
            messages.push(message);
        }
    }
    Ok(messages)
}

/// Where the request says they are: the room, or the chat with the sender.
fn likely(uid: &str, params: &Params, kinds: &[ConversationKind]) -> Result<Vec<String>, Failure> {
    if kinds.len() > 1 {
        return match params.get("roomJid") {
            Some(jid) => Ok(vec![rooms::find(uid, jid)?.conversation.id]),
            None => Ok(Vec::new()),
        };
    }
    let Some(sender) = params.get("companyMpId") else {
        return Ok(Vec::new());
    };
    let Some(peer) = people::uid_of(sender, || Ok(Vec::new()))?.filter(|peer| peer != uid) else {
        return Ok(Vec::new());
    };
    Ok(conversations::direct(uid, &peer)?
        .map(|direct| direct.id)
        .into_iter()
        .collect())
}

/// Once all that people have said in a room is deleted, what the system has said is not shown either, and the room is
/// gone from the list of chats until somebody speaks.
fn clear_if_silent(uid: &str, room: &str) -> Result<(), Failure> {
    let left = history::window(&Window {
        conversation: room,
        viewer: uid,
        since: None,
        until: None,
        skip: 0,
        take: LOOKED,
    })?;
    let silent = left.iter().all(|message| message.kind == "system");
    if silent && left.len() < LOOKED as usize && !left.is_empty() {
        messages_edit::clear(uid, room)?;
    }
    Ok(())
}
