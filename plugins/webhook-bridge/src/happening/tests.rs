use super::*;
use crate::body::{self, Envelope};
use proptest::prelude::*;
use serde_json::{Value, json};
use switchboard_plugin::hooks::observer::EventKind;
use switchboard_plugin::testing::{examples, sender};

fn message() -> types::Message {
    types::Message {
        id: "41".to_owned(),
        seq: 3,
        conversation_id: "7".to_owned(),
        conversation_kind: ConversationKind::Direct,
        sender: sender("ann"),
        kind: "text".to_owned(),
        body: r#"{"text":"hi","n":1.10}"#.to_owned(),
        mentions: vec!["ben".to_owned()],
        mention_all: false,
        reply_to: Some("40".to_owned()),
        nonce: "n-1".to_owned(),
        created_at: 1_000,
        edited_at: None,
        recalled_at: None,
        attrs: Vec::new(),
    }
}

fn conversation(ext: &str) -> types::Conversation {
    types::Conversation {
        id: "7".to_owned(),
        kind: ConversationKind::Group,
        name: "Desk".to_owned(),
        cover: String::new(),
        owner: Some("ann".to_owned()),
        creator: None,
        ext: ext.to_owned(),
        muted: false,
        members_invite: true,
        notice: None,
        member_count: 2,
        last_seq: 9,
        created_at: 500,
        updated_at: Some(900),
        attrs: Vec::new(),
    }
}

/// The body that tells of an event, as text.
fn text_of(event: Event) -> String {
    let happening = Happening::from(event);
    let envelope = Envelope {
        app: "10001",
        call: "j17",
        depth: 0,
        name: happening.name,
        at: happening.at.unwrap_or(5_000),
    };
    body::write(envelope, &happening.facts)
}

fn body_of(event: Event) -> Value {
    serde_json::from_str(&text_of(event)).unwrap()
}

#[test]
fn a_message_is_told_as_the_rest_api_shows_it() {
    let text = text_of(Event::MessageSent(message()));
    assert!(
        text.contains(r#""body":{"text":"hi","n":1.10}"#),
        "a body is passed on as it is: {text}"
    );
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        body,
        json!({
            "id": "10001.j17", "type": "message.sent", "version": 1, "app": 10001, "at": 1000, "depth": 0,
            "conversation": { "id": 7, "kind": "direct" },
            "message": {
                "id": 41, "seq": 3, "conversation": 7, "from": "ann", "kind": "text",
                "body": { "text": "hi", "n": 1.10 }, "nonce": "n-1", "mentions": ["ben"], "mention_all": false,
                "reply_to": 40, "origin": null, "created_at": 1000, "edited_at": null, "recalled_at": null
            }
        })
    );
}

#[test]
fn the_readme_shows_such_a_body() {
    let readme = include_str!("../../README.md");
    let [_, example] = examples(readme)[..] else {
        panic!("a configuration and a body")
    };
    let shown: Value = serde_json::from_str(example).unwrap();
    let message = types::Message {
        id: "4711".to_owned(),
        seq: 12,
        sender: sender("alice"),
        body: r#"{"text":"hello"}"#.to_owned(),
        mentions: Vec::new(),
        reply_to: None,
        nonce: "c-1".to_owned(),
        created_at: 1_795_318_239_000,
        ..message()
    };
    let happening = Happening::from(Event::MessageSent(message));
    let envelope = Envelope {
        app: "10001",
        call: "j88213",
        depth: 0,
        name: happening.name,
        at: happening.at.unwrap(),
    };
    let told: Value = serde_json::from_str(&body::write(envelope, &happening.facts)).unwrap();
    assert_eq!(shown, told);
}

#[test]
fn times_are_those_of_what_has_happened() {
    let edited = types::Message {
        edited_at: Some(2_000),
        ..message()
    };
    let recalled = types::Message {
        recalled_at: Some(3_000),
        ..message()
    };
    for (event, name, at) in [
        (Event::MessageEdited(edited), "message.edited", 2_000),
        (Event::MessageRecalled(recalled), "message.recalled", 3_000),
        (
            Event::ConversationCreated(conversation("{}")),
            "conversation.created",
            500,
        ),
        (
            Event::ConversationUpdated(conversation("{}")),
            "conversation.updated",
            900,
        ),
        (
            Event::ConversationDissolved(conversation("{}")),
            "conversation.dissolved",
            5_000,
        ),
    ] {
        let body = body_of(event);
        assert_eq!((&body["type"], &body["at"]), (&json!(name), &json!(at)));
    }
}

