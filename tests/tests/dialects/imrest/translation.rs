//! Messages that come from elsewhere, and go elsewhere.

use serde_json::{Value, json};

use super::scene::{Scene, native};

#[tokio::test]
async fn every_kind_goes_both_ways() {
    let scene = Scene::new().await;
    let conv = scene.conversation("Tom", &["Jerry"], 1).await;
    let tom = scene.app.user("Tom").await;
    let mut native_jerry = scene.app.user("Jerry").await.connect().await;
    let mut jerry = scene.login("Jerry", "d").await;
    for (kind, body, number, attr) in [
        ("text", json!({ "text": "x", "own": 1 }), -1, json!({ "own": 1 })),
        (
            "image",
            json!({ "url": "/a.png", "thumb_url": "/t.png", "width": 3, "height": 4, "attr": { "k": 1 } }),
            -2,
            json!({ "k": 1, "thumb_url": "/t.png", "width": 3, "height": 4, "mime": "image/png" }),
        ),
        (
            "voice",
            json!({ "url": "/a.mp3", "duration": 2.5, "mime": "audio/mpeg" }),
            -3,
            json!({ "duration": 2.5, "mime": "audio/mpeg" }),
        ),
        (
            "location",
            json!({ "latitude": 1.5, "longitude": 2.5 }),
            -5,
            json!({ "latitude": 1.5, "longitude": 2.5 }),
        ),
        (
            "card",
            json!({ "user": "u", "nickname": "Alice" }),
            -1,
            json!({ "kind": "card", "user": "u", "nickname": "Alice" }),
        ),
        (
            "link",
            json!({ "url": "https://x.example/", "title": "News" }),
            -1,
            json!({ "kind": "link", "title": "News" }),
        ),
    ] {
        tom.call(
            "message.send",
            json!({ "conversation": native(&tom).await, "kind": kind, "body": body }),
        )
        .await;
        let data = jerry.next().await["data"].clone();
        assert_eq!(
            (&data["type"], &data["attr"]),
            (&json!(number), &attr),
            "{kind}: {data}"
        );
        native_jerry.event("message.sent").await;
    }
    for (message, kind, body) in [
        (
            json!({ "type": -2, "url": "/a.png", "attr": { "width": 640 } }),
            "image",
            json!({ "url": "/a.png", "width": 640, "attr": { "width": 640 } }),
        ),
        (
            json!({ "type": -5, "attr": { "latitude": 1, "longitude": 2 } }),
            "location",
            json!({ "latitude": 1, "longitude": 2 }),
        ),
        (json!({ "type": -1, "text": "hi" }), "text", json!({ "text": "hi" })),
    ] {
        let mut sent = message.clone();
        sent["from_client"] = json!("Tom");
        scene.say(&conv, sent).await;
        let event = native_jerry.event("message.sent").await["data"].clone();
        assert_eq!((&event["kind"], &event["from"]), (&json!(kind), &json!("Tom")));
        assert_eq!(event["origin"], Value::Null, "a user has sent it");
        for (name, value) in body.as_object().unwrap() {
            assert_eq!(event["body"][name], *value, "{name} of {event}");
        }
    }
}
