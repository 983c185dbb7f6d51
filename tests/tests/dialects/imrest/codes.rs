//! Row R10: every code, and what else may go wrong at the door.

use serde_json::{Value, json};

use super::scene::{GRANTS, Scene};
use crate::harness::{Home, bundled, request};
use std::sync::Arc;

#[tokio::test]
async fn r10_every_code_can_be_provoked() {
    let scene = Scene::new().await;
    let conv = scene.conversation("Tom", &["Jerry"], 3).await;
    let path = format!("/im/conversations/{conv}/message");
    let say = |name: &str, value: Value| {
        let mut body = json!({ "from_client": "Tom", "type": -1, "text": "x" });
        body[name] = value;
        body
    };
    assert_eq!(scene.code("POST", &path, say("x", json!(1))).await, 0);
    let unknown = "/im/conversations/0e7ae8d24e2658e7fb4ecdfbb409249d/message";
    assert_eq!(scene.code("POST", unknown, say("x", json!(1))).await, 1);
    assert_eq!(
        scene.code("POST", &path, say("from_client", json!("nobody"))).await,
        211
    );
    let odd = json!({ "client_id": "not ok!", "to_client_ids": ["Tom"], "conv_type": 1 });
    assert_eq!(scene.code("POST", "/im/conversations", odd).await, 212);
    scene
        .app
        .admin("POST", "/users/Tom/ban", json!({ "reason": "x" }))
        .await;
    assert_eq!(scene.code("POST", &path, say("x", json!(1))).await, 213);
    let mut wire = scene.socket().await;
    wire.send(scene.login_frame("Tom", "d")).await;
    assert_eq!(wire.next().await["data"]["code"], 213);
    for name in ["from_client", "type", "text"] {
        assert_eq!(scene.code("POST", &path, say(name, Value::Null)).await, 4001, "{name}");
    }
    let id = scene.app.id.to_string();
    let [app_id, key, kind] = scene.headers(&id);
    for headers in [vec![key, kind], vec![app_id, kind], vec![]] {
        let answer = scene.raw("POST", "/im/conversations", &headers, "{}").await;
        assert_eq!(answer["code"], 4002, "{headers:?}");
    }
    let kinds = json!({ "client_id": "a", "to_client_ids": ["b"], "conv_type": 7 });
    assert_eq!(scene.code("POST", "/im/conversations", kinds).await, 4405);
    assert_eq!(scene.code("POST", &path, say("type", json!("x"))).await, 4406);
}

#[tokio::test]
async fn r10_the_request_is_named_in_the_answer() {
    let scene = Scene::new().await;
    let id = scene.app.id.to_string();
    let [app_id, key, _] = scene.headers(&id);
    for (headers, expected) in [
        (vec![app_id, key, ("request_id", "r-17")], json!("r-17")),
        (vec![("request_id", "r-18")], json!("r-18")),
        (vec![app_id, key], Value::Null),
    ] {
        let answer = scene.raw("GET", "/im/conversations", &headers, "").await;
        assert_eq!(answer["request-id"], expected, "{answer}");
    }
}

#[tokio::test]
async fn r10_another_spelling_of_the_header() {
    let scene = Scene::new().await;
    let id = scene.app.id.to_string();
    let [_, key, _] = scene.headers(&id);
    let body = json!({ "client_id": "a", "to_client_ids": ["b"], "conv_type": 1 }).to_string();
    let headers = [("IM-APP-ID", id.as_str()), key];
    assert_eq!(scene.raw("POST", "/im/conversations", &headers, &body).await["code"], 0);
}

#[tokio::test]
async fn r10_what_does_not_exist_is_told_in_the_envelope() {
    let scene = Scene::new().await;
    for (method, path) in [
        ("PATCH", "/im/conversations"),
        ("GET", "/im/nothing"),
        ("PUT", "/im/file/upload"),
    ] {
        let answer = scene.ask(method, path, Value::Null).await;
        assert_eq!(
            (&answer["code"], &answer["data"]),
            (&json!(1), &Value::Null),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn r10_policies_and_other_rules_are_code_1_with_words() {
    let scene = Scene::new().await;
    let config = json!({ "words": ["badword"], "mode": "reject", "message": "not here" });
    let upload = scene.app.upload("word-filter", bundled("word-filter")).config(config);
    upload.install().await;
    let conv = scene.conversation("Tom", &["Jerry"], 1).await;
    let path = format!("/im/conversations/{conv}/message");
    let say = json!({ "from_client": "Tom", "type": -1, "text": "a badword" });
    let answer = scene.ask("POST", &path, say).await;
    assert_eq!((&answer["code"], &answer["message"]), (&json!(1), &json!("not here")));
    let jerry = scene.app.user("Jerry").await;
    jerry.call("block.add", json!({ "user": "Tom" })).await;
    let say = json!({ "from_client": "Tom", "type": -1, "text": "x" });
    assert_eq!(scene.code("POST", &path, say).await, 1);
}

#[tokio::test]
async fn r10_one_mount_for_many_apps() {
    let home = Home::with("[[mounts]]\ndialect = \"imrest\"\n");
    // A mount without an app asks the bundled component whose a request is.
    let plugins = std::env::var("SWITCHBOARD_PLUGINS").unwrap();
    let server = Arc::new(home.start(&[&format!("plugins.bundled={plugins}")]));
    let mut keys = Vec::new();
    for _ in 0..2 {
        let app = crate::harness::App::on(&server, json!({ "open_logins": true })).await;
        app.upload("imrest", bundled("imrest")).grants(GRANTS).install().await;
        keys.push(app);
    }
    let ask = async |app: &str, key: &str| {
        let body = json!({ "client_id": "a", "to_client_ids": ["b"], "conv_type": 3 });
        let asked = request(server.address, "POST", "/im/conversations");
        let asked = asked.header("app-id", app.to_owned()).header("app-key", key.to_owned());
        let answer = asked.json(&body).send().await;
        assert_eq!(answer.status, 200);
        serde_json::from_str::<Value>(&answer.text()).unwrap()
    };
    let (one, two) = (&keys[0], &keys[1]);
    assert_eq!(ask(&one.id.to_string(), &one.secret).await["code"], 0);
    assert_eq!(ask(&two.id.to_string(), &two.secret).await["code"], 0);
    let crossed = ask(&one.id.to_string(), &two.secret).await;
    let unknown = ask("999999999", &two.secret).await;
    server
        .admin("PATCH", &format!("/apps/{}", two.id), json!({ "enabled": false }))
        .await;
    let disabled = ask(&two.id.to_string(), &two.secret).await;
    let told: Vec<&str> = [&crossed, &unknown, &disabled]
        .map(|answer| {
            assert_eq!(answer["code"], 1);
            answer["message"].as_str().unwrap()
        })
        .to_vec();
    assert!(
        told[0] != told[1] && told[1] != told[2] && told[0] != told[2],
        "{told:?}"
    );
    // The login says which app a socket is for.
    let mut wire = super::wire::Wire::open(server.address, "/im/ws").await;
    let login = |app: u64| json!({ "type": "login", "data": { "app_id": app, "client_id": "a" } });
    wire.send(login(999_999_999)).await;
    assert_eq!(wire.next().await["type"], "login.fail");
    wire.send(login(one.id)).await;
    assert_eq!(wire.next().await["type"], "login.success");
}
