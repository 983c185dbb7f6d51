use serde_json::{Value, json};

use super::scene::{Scene, native};
use super::wire::Wire;
use crate::harness::{Claims, eventually};

#[tokio::test]
async fn r9_the_printed_login() {
    let scene = Scene::new().await;
    let mut wire = scene.socket().await;
    let frame = r#"{
    "type": "login",
    "data": {
        "device_id": "1111",
        "app_id": "APP",
        "client_id": "1111",
        "ext": {
            "nickname": "liliSara"
        }
    }
}"#;
    wire.send(frame.replace("APP", &scene.app.id.to_string())).await;
    let answer = wire.next().await;
    assert_eq!(
        (&answer["type"], &answer["msg"]),
        (&json!("login.success"), &json!("success"))
    );
    assert!(answer["data"]["time"].as_u64().unwrap() > 1_600_000_000_000);
    let user = scene
        .app
        .user("1111")
        .await
        .call("user.get", json!({ "user": "1111" }))
        .await;
    assert_eq!(
        (&user["nickname"], &user["attributes"]["ext"]),
        (&json!("liliSara"), &json!({ "nickname": "liliSara" }))
    );
}

#[tokio::test]
async fn r9_the_older_connection_is_kicked() {
    let scene = Scene::new().await;
    let mut older = scene.login("Tom", "phone").await;
    let mut other = scene.login("Tom", "desk").await;
    let mut newer = scene.login("Tom", "phone").await;
    assert_eq!(older.next().await["type"], "logout.kick");
    assert_eq!(older.read().await, None, "and then closed");
    let conv = scene.conversation("Jerry", &["Tom"], 1).await;
    scene
        .say(&conv, json!({ "from_client": "Jerry", "type": -1, "text": "x" }))
        .await;
    assert_eq!(other.next().await["data"]["text"], "x");
    assert_eq!(newer.next().await["data"]["text"], "x");
}

