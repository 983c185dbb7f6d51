use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::harness::{App, Claims, Connect, Server, eventually, now_ms, request};

/// The code that a token is refused with, over REST and by the handshake alike.
async fn code(app: &App, token: &str) -> String {
    let response = request(app.server.address, "GET", "/v1/me").bearer(token).send().await;
    let refusal = response.refused();
    let handshake = Connect::new(app.server.address).token(token).try_handshake().await;
    let Err((status, body)) = handshake else {
        panic!("the socket takes what REST refuses with {refusal:?}");
    };
    assert_eq!(
        (Some(status), body["error"]["code"].as_str()),
        (refusal.status, Some(refusal.code.as_str()))
    );
    refusal.code
}

#[tokio::test]
async fn only_a_right_token_lets_in() {
    let app = App::new().await;
    let none = request(app.server.address, "GET", "/v1/me").send().await;
    none.refused().is("unauthenticated");
    let right = || Claims::of(app.id, "alice");
    let old = now_ms() / 1_000 - 3_600;
    for (what, token, expected) in [
        ("garbage", "garbage".to_owned(), "bad_token"),
        ("three parts of nothing", "a.b.c".to_owned(), "bad_token"),
        ("another secret", right().sign("guess"), "bad_token"),
        ("an empty secret", right().sign(""), "bad_token"),
        (
            "an expired one",
            right().with("exp", json!(old)).sign(&app.secret),
            "expired_token",
        ),
        (
            "an expired one of another secret",
            right().with("exp", json!(old)).sign("guess"),
            "bad_token",
        ),
        (
            "one without end",
            right().with("exp", Value::Null).sign(&app.secret),
            "bad_token",
        ),
        (
            "another algorithm",
            right().sign_by(Algorithm::HS384, &app.secret),
            "bad_token",
        ),
        (
            "nobody's",
            right().with("sub", Value::Null).sign(&app.secret),
            "bad_token",
        ),
        (
            "an empty name",
            right().with("sub", json!("")).sign(&app.secret),
            "bad_token",
        ),
        (
            "a long name",
            right().with("sub", json!("x".repeat(65))).sign(&app.secret),
            "bad_token",
        ),
        (
            "no app",
            right().with("app", Value::Null).sign(&app.secret),
            "bad_token",
        ),
        (
            "an unknown app",
            right().with("app", json!(987_654_321)).sign(&app.secret),
            "bad_token",
        ),
        (
            "an app as text",
            right().with("app", json!(app.id.to_string())).sign(&app.secret),
            "bad_token",
        ),
        (
            "an opaque one that nobody issued",
            "sbu_0123456789abcdef".to_owned(),
            "bad_token",
        ),
    ] {
        assert_eq!(code(&app, &token).await, expected, "{what}");
    }
    // "none" is no signature.
    let unsigned = right().sign(&app.secret);
    let claims = unsigned.split('.').nth(1).unwrap();
    for header in ["eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", "eyJhbGciOiJOT05FIn0"] {
        assert_eq!(code(&app, &format!("{header}.{claims}.")).await, "bad_token");
    }
    let basic = request(app.server.address, "GET", "/v1/me").header("authorization", "Basic YTpi".to_owned());
    assert_eq!(basic.send().await.status, 401);
}

#[tokio::test]
async fn a_tenants_token_is_of_that_tenant_only() {
    let (one, two) = (App::new().await, App::new().await);
    let forged = Claims::of(two.id, "alice").sign(&one.secret);
    assert_eq!(code(&one, &forged).await, "bad_token");
}

#[tokio::test]
async fn a_rotated_secret_ends_the_old_one() {
    let mut app = App::new().await;
    let alice = app.user("alice").await;
    let rotated = app.admin("POST", "/secret/rotate", Value::Null).await.ok();
    alice.rest("GET", "/v1/me", Value::Null).await.refused().is("bad_token");
    let old = app.admin("GET", "", Value::Null).await;
    assert!(
        [401, 404].contains(&old.status),
        "the old secret is no admin's either: {old:?}"
    );
    rotated["secret"].as_str().unwrap().clone_into(&mut app.secret);
    app.user("alice").await;
    assert_eq!(app.admin("GET", "", Value::Null).await.ok()["app_id"], app.id);
}

#[tokio::test]
async fn issued_tokens_let_in_until_they_end() {
    let app = App::new().await;
    app.user("alice").await;
    let issued = app
        .admin("POST", "/users/alice/tokens", json!({ "device": "kiosk" }))
        .await;
    let token = issued.ok()["token"].as_str().unwrap().to_owned();
    assert!(issued.status == 201 && token.starts_with("sbu_") && issued.ok()["expires_at"].as_u64() > Some(now_ms()));
    let me = request(app.server.address, "GET", "/v1/me").bearer(&token).send().await;
    assert_eq!(me.ok()["user"], "alice");
    Connect::new(app.server.address).token(&token).open().await;
    let other = Connect::new(app.server.address)
        .token(&token)
        .device("phone")
        .open()
        .await;
    assert_eq!(other.ready["device"], "kiosk", "it is a token of one device");
    let query = request(app.server.address, "GET", &format!("/v1/me?token={token}"))
        .send()
        .await;
    assert_eq!(query.ok()["user"], "alice");

    let short = app
        .admin("POST", "/users/alice/tokens", json!({ "ttl_seconds": 1 }))
        .await
        .ok();
    let short = short["token"].as_str().unwrap();
    eventually("a token of one second to end", async || {
        let response = request(app.server.address, "GET", "/v1/me").bearer(short).send().await;
        (response.status != 200).then(|| response.refused().is("expired_token").code.clone())
    })
    .await;
    app.admin("DELETE", "/users/alice/tokens", Value::Null).await.ok();
    assert_eq!(code(&app, &token).await, "bad_token");
    app.admin("POST", "/users/nobody/tokens", json!({}))
        .await
        .refused()
        .is("not_found");
}

#[tokio::test]
async fn a_disabled_app_is_closed_to_its_users() {
    let app = App::new().await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let group = alice.conversation("group", &[&bob]).await;
    let mut socket = bob.connect().await;
    assert_eq!(app.change(json!({ "enabled": false })).await["enabled"], false);
    assert_eq!(socket.closed().await, 4003);
    assert_eq!(code(&app, &alice.token).await, "app_disabled");
    app.change(json!({ "enabled": true })).await;
    assert_eq!(alice.say(group, "back").await["seq"], 1);
}

#[tokio::test]
async fn the_admin_api_takes_the_operators_token_or_an_apps_secret() {
    let server = Server::shared();
    let app = App::new().await;
    let ask = |token: &str, path: &str| {
        let request = request(server.address, "GET", &format!("/admin/api{path}"));
        if token.is_empty() {
            request
        } else {
            request.bearer(token)
        }
        .send()
    };
    ask("", "/apps").await.refused().is("unauthenticated");
    ask("wrong", "/apps").await.refused().is("bad_token");
    ask(&Claims::of(app.id, "alice").sign(&app.secret), "/apps")
        .await
        .refused()
        .is("bad_token");
    let secret = &app.secret;
    assert_eq!(ask(secret, &format!("/apps/{}", app.id)).await.ok()["app_id"], app.id);
    // To a tenant there is nothing but the tenant.
    ask(secret, "/apps").await.refused().is("not_found");
    let shown = server
        .admin("GET", &format!("/apps/{}", app.id), Value::Null)
        .await
        .text();
    assert!(!shown.contains(secret.as_str()), "a secret is told once");
    assert!(
        !server
            .admin("GET", "/apps", Value::Null)
            .await
            .text()
            .contains(secret.as_str())
    );
}
