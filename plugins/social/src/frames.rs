//! Frames down: their envelope, and what stands in `data`, which is JSON as a text.

use serde::Serialize;
use serde_json::{Map, Value, json};
use switchboard_plugin::host::types::{ConversationKind, Message};
use switchboard_plugin::number_of;

use crate::answer::{Fault, NOT_LOGGED_IN, OK};
use crate::content::{Content, show};

/// A user as others see one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Card {
    /// The uid, which is the protocol's `app_user_id`.
    pub uid: String,
    /// May be empty.
    pub nickname: String,
    /// The address of a picture; may be empty.
    pub head: String,
}

impl Card {
    /// Both ids, nickname and picture.
    #[must_use]
    pub fn full(&self) -> Value {
        json!({ "app_user_id": self.uid, "user_id": number_of(&self.uid), "nickname": self.nickname, "head": self.head })
    }

    /// Id and nickname, as the document prints an inviter.
    #[must_use]
    pub fn short(&self) -> Value {
        json!({ "nickname": self.nickname, "app_user_id": self.uid })
    }

    /// Id, nickname and picture, as the document prints who joins.
    #[must_use]
    pub fn pictured(&self) -> Value {
        json!({ "nickname": self.nickname, "app_user_id": self.uid, "head": self.head })
    }
}

/// What makes a frame one of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The message's, or one made up.
    pub nonce: String,
    /// In milliseconds.
    pub time: u64,
    /// The message's id, or a number above all of them.
    pub msg_id: u64,
}

impl Stamp {
    /// Of a stored message.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        let made = message.nonce.is_empty() || message.nonce.starts_with('~');
        Self {
            nonce: if made {
                nonce(message.created_at, &message.id)
            } else {
                message.nonce.clone()
            },
            time: message.created_at,
            msg_id: id_number(&message.id),
        }
    }

    /// Of something that is no stored message; the same `seed` and time give the same stamp.
    #[must_use]
    pub fn made(time: u64, seed: &str) -> Self {
        Self {
            nonce: nonce(time, seed),
            time,
            // From 2^52 up, where no message is.
            msg_id: number_of(&format!("{time}/{seed}")),
        }
    }
}

/// A nonce as the document prints them: milliseconds and six letters or digits.
fn nonce(time: u64, seed: &str) -> String {
    const SIGNS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut number = number_of(&format!("~{seed}"));
    let mut text = time.to_string();
    for _ in 0..6 {
        let at = usize::try_from(number % 62).unwrap_or_default();
        text.push(char::from(SIGNS[at]));
        number /= 62;
    }
    text
}

/// An id of a message or a conversation as a number. They are decimal and below 2^52.
#[must_use]
pub fn id_number(id: &str) -> u64 {
    id.parse().unwrap_or_else(|_| number_of(id))
}

/// The envelope of a frame, in the document's order.
#[derive(Serialize)]
struct Envelope<'a> {
    code: u16,
    msg: &'a str,
    data: String,
    action: &'a str,
    nonce: &'a str,
    time: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<u64>,
    msg_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_id: Option<&'a str>,
}

fn write(envelope: &Envelope<'_>) -> String {
    serde_json::to_string(envelope).unwrap_or_default()
}

/// A frame of a system message in a group, or without one of a user.
#[must_use]
pub fn system(data: &Value, stamp: &Stamp, user: Option<&str>, group: Option<&str>) -> String {
    write(&Envelope {
        code: OK,
        msg: "OK",
        data: data.to_string(),
        action: "systemMessage",
        nonce: &stamp.nonce,
        time: stamp.time,
        user_id: user.map(number_of),
        msg_id: stamp.msg_id,
        group_id: group,
    })
}

