//! Too much, and what is no request at all.

use serde_json::{Value, json};

use super::scene::Scene;

#[tokio::test]
async fn too_large_is_told_in_the_envelope() {
    let scene = Scene::new().await;
    let conv = scene.conversation("Tom", &["Jerry"], 3).await;
    let path = format!("/im/conversations/{conv}/message");
    let huge = json!({ "from_client": "Tom", "type": -1, "text": "x".repeat(300_000) });
    assert_eq!(scene.code("POST", &path, huge).await, 4406);
    let long = json!({ "from_client": "Tom", "type": -1, "text": "x".repeat(20_000) });
    assert_eq!(scene.code("POST", &path, long).await, 4406);
    let many: Vec<String> = (0..3000).map(|n| format!("u{n}")).collect();
    let body = json!({ "client_id": "Tom", "to_client_ids": many, "conv_type": 3 });
    assert_eq!(scene.code("POST", "/im/conversations", body).await, 4406);
    let attr = json!({ "from_client": "Tom", "type": -2, "attr": { "x": "y".repeat(9000) } });
    assert_eq!(scene.code("POST", &path, attr).await, 4406);
    assert!(scene.messages(&conv).await.is_empty());
}

#[tokio::test]
async fn what_is_no_json_is_4406() {
    let scene = Scene::new().await;
    let conv = scene.conversation("Tom", &["Jerry"], 3).await;
    let id = scene.app.id.to_string();
    let headers = scene.headers(&id);
    for (method, path) in [
        ("POST", "/im/conversations".to_owned()),
        ("PUT", "/im/conversations".to_owned()),
        ("POST", format!("/im/conversations/{conv}/members")),
        ("POST", format!("/im/conversations/{conv}/message")),
    ] {
        for body in ["{", "[]", "1", "\"x\"", "nul", "{\"a\":}", &"[".repeat(1000)] {
            let answer = scene.raw(method, &path, &headers, body).await;
            assert_eq!(answer["code"], 4406, "{method} {path} {body}");
        }
        let form = [
            headers[0],
            headers[1],
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let answer = scene.raw(method, &path, &form, "a=b").await;
        assert_eq!(answer["code"], 4406, "{method} {path}");
    }
}

#[tokio::test]
async fn a_large_frame_does_not_end_the_connection() {
    let scene = Scene::new().await;
    let mut tom = scene.login("Tom", "d").await;
    tom.send(json!({ "type": "login", "data": { "x": "y".repeat(70_000) } }))
        .await;
    let answer = tom.next().await;
    assert_eq!(
        (&answer["type"], &answer["data"]["code"]),
        (&json!("error"), &json!(4406)),
        "{answer}"
    );
    tom.send(json!({ "type": "ping", "data": Value::Null })).await;
    assert_eq!(tom.next().await["type"], "pong");
}
