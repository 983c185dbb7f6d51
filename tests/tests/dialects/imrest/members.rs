use serde_json::{Value, json};

use super::scene::Scene;

#[tokio::test]
async fn r5_added_listed_and_removed() {
    let scene = Scene::new().await;
    let conv = scene.conversation("Alex", &["Iron"], 3).await;
    let path = format!("/im/conversations/{conv}/members");
    let id = scene.app.id.to_string();
    let headers = scene.headers(&id);
    let answer = scene
        .raw("POST", &path, &headers, r#"{"client_ids": ["Tom", "Jerry"]}"#)
        .await;
    assert_eq!(
        answer,
        json!({ "code": 0, "message": "ok", "data": true, "request-id": null })
    );
    let answer = scene.raw("GET", &path, &headers[..2], "").await;
    let mut ids: Vec<&str> = answer["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap())
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, ["Alex", "Iron", "Jerry", "Tom"]);
    assert_eq!(scene.ok("DELETE", &path, json!({ "client_ids": ["Tom"] })).await, true);
    let left = scene.ok("GET", &path, Value::Null).await;
    assert_eq!(left.as_array().unwrap().len(), 3);
    // Whoever is added hears what is said from then on.
    let mut jerry = scene.login("Jerry", "d").await;
    scene
        .say(&conv, json!({ "from_client": "Alex", "type": -1, "text": "welcome" }))
        .await;
    assert_eq!(jerry.next().await["data"]["text"], "welcome");
    let body = json!({ "from_client": "Tom", "type": -1, "text": "x" });
    let path = format!("/im/conversations/{conv}/message");
    assert_eq!(scene.code("POST", &path, body).await, 1, "no member any more");
}

#[tokio::test]
async fn r5_faults() {
    let scene = Scene::new().await;
    let conv = scene.conversation("Alex", &["Iron"], 3).await;
    let path = format!("/im/conversations/{conv}/members");
    for (method, body, code) in [
        ("POST", Value::Null, 4001),
        ("POST", json!({ "client_ids": [] }), 4001),
        ("POST", json!({ "client_ids": "Tom" }), 4406),
        ("POST", json!({ "client_ids": [{}] }), 4406),
        ("POST", json!({ "client_ids": ["a b"] }), 212),
        ("DELETE", json!({ "client_ids": ["nobody"] }), 211),
        ("DELETE", Value::Null, 4001),
    ] {
        assert_eq!(scene.code(method, &path, body.clone()).await, code, "{method} {body}");
    }
    let private = scene.conversation("Alex", &["Iron"], 1).await;
    let path = format!("/im/conversations/{private}/members");
    assert_eq!(scene.code("POST", &path, json!({ "client_ids": ["Tom"] })).await, 1);
    for unknown in ["0e7ae8d24e2658e7fb4ecdfbb409249d", "x", "%7Bconv_id%7D"] {
        let path = format!("/im/conversations/{unknown}/members");
        assert_eq!(scene.code("GET", &path, Value::Null).await, 1, "{unknown}");
        assert_eq!(scene.code("POST", &path, json!({ "client_ids": ["Tom"] })).await, 1);
    }
}
