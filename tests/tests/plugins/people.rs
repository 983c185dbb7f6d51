//! What plugins may know and do about users.

use serde_json::{Value, json};

use crate::harness::{App, Guest, User, eventually, guest};

/// A tenant whose clerk does what it is told.
struct Desk {
    app: App,
    alice: User,
    conversation: u64,
}

impl Desk {
    async fn new(settings: Value) -> Self {
        let app = App::with(settings).await;
        let grants = "users,users-write,credentials,proofs,impersonation,signatures,contacts,messages-send";
        app.upload("clerk", guest(Guest::Clerk)).grants(grants).install().await;
        let alice = app.user("alice").await;
        let conversation = alice.conversation("group", &[]).await;
        Self {
            app,
            alice,
            conversation,
        }
    }

    /// What the clerk answers to some words.
    async fn ask(&self, words: &[&str]) -> String {
        let before = self.alice.texts(self.conversation).await.len();
        self.alice.say(self.conversation, &json!(words).to_string()).await;
        eventually("the clerk's answer", async || {
            let mut texts = self.alice.texts(self.conversation).await;
            (texts.len() > before + 1).then(|| texts.pop()).flatten()
        })
        .await
    }

    async fn asks(&self, cases: &[(&[&str], &str)]) {
        for (words, answer) in cases {
            assert_eq!(self.ask(words).await, *answer, "{words:?}");
        }
    }
}

