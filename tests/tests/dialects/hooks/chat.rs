use serde_json::{Value, json};

use super::scene::{Scene, URL, call};
use crate::dialects::imrest::wire::Wire;

/// Two users who are connected.
async fn pair() -> (Scene, Wire, Wire) {
    let scene = Scene::new().await;
    scene.chatter("u1", json!(["A"]), "token-1", URL).await;
    scene.chatter("u2", json!(["A"]), "token-2", URL).await;
    let (one, two) = (scene.connect("token-1").await, scene.connect("token-2").await);
    (scene, one, two)
}

#[tokio::test]
async fn h2_registered_users_talk() {
    let (scene, mut one, mut two) = pair().await;
    let mut twin = scene.connect("token-1").await;
    let frame =
        json!({ "serviceType": "chat", "uid": "u2", "type": "text", "data": { "text": "hello" }, "nonce": "n-1" });
    let answer = call(&mut one, frame.clone()).await;
    assert_eq!(
        (&answer["code"], &answer["info"]["serviceType"]),
        (&json!(0), &json!("chat")),
        "{answer}"
    );
    for wire in [&mut two, &mut twin] {
        let down = wire.next().await;
        let info = &down["info"];
        assert_eq!(
            (&down["code"], &down["status"], &down["msg"]),
            (&json!(0), &json!("success"), &json!("ok"))
        );
        assert_eq!(
            (&info["serviceType"], &info["uid"], &info["type"], &info["data"]["text"]),
            (&json!("chat"), &json!("u1"), &json!("text"), &json!("hello"))
        );
        assert_eq!((&info["msgId"], &info["gid"]), (&answer["info"]["msgId"], &Value::Null));
        let mut users = info["users"].as_array().unwrap().clone();
        users.sort_by_key(ToString::to_string);
        assert_eq!(users, [json!("u1"), json!("u2")]);
    }
    let again = call(&mut one, frame).await;
    assert_eq!(
        (&again["info"]["msgId"], &again["info"]["duplicate"]),
        (&answer["info"]["msgId"], &json!(true))
    );
    let back = json!({ "serviceType": "chat", "conversation": answer["info"]["conversation"], "data": "hi" });
    assert_eq!(call(&mut two, back).await["code"], 0);
    assert_eq!(one.next().await["info"]["data"]["text"], "hi");
    let history = call(&mut one, json!({ "serviceType": "history", "uid": "u2" })).await;
    let said: Vec<&Value> = history["info"]["list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["data"]["text"])
        .collect();
    assert_eq!(said, [&json!("hi"), &json!("hello")]);
}

#[tokio::test]
async fn h2_every_kind_to_a_group() {
    let (_scene, mut one, mut two) = pair().await;
    for (kind, data) in [
        ("text", json!({ "text": "x" })),
        ("image", json!({ "url": "/a.png", "width": 3 })),
        ("voice", json!({ "url": "/a.mp3", "duration": 2 })),
        ("video", json!({ "url": "/a.mp4" })),
        ("location", json!({ "latitude": 1.5, "longitude": 2.5 })),
        ("file", json!({ "url": "/a.pdf" })),
        ("card", json!({ "user": "u9", "nickname": "Nine" })),
        ("link", json!({ "url": "https://x.example/", "title": "News" })),
    ] {
        let frame = json!({ "serviceType": "chat", "gid": "A", "type": kind, "data": data, "mentions": ["u2"], "mentionAll": 1 });
        let answer = call(&mut one, frame).await;
        assert_eq!(answer["code"], 0, "{kind}: {answer}");
        let info = two.next().await["info"].clone();
        assert_eq!((&info["type"], &info["gid"]), (&json!(kind), &json!("A")));
        assert_eq!((&info["mentions"], &info["mentionAll"]), (&json!(["u2"]), &json!(true)));
        for (name, value) in data.as_object().unwrap() {
            assert_eq!(info["data"][name], *value, "{name} of {info}");
        }
    }
}

#[tokio::test]
async fn h2_with_the_native_protocol() {
    let (scene, mut one, _two) = pair().await;
    let alice = scene.app.user("alice").await;
    let mut native = alice.connect().await;
    let frame = json!({ "serviceType": "chat", "uid": "alice", "data": "from a hook" });
    assert_eq!(call(&mut one, frame).await["code"], 0);
    let event = native.event("message.sent").await["data"].clone();
    assert_eq!(
        (&event["from"], &event["body"]["text"], &event["origin"]),
        (&json!("u1"), &json!("from a hook"), &Value::Null)
    );
    let conversation = event["conversation"].as_u64().unwrap();
    let sent = alice.say(conversation, "answer").await;
    assert_eq!(one.next().await["info"]["data"]["text"], "answer");
    let body = json!({ "message": sent["id"], "body": { "text": "better" } });
    alice.call("message.edit", body).await;
    let info = one.next().await["info"].clone();
    assert_eq!(
        (&info["serviceType"], &info["data"]["text"]),
        (&json!("chat.edited"), &json!("better"))
    );
    alice.call("message.recall", json!({ "message": sent["id"] })).await;
    let info = one.next().await["info"].clone();
    assert_eq!(
        (&info["serviceType"], &info["data"]),
        (&json!("chat.recalled"), &json!({}))
    );
}

#[tokio::test]
async fn h2_leaving_a_group() {
    let (scene, mut one, mut two) = pair().await;
    let del = json!({ "modeType": "del", "uid": "u2", "gids": ["A"], "token": "token-2" });
    scene.ok("/register", del).await;
    let frame = json!({ "serviceType": "chat", "gid": "A", "data": "who is there" });
    assert_eq!(call(&mut one, frame.clone()).await["code"], 0);
    assert_eq!(call(&mut two, frame).await["code"], 404);
}

#[tokio::test]
async fn h2_faults_keep_the_connection() {
    let (scene, mut one, _two) = pair().await;
    for (frame, code) in [
        (json!("x"), 400),
        (json!({}), 400),
        (json!({ "serviceType": "event" }), 400),
        (json!({ "serviceType": "chat", "uid": "u2" }), 400),
        (json!({ "serviceType": "chat", "uid": "nobody", "data": "x" }), 404),
        (json!({ "serviceType": "chat", "gid": "B", "data": "x" }), 404),
        (
            json!({ "serviceType": "chat", "conversation": "999999", "data": "x" }),
            404,
        ),
        (json!({ "serviceType": "chat", "conversation": "x", "data": "x" }), 404),
        (
            json!({ "serviceType": "chat", "uid": "u2", "type": "no-such-kind", "data": {} }),
            400,
        ),
        (
            json!({ "serviceType": "chat", "uid": "u2", "type": "image", "data": {} }),
            400,
        ),
        (json!({ "serviceType": "history", "gid": "B" }), 404),
        (
            json!({ "serviceType": "chat", "uid": "u2", "data": "x".repeat(70_000) }),
            413,
        ),
    ] {
        let answer = call(&mut one, frame.clone()).await;
        assert_eq!(
            (&answer["code"], &answer["status"]),
            (&json!(code), &json!("fail")),
            "{frame}: {answer}"
        );
    }
    let pong = call(&mut one, json!({ "serviceType": "ping" })).await;
    assert_eq!(pong["info"]["serviceType"], "pong");
    // A token for events alone does not chat.
    scene.register("T-1", "events-only", URL).await;
    let mut wire = scene.connect("events-only").await;
    let frame = json!({ "serviceType": "chat", "uid": "u2", "data": "x" });
    assert_eq!(call(&mut wire, frame).await["code"], 407);
}
