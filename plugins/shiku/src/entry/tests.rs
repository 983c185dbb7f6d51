use super::*;
use switchboard_plugin::host::types::{ConversationKind, Sender};

const JID: &str = "6c1536dbf97540d1b906d76f4272a90d";

fn message(id: &str, sender: Option<&str>, kind: &str, body: Value, nonce: &str, at: u64) -> Message {
    Message {
        id: id.into(),
        seq: 3,
        conversation_id: "5".into(),
        conversation_kind: ConversationKind::Group,
        sender: Sender {
            uid: sender.map(str::to_owned),
            role: None,
            origin: None,
            attrs: Vec::new(),
        },
        kind: kind.into(),
        body: body.to_string(),
        mentions: Vec::new(),
        mention_all: false,
        reply_to: None,
        nonce: nonce.into(),
        created_at: at,
        edited_at: None,
        recalled_at: None,
        attrs: Vec::new(),
    }
}

fn name_of(uid: &str) -> String {
    let name = match uid {
        "100164" => "张益达",
        "100102" => "A9gz0",
        "100158" => "测试001",
        _ => "朋友001",
    };
    name.to_owned()
}

fn room() -> Place {
    Place::Room(Room {
        jid: JID.into(),
        id: "60210278cb36d459fe88c196".into(),
        name: "测试群".into(),
    })
}

fn printed(page: &str, at: usize) -> Value {
    let page: Value = serde_json::from_str(page).unwrap();
    page["data"][at].clone()
}

/// The record's own id and the server's time are ours; the text inside is compared as what it says.
fn alike(mut shown: Value, mut printed: Value) {
    for value in [&mut shown, &mut printed] {
        value["_id"] = Value::Null;
        value["ts"] = Value::Null;
        value["message"] = serde_json::from_str(value["message"].as_str().unwrap()).unwrap();
    }
    assert_eq!(shown, printed);
}

#[test]
fn a_room_s_history_is_the_printed_one() {
    let said = message(
        "9",
        Some("100164"),
        "text",
        json!({"text": "不好"}),
        "skimweb_1001641613789795464562",
        1_613_789_795_464,
    );
    let entries = shown(&said, &room(), name_of);
    alike(
        entries[0].in_room(JID, 0),
        printed(include_str!("../../printed/muc.json"), 0),
    );
}

#[test]
fn each_side_has_its_copy() {
    let page = include_str!("../../printed/msgs.json");
    let place = Place::Direct {
        viewer: "100164".into(),
        peer: "100102".into(),
    };
    let own = message(
        "9",
        Some("100164"),
        "text",
        json!({"text": "123"}),
        "skimweb_100164161404837631184",
        1_614_048_376_311,
    );
    let copy = shown(&own, &place, name_of)[0].in_copy("100164", "100102", (0, 3));
    alike(copy, printed(page, 0));
    let theirs = message(
        "8",
        Some("100102"),
        "text",
        json!({"text": "11"}),
        "skimweb_1001021613982280589440",
        1_613_982_280_589,
    );
    let copy = shown(&theirs, &place, name_of)[0].in_copy("100164", "100102", (0, 3));
    alike(copy, printed(page, 1));
}

#[test]
fn the_last_entry_is_the_printed_one() {
    let body = json!({"event": "conversation_created", "users": ["100164", "100158", "100159"], "by": "100164"});
    let made = message("7", None, "system", body, "~x", 1_612_776_057_333);
    let entries = shown(&made, &room(), name_of);
    let mut last = entries[1].last_of("100164", &room());
    let printed = printed(include_str!("../../printed/last.json"), 0);
    assert_eq!(
        (&last["_id"], &last["messageId"]),
        (&json!("000000010000000000000007"), &json!("m7-1"))
    );
    last["_id"] = printed["_id"].clone();
    last["messageId"] = printed["messageId"].clone();
    assert_eq!(last, printed);
}

#[test]
fn nobody_speaks_to_who_looks() {
    let place = Place::Direct {
        viewer: "100164".into(),
        peer: "100102".into(),
    };
    let greeting = message("7", None, "text", json!({"text": "hi"}), "~x", 5);
    let copy = shown(&greeting, &place, name_of)[0].in_copy("100164", "100102", (0, 0));
    assert_eq!(
        (&copy["direction"], &copy["sender_jid"], &copy["messageId"]),
        (&json!(1), &json!("10005/Server"), &json!("m7"))
    );
    assert_eq!(copy["receiver_jid"], "100164");
}

#[test]
fn a_card_names_a_number_and_what_is_taken_back_is_gone() {
    let card = message(
        "7",
        Some("alice"),
        "card",
        json!({"user": "bob", "nickname": "Bob"}),
        "n",
        5,
    );
    let object = &shown(&card, &room(), name_of)[0].object;
    assert_eq!(object["objectId"], number_of("bob").to_string());
    let gone = Message {
        recalled_at: Some(6),
        body: "{}".into(),
        ..card
    };
    assert!(shown(&gone, &room(), name_of).is_empty());
}
