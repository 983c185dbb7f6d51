use serde_json::{Value, json};

use crate::harness::{App, Server, eventually};

#[tokio::test]
async fn the_operator_is_told_what_is_wrong() {
    let server = Server::shared();
    let app = App::new().await;
    let one = format!("/apps/{}", app.id);
    for (method, path, body, code, field) in [
        ("POST", "/apps", json!({}), "missing_field", Some("name")),
        ("POST", "/apps", json!({ "name": "" }), "bad_field", Some("name")),
        (
            "POST",
            "/apps",
            json!({ "name": "x", "id": 0 }),
            "bad_field",
            Some("id"),
        ),
        ("POST", "/apps", json!({ "name": "x", "id": app.id }), "conflict", None),
        (
            "POST",
            "/apps",
            json!({ "name": "x", "login": "often" }),
            "bad_field",
            Some("login"),
        ),
        (
            "POST",
            "/apps",
            json!({ "name": "x", "colour": "red" }),
            "bad_field",
            Some("colour"),
        ),
        (
            "PATCH",
            &one,
            json!({ "text_chars": 0 }),
            "bad_field",
            Some("text_chars"),
        ),
        (
            "PATCH",
            &one,
            json!({ "text_chars": 1_000_000 }),
            "bad_field",
            Some("text_chars"),
        ),
        ("PATCH", &one, json!({ "enabled": "no" }), "bad_field", Some("enabled")),
        ("PATCH", &one, json!([]), "bad_frame", None),
        ("GET", "/apps/4000000", Value::Null, "not_found", None),
        ("PATCH", "/apps/4000000", json!({ "name": "x" }), "not_found", None),
        ("POST", &format!("{one}/users/nobody/ban"), json!({}), "not_found", None),
        (
            "PUT",
            &format!("{one}/users/alice"),
            json!({ "attributes": [] }),
            "bad_field",
            Some("attributes"),
        ),
        (
            "GET",
            &format!("{one}/jobs?state=happy"),
            Value::Null,
            "bad_field",
            Some("state"),
        ),
        (
            "GET",
            &format!("{one}/plugins/none/logs"),
            Value::Null,
            "not_found",
            None,
        ),
    ] {
        let refusal = server.admin(method, path, body.clone()).await.refused();
        let found = (refusal.code.as_str(), refusal.field.as_deref());
        let expected = (code, field.or(found.1.filter(|_| field.is_none())));
        assert_eq!(found, expected, "{method} {path} {body}: {refusal:?}");
    }
    let long = server
        .admin("PUT", &format!("{one}/users/{}", "x".repeat(65)), json!({}))
        .await
        .refused();
    assert!(["bad_field", "not_found"].contains(&long.code.as_str()), "{long:?}");
}

#[tokio::test]
async fn editing_and_recalling_may_end_after_a_while() {
    let app = App::with(json!({ "recall_seconds": 1 })).await;
    let alice = app.user("alice").await;
    let id = alice.conversation("group", &[]).await;
    let message = alice.say(id, "oops").await["id"].clone();
    let edit = json!({ "message": message, "body": { "text": "fixed" } });
    let refusal = eventually("the second to pass", async || {
        alice.attempt("message.edit", edit.clone()).await.err()
    });
    refusal.await.is("not_permitted");
    let recall = alice.attempt("message.recall", json!({ "message": message })).await;
    recall.unwrap_err().is("not_permitted");
}
