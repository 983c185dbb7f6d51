use serde_json::{Value, json};

use super::club::Club;
use super::line::dial;
use crate::harness::{Claims, Home, request};

/// Every request that needs a caller, with a body that would do.
const PATHS: [&str; 12] = [
    "/user/update",
    "/blacklist/add",
    "/blacklist/remove",
    "/group/create",
    "/group/edit",
    "/group/invite",
    "/group/join",
    "/group/remove",
    "/group/dissolve",
    "/group/info",
    "/group/members",
    "/upload",
];

#[tokio::test]
async fn every_request_needs_a_token_that_is_right() {
    let club = Club::new().await;
    let elsewhere = Club::new().await;
    let foreign = elsewhere.person("a").await;
    let a = club.person("a").await;
    let expired = Claims::of(club.app.id, "a")
        .with("exp", json!(1_000))
        .sign(&club.app.secret);
    let forged = Claims::of(club.app.id, "a").sign("another secret");
    for path in PATHS {
        for token in [
            "",
            "wrong",
            "sbu_00000000000000000000000000000000",
            &foreign.token,
            &expired,
            &forged,
        ] {
            let body = json!({ "group_id": "1", "app_user_ids": ["a"], "group_name": "g" });
            let answer = club.post(&format!("{path}?token={token}"), body).await;
            assert_eq!(answer["code"], 401, "{path} {token}: {answer}");
        }
    }
    for token in ["wrong", &foreign.token, &expired, &forged] {
        assert!(dial(&club, &format!("token={token}")).await.is_err());
    }
    // A token that the tenant's own server has signed is as good.
    let signed = Claims::of(club.app.id, "a").sign(&club.app.secret);
    let answer = club
        .post(&format!("/user/update?token={signed}"), json!({ "nickname": "jwt" }))
        .await;
    assert_eq!(answer["code"], 200, "{answer}");
    assert!(dial(&club, &format!("token={signed}")).await.is_ok());
    club.app
        .server
        .admin("POST", &format!("/apps/{}/users/a/ban", club.app.id), json!({}))
        .await
        .ok();
    assert_eq!(a.refused("/user/update", json!({})).await, 401);
    assert_eq!(
        club.post("/user/register", json!({ "app_user_id": "a" })).await["code"],
        401
    );
    assert!(dial(&club, &format!("token={}", a.token)).await.is_err());
}

#[tokio::test]
async fn another_apps_things_do_not_exist() {
    let (club, elsewhere) = (Club::new().await, Club::new().await);
    let a = club.person("a").await;
    let [x, _y] = elsewhere.people(["x", "y"]).await;
    let theirs = x.group("theirs", &[]).await;
    for path in &PATHS[4..11] {
        let body = json!({ "group_id": theirs, "app_user_ids": ["a"], "group_name": "mine" });
        assert_eq!(a.refused(path, body).await, 400, "{path}");
    }
    assert_eq!(a.refused("/blacklist/add", json!({ "app_user_id": "x" })).await, 400);
    assert_eq!(
        a.refused("/group/create", json!({ "group_name": "g", "app_user_ids": ["x"] }))
            .await,
        400
    );
    let mut line = a.line().await;
    for frame in [
        json!({ "action": "chat", "type": 1, "content": "x", "to_app_user_id": "x" }),
        json!({ "action": "groupChat", "type": 1, "content": "x", "group_id": theirs }),
        json!({ "action": "leaveGroup", "extra": { "group_id": theirs } }),
    ] {
        assert_eq!(line.refused(frame).await, 400);
    }
    assert_eq!(
        x.done("/group/info", json!({ "group_id": theirs })).await["group_name"],
        "theirs"
    );
}

