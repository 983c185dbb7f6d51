//! The same app over the native protocol: what one side sends, the other sees.

use serde_json::json;

use super::club::Club;
use super::line::data;

#[tokio::test]
async fn what_is_sent_here_is_seen_there_and_back() {
    let club = Club::new().await;
    let [a, _b] = club.people(["a", "b"]).await;
    let native = club.app.user("b").await;
    let mut there = native.connect().await;
    let mut here = a.line().await;
    let extra = json!({ "url": "http://x/a.png", "is_original": 2, "own": "mine" });
    let frame = json!({ "action": "chat", "type": 3, "content": "our house", "extra": extra, "to_app_user_id": "b" });
    let id = here.done(frame).await["msg_id"].clone();
    let event = there.event("message.sent").await["data"].clone();
    assert_eq!(
        (&event["id"], &event["kind"], &event["from"]),
        (&id, &json!("image"), &json!("a"))
    );
    assert_eq!(
        (
            &event["body"]["url"],
            &event["body"]["original"],
            &event["body"]["attr"],
            &event["body"]["text"]
        ),
        (
            &json!("http://x/a.png"),
            &json!(false),
            &json!({ "own": "mine" }),
            &json!("our house")
        )
    );
    assert!(
        event.get("origin").is_none_or(serde_json::Value::is_null),
        "a human has sent it: {event}"
    );
    let conversation = event["conversation"].clone();
    let send = |kind: &str, body| json!({ "conversation": conversation, "kind": kind, "body": body });
    for (kind, body, number, content, extra) in [
        ("text", json!({ "text": "hi" }), 1, "hi", json!({})),
        (
            "voice",
            json!({ "url": "/v.mp3", "duration": 2 }),
            2,
            "",
            json!({ "voice_url": "/v.mp3", "duration": 2 }),
        ),
        (
            "location",
            json!({ "latitude": 24.5, "longitude": 118.1 }),
            4,
            "",
            json!({ "latitude": 24.5, "longitude": 118.1 }),
        ),
        (
            "link",
            json!({ "url": "https://x.example", "title": "News" }),
            1,
            "News https://x.example",
            json!({}),
        ),
    ] {
        there.call("message.send", send(kind, body)).await;
        let told = here.action("chat").await;
        let seen = data(&told);
        assert_eq!(
            (&seen["type"], &seen["content"], &seen["app_user_id"]),
            (&json!(number), &json!(content), &json!("b"))
        );
        for (name, value) in extra.as_object().unwrap() {
            assert_eq!(&seen["extra"][name], value, "{seen}");
        }
    }
    // Edits and recalls of others, and marks both ways.
    let text = there
        .call("message.send", send("text", json!({ "text": "wrong" })))
        .await;
    here.action("chat").await;
    there
        .call(
            "message.edit",
            json!({ "message": text["id"], "body": { "text": "right" } }),
        )
        .await;
    let edit = here.action("edit").await;
    assert_eq!(
        (&edit["msg_id"], &data(&edit)["content"]),
        (&text["id"], &json!("right"))
    );
    there.call("message.recall", json!({ "message": text["id"] })).await;
    let recall = here.action("recall").await;
    assert_eq!(
        (&recall["msg_id"], &data(&recall)["content"]),
        (&text["id"], &json!(""))
    );
    here.done(json!({ "action": "ack", "msg_id": text["id"], "status": 2 }))
        .await;
    let receipt = there.event("receipt.changed").await["data"].clone();
    assert_eq!((&receipt["user"], &receipt["read_seq"]), (&json!("a"), &text["seq"]));
}

#[tokio::test]
async fn a_native_group_is_a_group_here() {
    let club = Club::new().await;
    let [a, b] = club.people(["a", "b"]).await;
    let native = club.app.user("owner").await;
    let mut here = a.line().await;
    let made = native
        .call(
            "conversation.create",
            json!({ "kind": "group", "members": ["a"], "name": "native" }),
        )
        .await;
    let id = made["id"].as_u64().unwrap();
    let invited = data(&here.system(17).await);
    assert_eq!(
        (&invited["group_id"], &invited["extra"]["inviter"]["app_user_id"]),
        (&json!(id.to_string()), &json!("owner"))
    );
    native
        .call("member.add", json!({ "conversation": id, "users": ["b"] }))
        .await;
    assert_eq!(
        data(&here.system(17).await)["extra"]["invited_list"][0]["app_user_id"],
        "b"
    );
    native
        .call("conversation.update", json!({ "conversation": id, "name": "new" }))
        .await;
    assert_eq!(data(&here.system(12).await)["extra"]["group_name"], "new");
    here.say_in(&id.to_string(), "from here").await;
    assert!(native.texts(id).await.contains(&"from here".to_owned()));
    native
        .call("member.remove", json!({ "conversation": id, "users": ["a"] }))
        .await;
    assert_eq!(data(&here.system(14).await)["admin"]["app_user_id"], "owner");
    drop(b);
}