#[tokio::test]
async fn r9_bad_logins_keep_the_connection() {
    let scene = Scene::new().await;
    let other = Scene::new().await;
    let mut wire = scene.socket().await;
    let changed = |name: &str, value: Value| {
        let mut frame = scene.login_frame("Tom", "d");
        frame["data"][name] = value;
        frame.to_string()
    };
    for (frame, kind, code) in [
        ("no json".to_owned(), "error", 4406),
        (r#"{"type":"sing"}"#.to_owned(), "error", 4406),
        (r#"{"type":"login"}"#.to_owned(), "login.fail", 4001),
        (changed("client_id", Value::Null), "login.fail", 4001),
        (changed("client_id", json!("a b")), "login.fail", 212),
        (changed("client_id", json!([])), "login.fail", 4406),
        (changed("app_id", Value::Null), "login.fail", 4001),
        (changed("app_id", json!(other.app.id)), "login.fail", 1),
        (changed("token", json!("nonsense")), "login.fail", 1),
        (changed("ext", json!("x")), "login.fail", 4406),
    ] {
        wire.send(&frame).await;
        let answer = wire.next().await;
        assert_eq!(
            (&answer["type"], &answer["data"]["code"]),
            (&json!(kind), &json!(code)),
            "{frame}: {answer}"
        );
    }
    wire.send(scene.login_frame("Tom", "d")).await;
    assert_eq!(wire.next().await["type"], "login.success");
    wire.send(scene.login_frame("Jerry", "d")).await;
    assert_eq!(wire.next().await["type"], "login.fail");
    wire.send(r#"{"type":"ping"}"#).await;
    assert_eq!(wire.next().await["type"], "pong");
}

#[tokio::test]
async fn r9_tokens_where_they_are_demanded() {
    let scene = Scene::with(json!({}), json!({ "require_tokens": true })).await;
    let token = Claims::of(scene.app.id, "Tom").sign(&scene.app.secret);
    let expired = Claims::of(scene.app.id, "Tom")
        .with("exp", json!(1))
        .sign(&scene.app.secret);
    let mut wire = scene.socket().await;
    let with = |token: Value| {
        let mut frame = scene.login_frame("Tom", "d");
        frame["data"]["token"] = token;
        frame
    };
    for (bad, code) in [
        (Value::Null, 4002),
        (json!(expired), 1),
        (json!(format!("{token}x")), 1),
    ] {
        wire.send(with(bad)).await;
        assert_eq!(wire.next().await["data"]["code"], code);
    }
    wire.send(with(json!(token))).await;
    assert_eq!(wire.next().await["type"], "login.success");
    let mut foreign = scene.login_frame("Jerry", "d");
    foreign["data"]["token"] = json!(token);
    let mut second = scene.socket().await;
    second.send(foreign).await;
    assert_eq!(second.next().await["data"]["code"], 1, "another user's token");
    // In the header: logged in at once.
    let path = format!("/t{}/im/ws", scene.app.id);
    let to = scene.app.server.address;
    let bearer = |token: &str| [("authorization", format!("Bearer {token}"))];
    let mut wire = Wire::try_open(to, &path, &bearer(&token)).await.ok().unwrap();
    let id = scene.app.id.to_string();
    let [app_id, key, kind] = scene.headers(&id);
    let authorization = format!("Bearer {token}");
    let headers = [app_id, key, kind, ("authorization", authorization.as_str())];
    let body = json!({ "client_id": "Jerry", "to_client_ids": ["Tom"], "conv_type": 1 }).to_string();
    let made = scene.raw("POST", "/im/conversations", &headers, &body).await;
    let path = format!(
        "/im/conversations/{}/message",
        made["data"]["conv_id"].as_str().unwrap()
    );
    let say = json!({ "from_client": "Jerry", "type": -1, "text": "x" }).to_string();
    scene.raw("POST", &path, &headers, &say).await;
    assert_eq!(wire.next().await["data"]["text"], "x");
    // Requests without a token are refused, with a wrong one too.
    assert_eq!(scene.raw("GET", &path, &[app_id, key], "").await["code"], 4002);
    let wrong = [app_id, key, ("authorization", "Bearer x")];
    assert_eq!(scene.raw("GET", &path, &wrong, "").await["code"], 1);
    // Without a key a list is what the token's user can see.
    let list = [app_id, ("authorization", authorization.as_str())];
    assert_eq!(scene.raw("GET", &path, &list, "").await["data"]["total"], 1);
    let alex = Claims::of(scene.app.id, "Alex").sign(&scene.app.secret);
    let alex = format!("Bearer {alex}");
    let list = [app_id, ("authorization", alex.as_str())];
    assert_eq!(scene.raw("GET", &path, &list, "").await["code"], 1);
    let refused = Wire::try_open(to, &format!("/t{}/im/ws", scene.app.id), &bearer("x")).await;
    assert_eq!(refused.err().unwrap().0, 401);
}

#[tokio::test]
async fn r9_closed_logins_need_a_token() {
    let scene = Scene::with(json!({ "open_logins": false }), json!({})).await;
    let mut wire = scene.socket().await;
    wire.send(scene.login_frame("Tom", "d")).await;
    assert_eq!(wire.next().await["data"]["code"], 4002);
    let mut frame = scene.login_frame("Tom", "d");
    frame["data"]["token"] = json!(Claims::of(scene.app.id, "Tom").sign(&scene.app.secret));
    wire.send(frame).await;
    assert_eq!(wire.next().await["type"], "login.success");
}

#[tokio::test]
async fn r9_messages_of_others_arrive() {
    let scene = Scene::new().await;
    let mut jerry = scene.login("Jerry", "d").await;
    let tom = scene.app.user("Tom").await;
    let conv = scene.conversation("Tom", &["Jerry"], 1).await;
    tom.say(native(&tom).await, "from the native protocol").await;
    let data = jerry.next().await["data"].clone();
    assert_eq!(
        (&data["text"], &data["from_client"], &data["conv_id"]),
        (&json!("from the native protocol"), &json!("Tom"), &json!(conv))
    );
    jerry.close().await;
    eventually("Jerry to be gone", async || {
        let told = tom.call("presence.get", json!({ "users": ["Jerry"] })).await;
        (told["presence"][0]["online"] == false).then_some(())
    })
    .await;
}