/// A frame of a message for those who receive it. `pair` are the two of a direct conversation.
#[must_use]
pub fn message(message: &Message, sender: &Card, pair: &[String], action: Option<&str>) -> String {
    let Content { number, content, extra } = show(&message.kind, &message.body);
    let mut data = json!({
        "app_user_id": sender.uid, "content": content, "type": number, "extra": extra,
        "nickname": sender.nickname, "head": sender.head,
    });
    let direct = message.conversation_kind == ConversationKind::Direct;
    if direct {
        let to = pair.iter().find(|uid| **uid != sender.uid);
        data["to_app_user_id"] = to.cloned().unwrap_or_default().into();
    } else {
        data["group_id"] = message.conversation_id.clone().into();
    }
    let stamp = Stamp::of(message);
    write(&Envelope {
        code: OK,
        msg: "OK",
        data: data.to_string(),
        action: action.unwrap_or(if direct { "chat" } else { "groupChat" }),
        nonce: &stamp.nonce,
        time: stamp.time,
        user_id: message.sender.uid.as_deref().map(number_of),
        msg_id: stamp.msg_id,
        group_id: (!direct).then_some(&message.conversation_id),
    })
}

/// A frame that says how far someone has come: the same as is sent up.
#[must_use]
pub fn ack(message: &Message, reader: &str, pair: &[String], status: u64, time: u64) -> String {
    let group = (message.conversation_kind != ConversationKind::Direct).then_some(message.conversation_id.as_str());
    let mut data = json!({
        "content": "", "extra": {}, "status": status, "type": show(&message.kind, &message.body).number,
        "msg_id": id_number(&message.id), "app_user_id": reader,
    });
    match group {
        Some(group) => data["group_id"] = group.into(),
        None => {
            let other = pair.iter().find(|uid| *uid != reader);
            data["app_user_ids"] = other.cloned().unwrap_or_default().into();
        }
    }
    let mut frame = data.clone();
    frame["code"] = OK.into();
    frame["msg"] = "OK".into();
    frame["data"] = data.to_string().into();
    frame["action"] = "ack".into();
    frame["nonce"] = Stamp::of(message).nonce.into();
    frame["time"] = time.into();
    frame["user_id"] = number_of(reader).into();
    frame.to_string()
}

/// What a client has sent, sent back with a code.
#[must_use]
pub fn echo(mut frame: Map<String, Value>, fault: Option<&Fault>, time: u64, more: Map<String, Value>) -> String {
    for (name, absent) in [("action", ""), ("nonce", "")] {
        frame.entry(name).or_insert_with(|| absent.into());
    }
    frame.insert("data".to_owned(), "".into());
    frame.extend(more);
    frame.insert("code".to_owned(), fault.map_or(OK, |fault| fault.code).into());
    let words = fault.map_or("OK", |fault| fault.text.as_str());
    frame.insert("msg".to_owned(), words.into());
    frame.insert("time".to_owned(), time.into());
    Value::Object(frame).to_string()
}

/// The last frame of a connection.
#[must_use]
pub fn farewell(code: u16, words: &str) -> String {
    let code = if code == OK { NOT_LOGGED_IN } else { code };
    json!({ "code": code, "msg": words, "data": "", "action": "close", "nonce": "" }).to_string()
}

#[cfg(test)]
mod tests {
    use switchboard_plugin::host::types::Sender;

    use super::*;

    fn sent(kind: ConversationKind, nonce: &str) -> Message {
        Message {
            id: "452".into(),
            seq: 3,
            conversation_id: "3".into(),
            conversation_kind: kind,
            sender: Sender {
                uid: Some("8".into()),
                role: None,
                origin: None,
                attrs: Vec::new(),
            },
            kind: "text".into(),
            body: r#"{"text":"你好","attr":{"own":1}}"#.into(),
            mentions: Vec::new(),
            mention_all: false,
            reply_to: None,
            nonce: nonce.into(),
            created_at: 1_595_489_198_904,
            edited_at: None,
            recalled_at: None,
            attrs: Vec::new(),
        }
    }

    fn card() -> Card {
        Card {
            uid: "8".into(),
            nickname: "小白".into(),
            head: "http://h".into(),
        }
    }

    fn parsed(frame: &str) -> (Value, Value) {
        let frame: Value = serde_json::from_str(frame).unwrap();
        let data = serde_json::from_str(frame["data"].as_str().unwrap()).unwrap();
        (frame, data)
    }

