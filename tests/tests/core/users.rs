use serde_json::{Value, json};

use crate::harness::{App, Way};

#[tokio::test]
async fn a_user_changes_only_oneself() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let mut tablet = alice.on("tablet").open().await;
        let mut door = alice.by(way).await;
        let fresh = door.call("user.get", json!({ "user": "alice" })).await;
        assert_eq!(
            fresh,
            json!({ "user": "alice", "nickname": "", "avatar": "", "attributes": {} })
        );
        let change = json!({ "nickname": "艾丽丝", "attributes": { "auto_reply": "later" } });
        let changed = door.call("user.update", change).await;
        assert_eq!(
            (&changed["nickname"], &changed["avatar"]),
            (&json!("艾丽丝"), &json!(""))
        );
        assert_eq!(tablet.event("user.updated").await["data"]["nickname"], "艾丽丝");
        door.call("user.update", json!({ "avatar": "/a.png" })).await;
        let seen = bob.by(way).await.call("user.get", json!({ "user": "alice" })).await;
        assert_eq!(
            (&seen["nickname"], &seen["avatar"]),
            (&json!("艾丽丝"), &json!("/a.png"))
        );
        door.refused("user.get", json!({ "user": "nobody" }))
            .await
            .is("not_found");
        door.refused("user.update", json!({ "nickname": "x".repeat(10_000) }))
            .await
            .is("bad_field")
            .blames("nickname");
    }
    let app = App::new().await;
    let me = app.stranger("carol").rest("GET", "/v1/me", Value::Null).await.ok();
    assert_eq!(me["user"], "carol", "a valid token makes its user");
}

#[tokio::test]
async fn an_app_makes_users_bans_them_and_lets_them_in_again() {
    let app = App::new().await;
    let made = app
        .admin(
            "PUT",
            "/users/dave",
            json!({ "nickname": "Dave", "attributes": { "vip": true } }),
        )
        .await;
    assert_eq!((made.status, &made.ok()["nickname"]), (201, &json!("Dave")));
    assert_eq!(
        app.admin("PUT", "/users/dave", json!({ "avatar": "/d.png" }))
            .await
            .status,
        200
    );
    let seen = app.admin("GET", "/users/dave", Value::Null).await.ok();
    assert_eq!(
        (&seen["nickname"], &seen["avatar"], &seen["attributes"]),
        (&json!("Dave"), &json!("/d.png"), &json!({ "vip": true }))
    );
    app.admin("GET", "/users/nobody", Value::Null)
        .await
        .refused()
        .is("not_found");

    let dave = app.user("dave").await;
    let mut socket = dave.connect().await;
    app.admin("POST", "/users/dave/ban", json!({ "reason": "spam" }))
        .await
        .ok();
    assert_eq!(socket.closed().await, 4003);
    let refusal = dave.rest("GET", "/v1/me", Value::Null).await.refused();
    assert!(refusal.is("user_banned").message.contains("spam"), "{refusal:?}");
    let (status, body) = dave.on("default").try_handshake().await.err().unwrap();
    assert_eq!((status, &body["error"]["code"]), (403, &json!("user_banned")));
    app.admin("POST", "/users/dave/unban", Value::Null).await.ok();
    dave.connect().await.call("ping", Value::Null).await;
}

#[tokio::test]
async fn an_app_that_makes_its_users_itself_lets_no_stranger_in() {
    let app = App::with(json!({ "auto_create_users": false })).await;
    app.stranger("mallory")
        .rest("GET", "/v1/me", Value::Null)
        .await
        .refused()
        .is("bad_token");
    app.admin("PUT", "/users/alice", json!({})).await.ok();
    let alice = app.user("alice").await;
    let ask = json!({ "kind": "direct", "members": ["mallory"] });
    alice
        .attempt("conversation.create", ask)
        .await
        .unwrap_err()
        .is("not_found");
}
