//! Each type, each way to get it wrong, and whatever chance makes of them.

use proptest::prelude::*;

use crate::gateway::native::decode::{BadFrame, Id, Wish, read};

const MAX: usize = 64 * 1024;

/// A frame of each type that is as it should be, and what its debug form tells.
const GOOD: &[(&str, &str, &str)] = &[
    ("session.login", r#"{"token":"t","device":"phone","cursor":5}"#, "Login"),
    ("session.resume", r#"{"cursor":0}"#, "Resume(Cursor(0))"),
    ("ping", "{}", "Ping"),
    ("presence.watch", r#"{"users":["ann"]}"#, r#"Watch(["ann"])"#),
    (
        "message.send",
        r#"{"conversation":1,"kind":"text","body":{"text":"x"},"nonce":"n"}"#,
        "Send",
    ),
    ("message.get", r#"{"message":9}"#, "GetMessage(MessageId(9))"),
    (
        "message.history",
        r#"{"conversation":1,"before_seq":7}"#,
        "BeforeSeq(Seq(7)), limit: 50",
    ),
    ("message.edit", r#"{"message":9,"body":{}}"#, "EditMessage"),
    ("message.recall", r#"{"message":9}"#, "RecallMessage"),
    ("message.delete", r#"{"messages":[9,10]}"#, "DeleteMessages"),
    ("message.react", r#"{"message":9,"emoji":"+"}"#, "add: true"),
    (
        "receipt.delivered",
        r#"{"conversation":1,"seq":3}"#,
        "delivered: Some(Seq(3)), read: None",
    ),
    (
        "receipt.read",
        r#"{"conversation":1,"seq":3}"#,
        "delivered: None, read: Some(Seq(3))",
    ),
    ("receipt.list", r#"{"conversation":1}"#, "ListReceipts"),
    ("typing", r#"{"conversation":1}"#, "typing: true"),
    (
        "conversation.create",
        r#"{"kind":"group","members":["bob"]}"#,
        "CreateConversation",
    ),
    ("conversation.get", r#"{"conversation":1}"#, "GetConversation"),
    (
        "conversation.list",
        "{}",
        "ListConversations { before: None, limit: 50 }",
    ),
    ("conversation.open", r#"{"conversation":1}"#, "OpenConversation"),
    (
        "conversation.update",
        r#"{"conversation":1,"muted":true}"#,
        "muted: Some(true)",
    ),
    ("conversation.dissolve", r#"{"conversation":1}"#, "DissolveConversation"),
    ("member.list", r#"{"conversation":1,"limit":1000}"#, "limit: 1000"),
    ("member.add", r#"{"conversation":1,"users":["bob"]}"#, "AddMembers"),
    (
        "member.remove",
        r#"{"conversation":1,"users":["bob"]}"#,
        "RemoveMembers",
    ),
    ("member.join", r#"{"conversation":1}"#, "Join"),
    ("member.leave", r#"{"conversation":1}"#, "Leave"),
    (
        "member.role",
        r#"{"conversation":1,"user":"bob","role":"admin"}"#,
        "role: Admin",
    ),
    (
        "member.mute",
        r#"{"conversation":1,"user":"bob","until":0}"#,
        "until: None",
    ),
    ("user.get", r#"{"user":"bob"}"#, "GetUser"),
    ("user.update", r#"{"nickname":"Bob"}"#, "UpdateUser"),
    ("block.add", r#"{"user":"bob"}"#, "Block"),
    ("block.remove", r#"{"user":"bob"}"#, "Unblock"),
    ("block.list", "{}", "ListBlocks"),
    ("friend.add", r#"{"user":"bob"}"#, "AddFriend"),
    ("friend.remove", r#"{"user":"bob"}"#, "RemoveFriend"),
    ("friend.remark", r#"{"user":"bob","remark":"B"}"#, "RemarkFriend"),
    ("friend.list", r#"{"skip":3}"#, "ListFriends { skip: 3, limit: 100 }"),
    ("presence.get", r#"{"users":["bob"]}"#, "GetPresence"),
];

fn frame(kind: &str, data: &str) -> String {
    format!("{{\"id\":7,\"type\":\"{kind}\",\"data\":{data}}}")
}

/// Code, field and id of a refusal.
fn refused(frame: &str) -> (String, Option<String>, String) {
    match read(frame, MAX) {
        Ok((id, wish)) => (format!("{wish:?}"), None, id.json().into_owned()),
        Err(BadFrame { id, refusal, .. }) => (
            refusal.code.as_str().to_owned(),
            refusal.field.map(std::borrow::Cow::into_owned),
            id.json().into_owned(),
        ),
    }
}

#[test]
fn every_type_is_read() {
    for (kind, data, told) in GOOD {
        let (id, wish) = read(&frame(kind, data), MAX).unwrap_or_else(|bad| panic!("{kind}: {:?}", bad.refusal));
        assert_eq!(id, Id::Number(7));
        assert!(format!("{wish:?}").contains(told), "{kind}: {wish:?}");
    }
}

#[test]
fn every_missing_field_is_named() {
    for (kind, data, field) in [
        ("session.login", "{}", "token"),
        ("session.resume", "{}", "cursor"),
        ("presence.watch", "{}", "users"),
        ("message.send", r#"{"kind":"text","body":{}}"#, "conversation"),
        ("message.send", r#"{"conversation":1,"body":{}}"#, "kind"),
        ("message.send", r#"{"conversation":1,"kind":"text"}"#, "body"),
        ("message.get", "{}", "message"),
        ("message.history", "{}", "conversation"),
        ("message.edit", r#"{"message":1}"#, "body"),
        ("message.delete", "{}", "messages"),
        ("message.react", r#"{"message":1}"#, "emoji"),
        ("receipt.read", r#"{"conversation":1}"#, "seq"),
        ("conversation.create", "{}", "kind"),
        ("conversation.update", "{}", "conversation"),
        ("member.add", r#"{"conversation":1}"#, "users"),
        ("member.role", r#"{"conversation":1,"user":"a"}"#, "role"),
        ("member.mute", r#"{"conversation":1,"user":"a"}"#, "until"),
        ("user.get", "{}", "user"),
        ("block.add", "{}", "user"),
        ("friend.add", "{}", "user"),
        ("friend.remark", r#"{"user":"bob"}"#, "remark"),
    ] {
        let expected = ("missing_field".to_owned(), Some(field.to_owned()), "7".to_owned());
        assert_eq!(refused(&frame(kind, data)), expected, "{kind} {data}");
    }
}

#[test]
fn a_bad_frame_says_what_is_bad_about_it() {
    let long = format!("\"{}\"", "x".repeat(65));
    for (frame, code, field, id) in [
        ("", "bad_json", None, "null"),
        ("{\"id\":7", "bad_json", None, "null"),
        ("[1]", "bad_frame", None, "null"),
        ("\"ping\"", "bad_frame", None, "null"),
        (r#"{"id":7}"#, "bad_frame", Some("type"), "7"),
        (r#"{"id":7,"type":5}"#, "bad_frame", Some("type"), "7"),
        (r#"{"id":7,"type":"nonsense"}"#, "unknown_type", None, "7"),
        (r#"{"id":7,"type":"message.nonsense"}"#, "unknown_type", None, "7"),
        (r#"{"id":7,"type":"member.nonsense"}"#, "unknown_type", None, "7"),
        (r#"{"id":7,"type":"typing.nonsense"}"#, "unknown_type", None, "7"),
        (
            r#"{"id":7,"type":"message.get","data":[1]}"#,
            "bad_field",
            Some("data"),
            "7",
        ),
        (
            r#"{"id":7,"type":"message.get","data":{"message":"1"}}"#,
            "bad_field",
            Some("message"),
            "7",
        ),
        (
            r#"{"id":7,"type":"message.get","data":{"message":9007199254740992}}"#,
            "bad_field",
            Some("message"),
            "7",
        ),
        (r#"{"id":{},"type":"ping"}"#, "bad_field", Some("id"), "null"),
        (r#"{"id":true,"type":"ping"}"#, "bad_field", Some("id"), "null"),
        (
            &format!("{{\"id\":{long},\"type\":\"ping\"}}"),
            "bad_field",
            Some("id"),
            "null",
        ),
        (r#"{"id":"a\"b","type":"ping","more":1}"#, "Ping", None, r#""a\"b""#),
        (r#"{"id":-1.5,"type":"ping"}"#, "Ping", None, "-1.5"),
        (r#"{"type":"ping"}"#, "Ping", None, "null"),
        (r#"{"id":null,"type":"ping","data":null}"#, "Ping", None, "null"),
    ] {
        assert_eq!(
            refused(frame),
            (code.into(), field.map(Into::into), id.into()),
            "{frame}"
        );
    }
}

#[test]
fn a_frame_over_the_limit_is_told_with_its_id() {
    let large = frame("message.send", &format!("{{\"kind\":\"{}\"}}", "x".repeat(MAX)));
    let expected = ("too_large".to_owned(), Some("frame_bytes".to_owned()), "7".to_owned());
    assert_eq!(refused(&large), expected);
}

#[test]
fn a_body_is_carried_as_it_was_written() {
    let text = frame(
        "message.send",
        r#"{"conversation":1,"kind":"x","body":{ "a":[1.0,"\u00e9"] }}"#,
    );
    let Ok((_, Wish::Send(message))) = read(&text, MAX) else {
        panic!("{text}")
    };
    assert_eq!(message.body.as_str(), r#"{ "a":[1.0,"\u00e9"] }"#);
}

proptest! {
    /// Whatever is done to a frame: it is a wish or a refusal, and its answer is JSON.
    #[test]
    fn no_mutation_is_too_much(
        which in 0..GOOD.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 0..6),
    ) {
        let (kind, data, _) = GOOD[which];
        let mut bytes = frame(kind, data).into_bytes();
        for (at, byte, how) in changes {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => {}
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        let answer = match read(&text, MAX) {
            Ok((id, _)) => crate::gateway::native::encode::reply(&id, &()),
            Err(bad) => crate::gateway::native::encode::error(&bad.id, &bad.refusal),
        };
        let answer = answer.unwrap();
        prop_assert!(serde_json::from_str::<serde_json::Value>(&answer).is_ok(), "{}", answer.as_str());
    }
}