#[test]
fn reactions_and_members_say_whose_they_are() {
    let reaction = switchboard_plugin::hooks::observer::Reaction {
        message: message(),
        uid: "ben".to_owned(),
        emoji: "👍".to_owned(),
    };
    let happening = Happening::from(Event::ReactionAdded(reaction.clone()));
    assert_eq!(happening.uids, ["ben"], "of who reacts, not of who wrote");
    let body = body_of(Event::ReactionRemoved(reaction));
    assert_eq!(body["reaction"], json!({ "uid": "ben", "emoji": "👍" }));
    assert_eq!(body["message"]["id"], 41);

    let moved = Membership {
        conversation: conversation(r#"{"desk":{"by":"bot"}}"#),
        uids: vec!["cat".to_owned()],
        by: Some("ann".to_owned()),
    };
    let happening = Happening::from(Event::MembersJoined(moved.clone()));
    assert_eq!(happening.uids, ["cat", "ann"]);
    let body = body_of(Event::MembersLeft(moved));
    assert_eq!(body["members"], json!({ "uids": ["cat"], "by": "ann" }));
    assert_eq!(
        body["conversation"],
        json!({
            "id": 7, "kind": "group", "name": "Desk", "cover": "", "ext": { "desk": { "by": "bot" } }, "owner": "ann",
            "creator": null, "muted": false, "members_invite": true, "member_count": 2, "last_seq": 9,
            "created_at": 500, "updated_at": 900
        })
    );
}

#[test]
fn people_and_files_are_told_of() {
    let user = types::User {
        uid: "ann".to_owned(),
        nickname: "Ann".to_owned(),
        avatar: String::new(),
        attributes: r#"{"vip":true}"#.to_owned(),
        banned: false,
        attrs: Vec::new(),
    };
    let body = body_of(Event::UserUpdated(user));
    assert_eq!(
        body["user"],
        json!({ "uid": "ann", "nickname": "Ann", "avatar": "", "attributes": { "vip": true }, "banned": false })
    );
    assert_eq!(body["conversation"], Value::Null);
    assert_eq!(
        body_of(Event::UserOnline("ann".to_owned()))["user"],
        json!({ "uid": "ann" })
    );
    let hidden = observer::Hidden {
        uid: "ann".to_owned(),
        message_ids: vec!["41".to_owned(), "42".to_owned()],
    };
    let body = body_of(Event::MessagesHidden(hidden));
    assert_eq!(body["hidden"], json!({ "uid": "ann", "messages": [41, 42] }));
    let file = types::File {
        id: "f1".to_owned(),
        name: "a.png".to_owned(),
        mime: "image/png".to_owned(),
        size: 9,
        width: Some(3),
        height: Some(4),
        etag: "e".to_owned(),
        path: "/files/1/f1/a.png".to_owned(),
        thumb_path: None,
        thumb_width: None,
        thumb_height: None,
        owner: Some("ann".to_owned()),
        created_at: 700,
    };
    let body = body_of(Event::FileUploaded(file));
    assert_eq!(
        (&body["file"]["path"], &body["at"]),
        (&json!("/files/1/f1/a.png"), &json!(700))
    );
}

#[test]
fn members_marks_and_notices_are_told_with_their_conversation() {
    let member = types::Member {
        uid: "ben".to_owned(),
        role: types::Role::Admin,
        muted_until: None,
        joined_at: 600,
    };
    let change = MemberChange {
        conversation: conversation("{}"),
        member,
        by: Some("ann".to_owned()),
    };
    let body = body_of(Event::MemberUpdated(change));
    let expected = json!({ "uid": "ben", "role": "admin", "muted_until": null, "joined_at": 600, "by": "ann" });
    assert_eq!(
        (&body["member"], &body["conversation"]["name"]),
        (&expected, &json!("Desk"))
    );
    let marking = Marking {
        conversation: conversation("{}"),
        mark: types::Mark {
            uid: "ben".to_owned(),
            delivered_seq: 9,
            read_seq: 7,
        },
    };
    let happening = Happening::from(Event::Marked(marking.clone()));
    assert_eq!(happening.uids, ["ben"]);
    let body = body_of(Event::Marked(marking));
    assert_eq!(body["mark"], json!({ "uid": "ben", "delivered_seq": 9, "read_seq": 7 }));
    let announced = types::Conversation {
        notice: Some(types::Notice {
            id: "5".to_owned(),
            text: "Closed on Monday".to_owned(),
            by: None,
            created_at: 800,
        }),
        ..conversation("{}")
    };
    let body = body_of(Event::Announced(announced));
    let expected = json!({ "id": 5, "text": "Closed on Monday", "by": null, "created_at": 800 });
    assert_eq!((&body["notice"], &body["at"]), (&expected, &json!(800)));
    let undelivered = Undelivered {
        message: message(),
        conversation: conversation("{}"),
        uids: vec!["ben".to_owned()],
    };
    let happening = Happening::from(Event::MessageUndelivered(undelivered.clone()));
    assert_eq!(happening.uids, ["ann", "ben"]);
    let body = body_of(Event::MessageUndelivered(undelivered));
    assert_eq!(
        (&body["undelivered"], &body["message"]["id"]),
        (&json!({ "uids": ["ben"] }), &json!(41))
    );
    assert_eq!(body["conversation"]["name"], "Desk");
}

#[test]
fn the_readme_names_every_event() {
    let readme = include_str!("../../README.md");
    for event in EventKind::ALL {
        assert!(readme.contains(&format!("`{}`", event.name())), "{event:?}");
    }
}

#[test]
fn what_is_too_long_is_left_out_and_named() {
    let long = json!({ "text": "长".repeat(90_000) }).to_string();
    let body = body_of(Event::MessageSent(types::Message {
        body: long.clone(),
        ..message()
    }));
    assert_eq!(body["omitted"], json!(["message.body"]));
    assert_eq!(
        (&body["message"]["body"], &body["message"]["id"]),
        (&Value::Null, &json!(41))
    );
    let body = body_of(Event::ConversationUpdated(conversation(&long)));
    assert_eq!(
        (&body["omitted"], &body["conversation"]["ext"]),
        (&json!(["conversation.ext"]), &Value::Null)
    );
}

proptest! {
    #[test]
    fn any_body_stays_what_it_is(text in ".{0,200}", number in any::<i64>()) {
        let said = json!({ "text": text, "n": number });
        let body = body_of(Event::MessageSent(types::Message { body: said.to_string(), ..message() }));
        prop_assert_eq!(&body["message"]["body"], &said);
    }
}