#[tokio::test]
async fn malformed_and_oversize_requests_are_answered_in_our_words() {
    let club = Club::new().await;
    let a = club.person("a").await;
    for body in [
        "{",
        "[]",
        "7",
        "\"x\"",
        "null",
        "{\"nickname\":{}}",
        "{\"nickname\":[1]}",
        "\u{0}",
    ] {
        let path = format!("/user/update?token={}", a.token);
        let answer = club.send(&path, "application/json", body).await;
        assert_eq!(answer["code"], 400, "{body}: {answer}");
    }
    let path = format!("/user/update?token={}", a.token);
    assert_eq!(
        club.send(&path, "application/json", vec![0xff, 0xfe, b'{']).await["code"],
        400
    );
    let huge = format!("{{\"nickname\":\"{}\"}}", "x".repeat(300_000));
    assert_eq!(club.send(&path, "application/json", huge).await["code"], 400);
    let long = json!({ "nickname": "x".repeat(10_000) });
    assert_eq!(a.refused("/user/update", long).await, 400);
    assert_eq!(club.send(&path, "multipart/form-data", "x").await["code"], 400);
    for id in [
        json!(null),
        json!(""),
        json!({}),
        json!("x".repeat(65)),
        json!("a\u{7}b"),
    ] {
        assert_eq!(
            club.post("/user/register", json!({ "app_user_id": id })).await["code"],
            400,
            "{id}"
        );
    }
    assert_eq!(a.refused("/group/dance", json!({})).await, 400);
    let get = request(
        club.address(),
        "GET",
        &format!("{}/user/update?token={}", club.prefix, a.token),
    );
    let answer: Value = serde_json::from_slice(&get.send().await.body).unwrap();
    assert_eq!(answer["code"], 400, "{answer}");
    // A frame over the limit is answered as well, and the connection stays.
    let mut line = a.line().await;
    let huge = json!({ "action": "chat", "nonce": "n", "content": "x".repeat(70_000) }).to_string();
    line.send_text(&huge).await;
    assert_eq!(line.read("an answer").await.unwrap()["code"], 400);
    line.done(json!({ "action": "heartbeat" })).await;
}

#[tokio::test]
async fn the_app_is_found_by_id_or_token() {
    let home = Home::with("[[mounts]]\ndialect = \"social\"\nprefix = \"/social\"\n");
    let server = std::sync::Arc::new(home.start(&[&plugins()]));
    let club = Club::unmounted(&server, json!({ "system_messages": true })).await;
    let other = Club::unmounted(&server, json!({ "system_messages": true })).await;
    let a = club.person("a").await;
    let same_name = other.person("a").await;
    a.done("/user/update", json!({ "nickname": "one" })).await;
    same_name.done("/user/update", json!({ "nickname": "two" })).await;
    let (_line, sync) = a.connected().await;
    assert_eq!(sync["action"], "systemMessage");
    for (body, code) in [
        (json!({ "app_user_id": "x" }), 401),
        (json!({ "app_id": 1, "app_user_id": "x" }), 400),
        (json!({ "app_id": "no number", "app_user_id": "x" }), 400),
        (json!({ "app_id": club.app.id.to_string(), "app_user_id": "x" }), 200),
    ] {
        let answer = club.post("/user/register", body.clone()).await;
        assert_eq!(answer["code"], code, "{body}: {answer}");
    }
    let crossed = format!("/user/update?app_id={}&token={}", other.app.id, a.token);
    assert_eq!(club.post(&crossed, json!({})).await["code"], 401);
    // The first frame may tell.
    let mut line = dial(&club, "").await.unwrap_or_else(|status| panic!("{status}"));
    let frame = json!({ "action": "chat", "nonce": "n", "type": 1 });
    assert_eq!(line.refused(frame).await, 401);
    drop(line);
    let mut line = dial(&club, "").await.unwrap_or_else(|status| panic!("{status}"));
    line.done(json!({ "action": "login", "token": a.token })).await;
    club.app.change(json!({ "enabled": false })).await;
    let answer = a.call("/user/update", json!({})).await;
    assert_eq!(answer["code"], 0, "{answer}");
}

/// Mounts speak for all apps through the bundled component.
fn plugins() -> String {
    let folder = std::env::var("SWITCHBOARD_PLUGINS").unwrap();
    format!("plugins.bundled={folder}")
}