    #[test]
    fn a_receiver_is_told_who_says_what() {
        let pair = ["8".to_owned(), "bob".to_owned()];
        let (frame, data) = parsed(&message(&sent(ConversationKind::Direct, "n1"), &card(), &pair, None));
        assert_eq!(
            data,
            json!({ "app_user_id": "8", "to_app_user_id": "bob", "content": "你好", "type": 1, "extra": { "own": 1 },
                "nickname": "小白", "head": "http://h" })
        );
        assert_eq!(
            (&frame["action"], &frame["nonce"], &frame["user_id"]),
            (&json!("chat"), &json!("n1"), &json!(8))
        );
        assert_eq!((&frame["msg_id"], &frame["group_id"]), (&json!(452), &Value::Null));
        let (frame, data) = parsed(&message(&sent(ConversationKind::Group, "~x"), &card(), &[], None));
        assert_eq!(
            (&frame["action"], &frame["group_id"], &data["group_id"]),
            (&json!("groupChat"), &json!("3"), &json!("3"))
        );
        let nonce = frame["nonce"].as_str().unwrap();
        assert!(nonce.starts_with("1595489198904") && nonce.len() == 19, "{nonce}");
    }

    #[test]
    fn an_envelope_has_the_documents_order() {
        let frame = system(&json!({ "type": 16 }), &Stamp::made(5, "x"), None, Some("3"));
        assert!(
            frame.starts_with(r#"{"code":200,"msg":"OK","data":"{\"type\":16}","action":"systemMessage","nonce":"5"#),
            "{frame}"
        );
        assert!(
            frame.ends_with(r#","group_id":"3"}"#) && !frame.contains("user_id"),
            "{frame}"
        );
    }

    #[test]
    fn made_stamps_repeat_and_differ() {
        assert_eq!(Stamp::made(5, "a"), Stamp::made(5, "a"));
        assert_ne!(Stamp::made(5, "a").msg_id, Stamp::made(5, "b").msg_id);
        assert_ne!(Stamp::made(5, "a").msg_id, Stamp::made(6, "a").msg_id);
        assert!(Stamp::made(5, "a").msg_id >= 1 << 52);
    }

    #[test]
    fn an_echo_is_the_frame_with_a_code() {
        let up = json!({ "action": "chat", "nonce": 7, "extra": { "a": [1] }, "own": null, "code": 1, "msg": [] });
        let more = Map::from_iter([("msg_id".to_owned(), 9.into())]);
        let back: Value = serde_json::from_str(&echo(up.as_object().unwrap().clone(), None, 5, more)).unwrap();
        assert_eq!(
            back,
            json!({ "action": "chat", "nonce": 7, "extra": { "a": [1] }, "own": null, "code": 200, "msg": "OK", "data": "",
                "msg_id": 9, "time": 5 })
        );
        let fault = Fault::bad("no");
        let back: Value = serde_json::from_str(&echo(Map::new(), Some(&fault), 5, Map::new())).unwrap();
        assert_eq!(
            back,
            json!({ "action": "", "nonce": "", "code": 400, "msg": "no", "data": "", "time": 5 })
        );
    }

    #[test]
    fn an_ack_down_is_an_ack_up() {
        let pair = ["8".to_owned(), "bob".to_owned()];
        let (frame, data) = parsed(&ack(&sent(ConversationKind::Direct, "n1"), "bob", &pair, 2, 7));
        assert_eq!(
            (&frame["app_user_ids"], &frame["status"], &frame["nonce"]),
            (&json!("8"), &json!(2), &json!("n1"))
        );
        assert_eq!(
            (&data["app_user_id"], &frame["msg_id"], &frame["type"]),
            (&json!("bob"), &json!(452), &json!(1))
        );
        let (frame, _) = parsed(&ack(&sent(ConversationKind::Group, "n1"), "bob", &[], 1, 7));
        assert_eq!(
            (&frame["group_id"], &frame["app_user_ids"]),
            (&json!("3"), &Value::Null)
        );
    }
}
