//! What else a user does by frames: leaves a group, claims a share of a red packet.

use serde_json::Value;
use switchboard_plugin::host::types::ConversationKind;
use switchboard_plugin::host::{conversations, conversations_write, messages, messages_edit};

use super::chat::group_id;
use super::{Said, Up};
use crate::answer::{Done, Fault};
use crate::packet;

/// Leaves a group; the others hear of it as of a removal.
pub fn leave(up: &Up<'_>) -> Done<Said> {
    let id = group_id(up.params)?;
    conversations_write::leave(up.uid, &id)?;
    Ok(Said::default().with("result", "").with("group_id", id))
}

/// Claims a share: `amount`, `state` and `left` come back, also in `data`.
pub fn claim(up: &Up<'_>) -> Done<Said> {
    let number = up
        .params
        .whole("msg_id")?
        .ok_or_else(|| Fault::bad("msg_id is missing"))?;
    let id = number.to_string();
    let message = messages::get(&id)?.filter(|message| message.kind == packet::KIND);
    let message = message.ok_or_else(no_packet)?;
    let view = conversations::seen_by(&message.conversation_id, up.uid)?;
    if view.is_none_or(|view| view.role.is_none()) {
        return Err(no_packet());
    }
    let answer = messages_edit::act(Some(up.uid), &id, r#"{"action":"claim"}"#)?;
    let mut said = Said::default().with("data", answer.as_str()).with("msg_id", number);
    if let Ok(Value::Object(fields)) = serde_json::from_str(&answer) {
        said.more.extend(fields);
    }
    if message.conversation_kind != ConversationKind::Direct {
        said = said.with("group_id", message.conversation_id);
    }
    Ok(said)
}

fn no_packet() -> Fault {
    Fault::bad("no such red packet")
}
