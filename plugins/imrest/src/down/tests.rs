use super::*;
use crate::ids::tests::Press;
use crate::up::Up;
use switchboard_plugin::host::types::{ConversationKind, Sender};

const CONV: &str = "0e7ae8d24e2658e7fb4ecdfbb409249d";

fn message(kind: &str, body: Value) -> Message {
    Message {
        id: "17".to_owned(),
        seq: 1,
        conversation_id: "5".to_owned(),
        conversation_kind: ConversationKind::Direct,
        sender: Sender {
            uid: Some("2".to_owned()),
            role: None,
            origin: None,
            attrs: Vec::new(),
        },
        kind: kind.to_owned(),
        body: body.to_string(),
        mentions: Vec::new(),
        mention_all: false,
        reply_to: None,
        nonce: "~1".to_owned(),
        created_at: 1_608_126_111_618,
        edited_at: None,
        recalled_at: None,
        attrs: Vec::new(),
    }
}

fn data(message: &Message) -> Value {
    let frame: Value = serde_json::from_str(&new(&Press, message).unwrap()).unwrap();
    assert_eq!(frame["type"], "msg.new");
    frame["data"].clone()
}

#[test]
fn the_documents_frame() {
    let message = message("text", json!({ "text": "HELLO !", "imrest": { "numeric": true } }));
    let seal = |thing, id| ids::seal(&Press, thing, id).unwrap();
    let (conv, msg) = (seal(Thing::Conversation, "5"), seal(Thing::Message, "17"));
    let expected = [
        &format!(r#"{{"type":"msg.new","data":{{"from_client":2,"conv_id":"{conv}","msg_id":"{msg}","#),
        r#""ctime":1608126111618,"type":-1,"text":"HELLO !","attr":"null","url":"null","transient":"0","#,
        r#""mention_all":0,"mention_client_ids":"null"}}"#,
    ]
    .concat();
    assert_eq!(new(&Press, &message).unwrap(), expected);
}

#[test]
fn the_documents_item() {
    let text = crate::answer::json(&item(&Press, CONV, &message("text", json!({ "text": "1" }))).unwrap());
    let msg = ids::seal(&Press, Thing::Message, "17").unwrap();
    let expected = [
        &format!(r#"{{"msg_id":"{msg}","conv_id":"{CONV}","type":-1,"#),
        r#""text":"1","attr":null,"url":"null","ctime":1608126111618,"msg_status":1,"no_sync":0,"mention_all":0,"#,
        r#""mention_client_ids":"null","transient":0,"mtime":null,"client_id":"2"}"#,
    ]
    .concat();
    assert_eq!(text, expected);
}

#[test]
fn messages_of_others_lose_nothing() {
    let image = data(&message(
        "image",
        json!({ "url": "/a.png", "width": 3, "attr": { "own": 1 } }),
    ));
    assert_eq!(
        (&image["type"], &image["attr"]),
        (&json!(-2), &json!({ "own": 1, "width": 3 }))
    );
    assert_eq!(image["text"], Value::Null);
    let card = data(&message(
        "card",
        json!({ "user": "u", "nickname": "Alice", "url": "/u" }),
    ));
    assert_eq!(
        (&card["type"], &card["text"], &card["url"]),
        (&json!(-1), &json!("[Card] Alice"), &json!("/u"))
    );
    assert_eq!(
        card["attr"],
        json!({ "kind": "card", "user": "u", "nickname": "Alice" })
    );
    let odd = data(&message("wokchat.9", json!({ "text": "nine", "attr": [1] })));
    assert_eq!(
        (&odd["text"], &odd["attr"]),
        (&json!("nine"), &json!({ "kind": "wokchat.9", "attr": [1] }))
    );
    assert_eq!(data(&message("poll", json!({})))["text"], "[poll]");
    assert_eq!(data(&message("text", json!({ "text": "x" })))["from_client"], "2");
}

#[test]
fn recalled_and_transient_messages() {
    let mut recalled = message("image", json!({}));
    recalled.recalled_at = Some(1);
    let item = serde_json::to_value(item(&Press, CONV, &recalled).unwrap()).unwrap();
    assert_eq!(
        (&item["msg_status"], &item["attr"], &item["text"]),
        (&json!(0), &Value::Null, &Value::Null)
    );
    let mut transient = message("text", json!({ "text": "x", "imrest": { "id": "ab" } }));
    transient.id = "0".to_owned();
    let data = data(&transient);
    assert_eq!((&data["msg_id"], &data["transient"]), (&json!("ab"), &json!("1")));
}

proptest::proptest! {
    #[test]
    fn what_goes_up_comes_down(
        number in -6i64..=-1,
        text in proptest::option::of("\\PC{1,20}"),
        url in proptest::option::of("/[a-z]{1,9}\\.png"),
        attr in proptest::option::of("[a-z]{1,9}"),
        width in 0u32..2_000,
    ) {
        let attr = attr.map(|own| json!({ "own": own, "width": width, "duration": width }));
        let sent = json!({ "from_client": "2", "type": number, "text": text, "url": url, "attr": attr });
        if let Ok(up) = Up::read(sent.as_object().unwrap()) {
            let down = data(&message(up.kind, up.body.into()));
            proptest::prop_assert_eq!(&down["type"], &sent["type"]);
            proptest::prop_assert_eq!(&down["text"], &sent["text"]);
            let or_null = |value: &Value| if value.is_null() { json!("null") } else { value.clone() };
            proptest::prop_assert_eq!(&down["url"], &or_null(&sent["url"]));
            proptest::prop_assert_eq!(&down["attr"], &or_null(&sent["attr"]));
        }
    }

    #[test]
    fn any_body_has_a_frame(kind in "[a-z.]{1,9}", body in "\\PC{0,60}") {
        let mut message = message(&kind, json!({}));
        message.body = body;
        let _ = (data(&message), item(&Press, CONV, &message));
    }
}
