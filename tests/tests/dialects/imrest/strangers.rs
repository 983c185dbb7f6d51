//! Another app's keys and ids lead nowhere.

use serde_json::{Value, json};

use super::conversations::encoded;
use super::scene::{Scene, native};
use crate::harness::Claims;

#[tokio::test]
async fn another_apps_key_opens_nothing() {
    let (scene, other) = (Scene::new().await, Scene::new().await);
    let conv = scene.conversation("Tom", &["Jerry"], 3).await;
    let id = scene.app.id.to_string();
    let headers = [("app-id", id.as_str()), ("app-key", other.app.secret.as_str())];
    for (method, path) in endpoints(&conv) {
        let answer = scene.raw(method, &path, &headers, "{}").await;
        assert_eq!(
            (&answer["code"], &answer["data"]),
            (&json!(1), &Value::Null),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn another_apps_conversation_does_not_exist() {
    let (scene, other) = (Scene::new().await, Scene::new().await);
    let conv = scene.conversation("Tom", &["Jerry"], 3).await;
    let msg = json!({ "from_client": "Tom", "type": -1, "text": "secret" });
    scene.say(&conv, msg.clone()).await;
    other.conversation("Tom", &["Jerry"], 3).await;
    let path = format!("/im/conversations/{conv}");
    for (method, path, body) in [
        ("DELETE", path.clone(), Value::Null),
        ("GET", format!("{path}/members"), Value::Null),
        ("POST", format!("{path}/members"), json!({ "client_ids": ["Iron"] })),
        ("DELETE", format!("{path}/members"), json!({ "client_ids": ["Tom"] })),
        ("GET", format!("{path}/message"), Value::Null),
        ("POST", format!("{path}/message"), msg),
        (
            "PUT",
            "/im/conversations".to_owned(),
            json!({ "where": [["conv_id", "=", conv]], "update": { "conv_extend": { "x": 1 } } }),
        ),
    ] {
        assert_eq!(other.code(method, &path, body).await, 1, "{method} {path}");
    }
    let filter = encoded(&json!([["conv_id", "=", conv]]).to_string());
    let page = other
        .ok("GET", &format!("/im/conversations?where={filter}"), Value::Null)
        .await;
    assert_eq!(page["total"], 0);
    let page = other
        .ok(
            "GET",
            &format!("/im/conversations?where={}", encoded("[]")),
            Value::Null,
        )
        .await;
    assert_eq!(page["total"], 1);
    assert_eq!(scene.messages(&conv).await.len(), 1);
}

/// Ids that lie around a conversation's own: the server's in plain digits, its messages', and those of its neighbours.
#[tokio::test]
async fn no_id_leads_to_another() {
    let scene = Scene::new().await;
    let conv = scene.conversation("Tom", &["Jerry"], 3).await;
    let msg = json!({ "from_client": "Tom", "type": -1, "text": "secret" });
    let msg_id = scene.say(&conv, msg).await;
    let tom = scene.app.user("Tom").await;
    let own = native(&tom).await;
    let mut guesses: Vec<String> = (own - 1..=own + 3).map(|id| format!("{id:032x}")).collect();
    guesses.extend((1..=3).map(|id| format!("{}{:016x}", &conv[..16], own + id)));
    guesses.push(msg_id);
    for digit in "0123456789abcdef".chars() {
        guesses.extend([format!("{}{digit}", &conv[..31]), format!("{digit}{}", &conv[1..])]);
    }
    guesses.retain(|guess| *guess != conv);
    let id = scene.app.id.to_string();
    let without_key = [("app-id", id.as_str())];
    for guess in guesses {
        let path = format!("/im/conversations/{guess}/message");
        let answer = scene.raw("GET", &path, &without_key, "").await;
        assert_eq!((&answer["code"], &answer["data"]), (&json!(1), &Value::Null), "{guess}");
    }
    let path = format!("/im/conversations/{conv}/message");
    let known = scene.raw("GET", &path, &without_key, "").await;
    assert_eq!(known["data"]["data"][0]["text"], "secret", "{known}");
}

#[tokio::test]
async fn another_users_conversation_does_not_exist() {
    let scene = Scene::with(json!({}), json!({ "require_tokens": true })).await;
    let id = scene.app.id.to_string();
    let bearer = |uid: &str| format!("Bearer {}", Claims::of(scene.app.id, uid).sign(&scene.app.secret));
    let (tom, iron) = (bearer("Tom"), bearer("Iron"));
    scene.app.users(["Tom", "Jerry", "Iron"]).await;
    let key = ("app-key", scene.app.secret.as_str());
    let made = json!({ "client_id": "Tom", "to_client_ids": ["Jerry"], "conv_type": 3 }).to_string();
    let headers = [("app-id", id.as_str()), key, ("authorization", tom.as_str())];
    let made = scene.raw("POST", "/im/conversations", &headers, &made).await;
    let conv = made["data"]["conv_id"].as_str().unwrap();
    let path = format!("/im/conversations/{conv}/message");
    for (token, code) in [(&tom, 0), (&iron, 1)] {
        let headers = [("app-id", id.as_str()), ("authorization", token.as_str())];
        let answer = scene.raw("GET", &path, &headers, "").await;
        assert_eq!(answer["code"], code, "{answer}");
    }
    let answer = scene.raw("GET", &path, &[("app-id", id.as_str())], "").await;
    assert_eq!(answer["code"], 4002, "{answer}");
}

#[tokio::test]
async fn another_apps_id_at_this_apps_mount_is_unknown() {
    let (scene, other) = (Scene::new().await, Scene::new().await);
    let id = other.app.id.to_string();
    for key in [&scene.app.secret, &other.app.secret] {
        let headers = [("app-id", id.as_str()), ("app-key", key.as_str())];
        let answer = scene.raw("GET", "/im/conversations", &headers, "").await;
        assert_eq!(answer["code"], 1, "{answer}");
    }
}

fn endpoints(conv: &str) -> Vec<(&'static str, String)> {
    let path = format!("/im/conversations/{conv}");
    vec![
        ("POST", "/im/conversations".to_owned()),
        ("GET", "/im/conversations".to_owned()),
        ("PUT", "/im/conversations".to_owned()),
        ("DELETE", path.clone()),
        ("POST", format!("{path}/members")),
        ("GET", format!("{path}/members")),
        ("DELETE", format!("{path}/members")),
        ("POST", format!("{path}/message")),
        ("GET", format!("{path}/message")),
        ("POST", "/im/file/upload".to_owned()),
    ]
}
