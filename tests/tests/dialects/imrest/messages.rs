use serde_json::{Value, json};

use super::scene::{Scene, hex32, native};

#[tokio::test]
async fn r6_the_printed_request_and_frame() {
    let scene = Scene::new().await;
    let conv = scene.conversation("2", &["3"], 1).await;
    let mut peer = scene.login("3", "d").await;
    let id = scene.app.id.to_string();
    let path = format!("/im/conversations/{conv}/message");
    let body = r#"{"from_client":2,"type":-1,"text":"HELLO !"}"#;
    let answer = scene.raw("POST", &path, &scene.headers(&id), body).await;
    let msg_id = hex32(&answer["data"]["msg_id"]);
    let time = answer["data"]["time"].as_u64().unwrap();
    assert!(time > 1_600_000_000_000);
    let expected = format!(
        concat!(
            r#"{{"type":"msg.new","data":{{"from_client":2,"conv_id":"{}","msg_id":"{}","ctime":{},"type":-1,"#,
            r#""text":"HELLO !","attr":"null","url":"null","transient":"0","mention_all":0,"mention_client_ids":"null"}}}}"#
        ),
        conv, msg_id, time
    );
    assert_eq!(peer.text().await.unwrap(), expected);
}

#[tokio::test]
async fn r6_every_type_arrives_as_it_was_sent() {
    let scene = Scene::new().await;
    let conv = scene.conversation("Tom", &["Jerry"], 3).await;
    let mut jerry = scene.login("Jerry", "d").await;
    let sent = [
        json!({ "type": -1, "text": "你好", "attr": { "k": [1, null] }, "mention_client_ids": ["Jerry"], "mention_all": 1 }),
        json!({ "type": -2, "url": "/files/a.png", "attr": { "width": 640, "height": 480, "mine": true } }),
        json!({ "type": -3, "url": "https://x.example/v.mp3", "attr": { "duration": 3 } }),
        json!({ "type": -4, "url": "http://x.example/v.mp4", "text": "look" }),
        json!({ "type": -5, "attr": { "latitude": 24.5, "longitude": 118.1, "name": "厦门站" } }),
        json!({ "type": -6, "url": "/files/report.pdf" }),
    ];
    for message in &sent {
        let mut body = message.clone();
        body["from_client"] = json!("Tom");
        scene.say(&conv, body).await;
        let data = jerry.next().await["data"].clone();
        for name in ["attr", "url", "mention_client_ids"] {
            let expected = if message[name].is_null() {
                json!("null")
            } else {
                message[name].clone()
            };
            assert_eq!(data[name], expected, "{name} of {message}");
        }
        assert_eq!((&data["type"], &data["text"]), (&message["type"], &message["text"]));
        assert_eq!(data["from_client"], "Tom");
        assert_eq!(data["mention_all"], u8::from(!message["mention_all"].is_null()));
    }
    let listed = scene.messages(&conv).await;
    for (item, message) in listed.iter().rev().zip(&sent) {
        assert_eq!((&item["type"], &item["attr"]), (&message["type"], &message["attr"]));
        assert_eq!(item["client_id"], "Tom");
    }
}

#[tokio::test]
async fn r6_transient_messages_are_not_stored() {
    let scene = Scene::new().await;
    let conv = scene.conversation("Tom", &["Jerry"], 3).await;
    let mut jerry = scene.login("Jerry", "d").await;
    let body = json!({ "from_client": "Tom", "type": -1, "text": "typing", "transient": 1 });
    let first = scene.say(&conv, body.clone()).await;
    let second = scene.say(&conv, body).await;
    assert_ne!(first, second);
    for id in [first, second] {
        let data = jerry.next().await["data"].clone();
        assert_eq!((&data["msg_id"], &data["transient"]), (&json!(id), &json!("1")));
        hex32(&data["msg_id"]);
    }
    assert!(scene.messages(&conv).await.is_empty());
}

