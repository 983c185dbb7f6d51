//! What is said to a user who opens a conversation. Another plugin says it, as a stored message of the peer; here it
//! becomes a `sys_message` for who has opened, once, and for everyone else an ordinary message.
//!
//! A note in the store ties the two: an opening by a socket leaves it, the first message a plugin sends into that
//! conversation as the peer claims it, for whoever comes first, the opening's own call or the event's. What was told in this way is left out of the opener's lists of new messages, or it
//! would be shown twice; a history has it where it belongs.

use serde::{Deserialize, Serialize};
use switchboard_plugin::host::types::{Message, View};
use switchboard_plugin::host::{conversations_write, kv, messages};
use switchboard_plugin::{kv as store, warn};

use crate::call::{Call, Way};

/// How long after an opening a greeting may come.
const OPENING_SECONDS: u32 = 30;
/// How long it is known that a greeting was told.
const TOLD_SECONDS: u32 = 86_400;

/// An opening.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    /// The message that was told to the opener, once there is one.
    greeting: Option<String>,
}

fn key(conversation: &str, opener: &str) -> String {
    format!("opening/{conversation}/{opener}")
}

/// Opens a conversation: the plugins that greet are called, and have spoken when this returns.
pub fn open(call: &Call<'_>, view: &View) {
    let id = &view.conversation.id;
    let told = call.way == Way::Socket && view.peer.is_some();
    if told {
        let note = Note { greeting: None };
        if let Err(error) = store::set_json(&key(id, &call.uid), &note, Some(OPENING_SECONDS)) {
            warn!("a greeting would be an ordinary message: {}", String::from(error));
        }
    }
    match conversations_write::open(&call.uid, id) {
        Ok(()) if told => read(call, view),
        Ok(()) => {}
        Err(error) => warn!("the conversation was not opened: {}", String::from(error)),
    }
}

/// Who was told a greeting has read it, unless there is something before it that was not on the page.
fn read(call: &Call<'_>, view: &View) {
    let id = &view.conversation.id;
    let next = view.conversation.last_seq + 1;
    let Ok(newest) = messages::history(id, Some(next + 1), 1) else {
        return;
    };
    let Some(greeting) = newest.first().filter(|message| message.seq == next) else {
        return;
    };
    let speaks = greeting.sender.origin.is_some() && greeting.sender.uid == view.peer;
    if speaks
        && is_told(greeting, &call.uid)
        && let Err(error) = conversations_write::set_mark(&call.uid, id, Some(next), Some(next))
    {
        warn!("the read mark was not moved: {}", String::from(error));
    }
}

/// Whether a message that a plugin sends as one of two greets the other one. Answers the same however often it is asked,
/// on every node.
pub fn is_told(message: &Message, opener: &str) -> bool {
    let key = key(&message.conversation_id, opener);
    let Some((note, version)) = note(&key) else {
        return false;
    };
    if let Some(greeting) = note.greeting {
        return greeting == message.id;
    }
    let claim = Note {
        greeting: Some(message.id.clone()),
    };
    let value = serde_json::to_vec(&claim).unwrap_or_default();
    match kv::compare_and_set(&key, version, &value, Some(TOLD_SECONDS)) {
        Ok(true) => true,
        _ => self::note(&key).is_some_and(|(note, _)| note.greeting.as_deref() == Some(&message.id)),
    }
}

/// Whether this message was told to the user of the call as a greeting.
pub fn was_told(call: &Call<'_>, view: &View, message: &Message) -> bool {
    let greets = message.sender.origin.is_some() && view.peer.is_some() && message.sender.uid == view.peer;
    greets
        && note(&key(&view.conversation.id, &call.uid))
            .is_some_and(|(note, _)| note.greeting.as_deref() == Some(&message.id))
}

fn note(key: &str) -> Option<(Note, u64)> {
    let entry = kv::get(key).ok().flatten()?;
    let note = serde_json::from_slice(&entry.value).ok()?;
    Some((note, entry.version))
}
