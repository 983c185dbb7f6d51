//! Events as frames. A client is told that there is something new, and fetches it.

use serde::Serialize;
use serde_json::Value;
use switchboard_plugin::hooks::dialect::{Encoded, Event, Occurrence, Pushed};
use switchboard_plugin::host::types::{Context, Conversation, ConversationKind, Message};

use crate::answer::{frame, signal, sys_message, toast};
use crate::call;
use crate::fault::Fault;
use crate::people::uid;
use crate::recorded::text_of;
use crate::sessions::Named;

/// The id of a message that is not stored.
const NOT_STORED: &str = "0";

#[derive(Serialize)]
struct News {
    session: Named,
    from_uid: Value,
}

/// Something new in a session, from a user or (0) from the app itself.
pub fn new_message(session: Named, from_uid: Value) -> String {
    frame("new_message", &News { session, from_uid })
}

/// A uid as a notice names it.
pub fn from_uid(from: Option<&str>) -> Value {
    from.map_or(Value::from(0), uid)
}

/// The frames that tell of an event.
pub fn frames(ctx: &Context, occurrence: &Occurrence) -> Vec<Encoded> {
    match &occurrence.event {
        Event::MessageSent(message) => said(ctx, message),
        Event::ConversationCreated(room) => changed(room, room.creator.as_deref()),
        Event::MembersJoined(joined) => {
            let first = joined.uids.first();
            changed(&joined.conversation, joined.by.as_deref().or(first.map(String::as_str)))
        }
        Event::Pushed(pushed) => by_plugin(pushed).map(Encoded::all).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn said(ctx: &Context, message: &Message) -> Vec<Encoded> {
    let from = message.sender.uid.as_deref();
    let automatic = message
        .sender
        .origin
        .as_ref()
        .is_some_and(|origin| *origin != ctx.plugin);
    if message.id == NOT_STORED {
        // Nobody could fetch it. What users signal to each other means nothing here.
        let shown = automatic || from.is_none();
        return if shown {
            vec![Encoded::all(sys_message(&text_of(message)))]
        } else {
            Vec::new()
        };
    }
    let session = Named::of(&message.conversation_id, message.conversation_kind);
    vec![Encoded::all(new_message(session, from_uid(from)))]
}

/// A room that is new or has new members; where changes are stored as messages, those tell of it.
fn changed(room: &Conversation, by: Option<&str>) -> Vec<Encoded> {
    if room.kind == ConversationKind::Direct || call::app().system_messages {
        return Vec::new();
    }
    vec![Encoded::all(new_message(Named::of(&room.id, room.kind), from_uid(by)))]
}

/// What the tenant's other plugins may make a client do.
fn by_plugin(pushed: &Pushed) -> Option<String> {
    let data: Value = serde_json::from_str(&pushed.data).unwrap_or_default();
    let text = data["text"].as_str();
    match pushed.name.rsplit('.').next().unwrap_or_default() {
        "close_page" => Some(signal("close_page")),
        "sys_message" => Some(sys_message(text?)),
        "show_toast" => Some(toast(&Fault::new(text?))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard_plugin::testing::{context, sender};

    fn message(id: &str, from: Option<&str>, origin: Option<&str>) -> Message {
        let mut sender = sender(from.unwrap_or_default());
        sender.uid = from.map(str::to_owned);
        sender.origin = origin.map(str::to_owned);
        Message {
            id: id.to_owned(),
            seq: 1,
            conversation_id: "1".to_owned(),
            conversation_kind: ConversationKind::Direct,
            sender,
            kind: "text".to_owned(),
            body: r#"{"text":"hi"}"#.to_owned(),
            mentions: Vec::new(),
            mention_all: false,
            reply_to: None,
            nonce: "~".to_owned(),
            created_at: 0,
            edited_at: None,
            recalled_at: None,
            attrs: Vec::new(),
        }
    }

    fn told(message: Message) -> Vec<String> {
        let occurrence = Occurrence {
            event: Event::MessageSent(message),
            at: 0,
            conversation: None,
            pair: Vec::new(),
        };
        let frames = frames(&context(), &occurrence);
        frames.into_iter().map(|encoded| encoded.frame).collect()
    }

    #[test]
    fn the_documents_notice() {
        assert_eq!(
            told(message("7", Some("1"), None)),
            [r#"{"do_action":"new_message","session":{"id":1,"is_room":0},"from_uid":1}"#]
        );
        assert_eq!(
            told(message("7", None, None)),
            [r#"{"do_action":"new_message","session":{"id":1,"is_room":0},"from_uid":0}"#]
        );
    }

    #[test]
    fn what_is_not_stored_is_told_at_once_or_not_at_all() {
        assert_eq!(told(message("0", Some("1"), None)), Vec::<String>::new());
        let text = r#"{"do_action":"sys_message","text":"hi"}"#;
        assert_eq!(told(message("0", Some("1"), Some("bot"))), [text]);
        assert_eq!(told(message("0", None, None)), [text]);
    }

    #[test]
    fn plugins_push_what_the_protocol_knows() {
        let push = |name: &str, data: &str| {
            by_plugin(&Pushed {
                plugin: "desk".to_owned(),
                name: name.to_owned(),
                data: data.to_owned(),
            })
        };
        assert_eq!(push("close_page", "{}").unwrap(), r#"{"do_action":"close_page"}"#);
        assert_eq!(
            push("desk.show_toast", r#"{"text":"x"}"#).unwrap(),
            r#"{"do_action":"show_toast","text":"x"}"#
        );
        assert_eq!(push("sys_message", "[]"), None);
        assert_eq!(push("other", r#"{"text":"x"}"#), None);
    }
}
