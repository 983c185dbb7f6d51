//! Frames down: events as the document prints them, and chat beside them.

use crate::answer;
use crate::object::Object;
use serde_json::Value;
use switchboard_plugin::host::types::{Conversation, Message};

/// A chat message, with what tells a client where to answer. `service` says what happened to it.
pub fn message(service: &str, message: &Message, conversation: Option<&Conversation>, pair: &[String]) -> Object {
    let body: Value = serde_json::from_str(&message.body).unwrap_or_default();
    let gid = conversation.and_then(|conversation| gid(&conversation.ext));
    let info = Object::new()
        .with("serviceType", service)
        .with("msgId", message.id.as_str())
        .with("seq", message.seq)
        .with("conversation", message.conversation_id.as_str())
        .with("gid", gid)
        .with("users", pair.to_vec())
        .with("uid", message.sender.uid.clone())
        .with("type", message.kind.as_str());
    info.with("data", body)
        .with("mentions", message.mentions.clone())
        .with("mentionAll", message.mention_all)
        .with("time", message.created_at)
}

/// The group's id that a conversation was registered with.
pub fn gid(ext: &str) -> Option<String> {
    let ext: Value = serde_json::from_str(ext).ok()?;
    ext.get("gid")?.as_str().map(str::to_owned)
}

/// The frame of an event that the tenant has sent: its data, as it is.
pub fn event(data: &str, now: u64) -> String {
    let data = serde_json::from_str(data).unwrap_or_default();
    answer::success("ok", data, now)
}

/// A frame of ours.
pub fn frame(info: Object, now: u64) -> String {
    answer::object("ok", info, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard_plugin::host::types::{ConversationKind, Sender};

    #[test]
    fn the_documents_event() {
        assert_eq!(
            event(r#"{"name":"LSQ"}"#, 1_595_575_840_000),
            r#"{"code":0,"status":"success","msg":"ok","info":{"name":"LSQ"},"time":1595575840}"#
        );
    }

    #[test]
    fn a_message_says_where_it_belongs() {
        let sent = Message {
            id: "7".to_owned(),
            seq: 1,
            conversation_id: "5".to_owned(),
            conversation_kind: ConversationKind::Direct,
            sender: Sender {
                uid: Some("a".to_owned()),
                role: None,
                origin: None,
                attrs: Vec::new(),
            },
            kind: "card".to_owned(),
            body: r#"{"user":"x"}"#.to_owned(),
            mentions: Vec::new(),
            mention_all: false,
            reply_to: None,
            nonce: "~".to_owned(),
            created_at: 9,
            edited_at: None,
            recalled_at: None,
            attrs: Vec::new(),
        };
        let info = message("chat", &sent, None, &["a".to_owned(), "b".to_owned()]);
        assert_eq!(
            info.to_string(),
            concat!(
                r#"{"serviceType":"chat","msgId":"7","seq":1,"conversation":"5","gid":null,"users":["a","b"],"#,
                r#""uid":"a","type":"card","data":{"user":"x"},"mentions":[],"mentionAll":false,"time":9}"#
            )
        );
        assert_eq!(gid(r#"{"gid":"A"}"#).as_deref(), Some("A"));
        assert_eq!((gid(""), gid("[]"), gid(r#"{"gid":1}"#)), (None, None, None));
    }
}
