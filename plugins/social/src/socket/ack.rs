//! How far a user has come: status 1 delivered, 2 read, as a mark on the message's place.

use switchboard_plugin::host::types::{ConversationKind, Message};
use switchboard_plugin::host::{conversations, conversations_write, messages};

use super::{Said, Up};
use crate::answer::{Done, Fault};

/// Ids from here up are of frames that are no stored message: to acknowledge one is right and means nothing.
const MADE_UP: u64 = 1 << 52;

/// Moves the sender's marks to a message.
pub fn ack(up: &Up<'_>) -> Done<Said> {
    let status = up
        .params
        .whole("status")?
        .ok_or_else(|| Fault::bad("status is missing"))?;
    if status > 2 {
        return Err(Fault::bad("status is 0, 1 or 2"));
    }
    let id = up
        .params
        .whole("msg_id")?
        .ok_or_else(|| Fault::bad("msg_id is missing"))?;
    if id >= MADE_UP {
        return Ok(Said::default());
    }
    let message = messages::get(&id.to_string())?.ok_or_else(no_message)?;
    let said = addressed(up, &message)?;
    // Also asks whether the sender is in it.
    let (delivered, read) = match status {
        0 => (None, None),
        1 => (Some(message.seq), None),
        _ => (Some(message.seq), Some(message.seq)),
    };
    if conversations::seen_by(&message.conversation_id, up.uid)?.is_none_or(|view| view.role.is_none()) {
        return Err(no_message());
    }
    if delivered.is_some() {
        conversations_write::set_mark(up.uid, &message.conversation_id, delivered, read)?;
    }
    Ok(said)
}

/// That the message is where the frame says it is.
fn addressed(up: &Up<'_>, message: &Message) -> Done<Said> {
    if message.conversation_kind != ConversationKind::Direct {
        let group = super::chat::group_id(up.params)?;
        return if group == message.conversation_id {
            Ok(Said::default().with("group_id", group))
        } else {
            Err(no_message())
        };
    }
    if let [other] = up.params.users("app_user_ids")?.as_slice() {
        let direct = conversations::direct(up.uid, other)?;
        if direct.is_none_or(|direct| direct.id != message.conversation_id) {
            return Err(no_message());
        }
    }
    Ok(Said::default())
}

fn no_message() -> Fault {
    Fault::bad("no such message")
}