#[tokio::test]
async fn r6_no_sync_says_whether_the_sender_hears() {
    let scene = Scene::new().await;
    let conv = scene.conversation("Tom", &["Jerry"], 3).await;
    let mut phone = scene.login("Tom", "phone").await;
    let mut jerry = scene.login("Jerry", "d").await;
    for (no_sync, text) in [(Value::Null, "absent"), (json!(0), "zero"), (json!("1"), "one")] {
        scene
            .say(
                &conv,
                json!({ "from_client": "Tom", "type": -1, "text": text, "no_sync": no_sync }),
            )
            .await;
        assert_eq!(jerry.next().await["data"]["text"], text);
    }
    // The first that it hears is the one that was to be heard.
    assert_eq!(phone.next().await["data"]["text"], "one");
    let flags: Vec<Value> = scene
        .messages(&conv)
        .await
        .iter()
        .map(|item| item["no_sync"].clone())
        .collect();
    assert_eq!(flags, [json!(1), json!(0), json!(0)]);
}

#[tokio::test]
async fn r7_the_printed_list() {
    let scene = Scene::new().await;
    let conv = scene.conversation("2", &["3"], 1).await;
    let mut ids = Vec::new();
    for n in 0..12 {
        ids.push(
            scene
                .say(&conv, json!({ "from_client": 2, "type": -1, "text": n.to_string() }))
                .await,
        );
    }
    ids.reverse();
    let id = scene.app.id.to_string();
    // As printed: no key, and the page in a body.
    let headers = [("app-id", id.as_str()), ("content-type", "application/json")];
    let path = format!("/im/conversations/{conv}/message");
    let body = "{\n    \"page\":2,\n    \"size\":5\n}";
    let answer = scene.raw("GET", &path, &headers, body).await;
    let page = &answer["data"];
    assert_eq!(
        (
            &page["current_page"],
            &page["last_page"],
            &page["per_page"],
            &page["total"]
        ),
        (&json!(2), &json!(3), &json!(5), &json!(12))
    );
    let listed: Vec<&str> = page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["msg_id"].as_str().unwrap())
        .collect();
    assert_eq!(listed, ids[5..10]);
    let item = &page["data"][0];
    let expected = json!({ "msg_id": ids[5], "conv_id": conv, "type": -1, "text": "6", "attr": null, "url": "null",
        "ctime": item["ctime"], "msg_status": 1, "no_sync": 0, "mention_all": 0, "mention_client_ids": "null",
        "transient": 0, "mtime": null, "client_id": "2" });
    assert_eq!(*item, expected);
    let usual = scene.ok("GET", &path, Value::Null).await;
    assert_eq!(
        (usual["data"].as_array().unwrap().len(), &usual["per_page"]),
        (10, &json!(10))
    );
    assert_eq!(scene.code("GET", &path, json!({ "page": "x" })).await, 4406);
}

#[tokio::test]
async fn r7_recalled_and_edited_messages() {
    let scene = Scene::new().await;
    let conv = scene.conversation("Tom", &["Jerry"], 3).await;
    let tom = scene.app.user("Tom").await;
    let say = json!({ "from_client": "Tom", "type": -1, "text": "x" });
    scene.say(&conv, say.clone()).await;
    scene.say(&conv, say).await;
    let group = native(&tom).await;
    let said = tom.call("message.history", json!({ "conversation": group })).await;
    let [second, first] = [0, 1].map(|at| &said["messages"][at]["id"]);
    tom.call("message.recall", json!({ "message": first })).await;
    tom.call("message.edit", json!({ "message": second, "body": { "text": "y" } }))
        .await;
    let items = scene.messages(&conv).await;
    assert_eq!((&items[0]["text"], &items[0]["msg_status"]), (&json!("y"), &json!(1)));
    assert!(items[0]["mtime"].is_u64());
    assert_eq!((&items[1]["text"], &items[1]["msg_status"]), (&Value::Null, &json!(0)));
}