#[tokio::test]
async fn a_plugin_makes_finds_and_bans_users() {
    let desk = Desk::new(json!({})).await;
    let phone = r#"{"phone":"123","x":{"a":1}}"#;
    desk.asks(&[
        (
            &["put", "bob", phone],
            r#"(true, "{\"phone\":\"123\",\"x\":{\"a\":1}}")"#,
        ),
        (&["put", "bob", r#"{"x":null}"#], r#"(false, "{\"phone\":\"123\"}")"#),
        (&["put", "alice", r#"{"phone":"123"}"#], "refused conflict"),
        (&["put", "alice", r#"["phone"]"#], "invalid"),
        (&["put", "alice", "{"], "invalid"),
        (&["put", "", "{}"], "invalid"),
        (&["find", "phone", "123"], r#"Some("bob")"#),
        (&["find", "phone", "124"], "None"),
        (&["find", "nickname", "x"], "refused bad_field"),
        (&["users", "bob,alice,carol"], r#"["alice", "bob"]"#),
        (&["user", "bob"], r#"Some(("{\"phone\":\"123\"}", false))"#),
        (&["ban", "bob", "spam"], "()"),
        (&["user", "bob"], r#"Some(("{\"phone\":\"123\"}", true))"#),
        (&["ban", "nobody", ""], "Error::NotFound"),
    ])
    .await;
    let refusal = desk
        .app
        .stranger("bob")
        .rest("GET", "/v1/me", Value::Null)
        .await
        .refused();
    assert!(refusal.is("user_banned").message.contains("spam"), "{refusal:?}");
    desk.asks(&[
        (&["unban", "bob"], "()"),
        (&["user", "bob"], r#"Some(("{\"phone\":\"123\"}", false))"#),
    ])
    .await;
    desk.app.user("bob").await;
}

#[tokio::test]
async fn a_plugin_sees_what_a_user_has_changed_at_once() {
    let desk = Desk::new(json!({})).await;
    for n in 0..5 {
        let change = json!({ "attributes": { "n": n } });
        desk.alice.call("user.update", change.clone()).await;
        let seen = format!("Some(({:?}, false))", change["attributes"].to_string());
        assert_eq!(desk.ask(&["user", "alice"]).await, seen);
    }
}

#[tokio::test]
async fn credentials_are_sealed_and_signed_with() {
    let mut desk = Desk::new(json!({})).await;
    let print = desk.ask(&["print", "token of alice"]).await;
    assert_eq!(print.len(), 42, "{print}");
    assert_eq!(
        desk.ask(&["print-of-new-token", "alice", "token of alice"]).await,
        print
    );
    assert_eq!(desk.ask(&["print-of-token", "alice"]).await, format!("Some({print})"));
    let sealed = desk.ask(&["token-of", "alice"]).await;
    assert!(sealed.starts_with("Some(\"sealed-"), "{sealed}");
    desk.app.user("bob").await;
    let long = "x".repeat(101);
    desk.asks(&[
        (&["set-token", "bob", "token of alice"], "refused conflict"),
        (&["set-token", "nobody", "x"], "Error::NotFound"),
        (&["set-token", "bob", &long], "refused bad_field"),
        (&["token-of", "bob"], "None"),
        (&["set-password", "bob", "correct"], "()"),
        (&["set-password", "bob", ""], "refused bad_field"),
        (&["set-password", "nobody", "correct"], "Error::NotFound"),
        (&["issue-token", "bob", "0"], "refused bad_field"),
        (&["issue-token", "nobody", "60"], "Error::NotFound"),
        // md5 of "token of alice" and "1".
        (
            &["sign-by-token", "alice", "1"],
            r#""453219ae999a72fadccaece0e8890341""#,
        ),
        (&["sign-by-token", "bob", "1"], "Error::NotFound"),
    ])
    .await;
    let issued = desk.ask(&["issue-token", "bob", "60"]).await;
    assert!(issued.starts_with("\"sealed-"), "{issued}");
    let made = desk.ask(&["print-of-new-token", "bob"]).await;
    assert_eq!(desk.ask(&["print-of-token", "bob"]).await, format!("Some({made})"));
    assert_eq!(desk.ask(&["revoke-tokens", "bob"]).await, "()");
    assert_eq!(desk.ask(&["token-of", "bob"]).await, "None");

    // A fingerprint outlives the secret, and is of no use in another app.
    let rotated = desk.app.admin("POST", "/secret/rotate", Value::Null).await.ok();
    rotated["secret"].as_str().unwrap().clone_into(&mut desk.app.secret);
    desk.alice = desk.app.user("alice").await;
    assert_eq!(desk.ask(&["print", "token of alice"]).await, print);
    let other = Desk::new(json!({})).await;
    assert_ne!(other.ask(&["print", "token of alice"]).await, print);
}

#[tokio::test]
async fn only_a_dialect_proves_anything() {
    let desk = Desk::new(json!({ "open_logins": true })).await;
    let proofs = desk.ask(&["prove", "alice"]).await;
    assert_eq!(proofs.matches("not-allowed").count(), 7, "{proofs}");
}

#[tokio::test]
async fn a_plugin_knows_the_apps_settings_but_no_secret() {
    let settings = json!({ "push_url": "https://example.com/push", "sign_timeout": 5, "login": "single" });
    let desk = Desk::new(settings).await;
    let app: Value = serde_json::from_str(&desk.ask(&["app"]).await).unwrap();
    let expected = json!({
        "name": "a test's", "push_url": "https://example.com/push", "sign_timeout": 5, "login": "single",
        "anonymous_uploads": false, "open_logins": false, "system_messages": false,
    });
    assert_eq!(app, expected);
    assert_eq!(desk.ask(&["fresh", "0"]).await, "false");
    assert_eq!(desk.ask(&["random", "7"]).await.len(), 7);
    assert_eq!(desk.ask(&["random", "4000"]).await.len(), 128);
}

#[tokio::test]
async fn a_plugin_keeps_contacts() {
    let desk = Desk::new(json!({})).await;
    desk.app.user("bob").await;
    desk.asks(&[
        (&["befriend", "alice", "bob"], "true"),
        (&["befriend", "bob", "alice"], "false"),
        (&["befriend", "bob", "bob"], "refused bad_field"),
        (&["befriend", "bob", "nobody"], "Error::NotFound"),
        (&["remark", "alice", "bob", "B"], "()"),
        (&["friends", "alice"], r#"([("bob", "B")], 1)"#),
        (&["friends", "bob"], r#"([("alice", "")], 1)"#),
        (&["unfriend", "bob", "alice"], "true"),
        (&["unfriend", "bob", "alice"], "false"),
        (&["friends", "alice"], "([], 0)"),
        (&["block", "alice", "bob"], "true"),
        (&["block", "alice", "bob"], "false"),
        (&["blocked", "alice"], r#"["bob"]"#),
        (&["befriend", "bob", "alice"], "refused blocked"),
        (&["unblock", "alice", "bob"], "true"),
        (&["blocked", "alice"], "[]"),
    ])
    .await;
}
