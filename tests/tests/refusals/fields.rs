use serde_json::{Value, json};

use super::commands::Scene;
use crate::harness::{App, Way};

#[tokio::test]
async fn the_examples_are_right() {
    for way in Way::BOTH {
        let app = App::new().await;
        let alice = app.user("alice").await;
        let scene = Scene::of(&alice).await;
        // A message that was deleted for oneself is not there to be recalled.
        let mut door = alice.by(way).await;
        for example in scene.commands() {
            if example.kind == "message.recall" || (way == Way::Rest && example.kind == "presence.watch") {
                continue;
            }
            if let Err(failure) = door.attempt(example.kind, example.data.clone()).await {
                panic!("{way:?} {} {}: {failure:?}", example.kind, example.data);
            }
        }
    }
}

#[tokio::test]
async fn a_missing_or_wrong_field_is_named() {
    let app = App::new().await;
    let alice = app.user("alice").await;
    let scene = Scene::of(&alice).await;
    let mut socket = alice.connect().await;
    for example in scene.commands() {
        for field in example.required {
            let mut data = example.data.clone();
            data.as_object_mut().unwrap().remove(*field);
            let what = format!("{} without {field}", example.kind);
            match socket.attempt(example.kind, data).await {
                Err(failure) => {
                    assert_eq!(
                        (failure.code.as_str(), failure.field.as_deref()),
                        ("missing_field", Some(*field)),
                        "{what}"
                    );
                }
                Ok(reply) => panic!("{what} was answered with {reply}"),
            }
        }
        for field in example.data.as_object().unwrap().keys() {
            for wrong in [json!([{}]), json!(true), json!(1.5), Value::Null] {
                // A flag may be true.
                if wrong.is_boolean() && example.data[field].is_boolean() {
                    continue;
                }
                let mut data = example.data.clone();
                data[field] = wrong.clone();
                let what = format!("{} with {field}: {wrong}", example.kind);
                let Err(failure) = socket.attempt(example.kind, data).await else {
                    // What is optional may be null.
                    assert!(
                        wrong.is_null() && !example.required.contains(&field.as_str()),
                        "{what} was accepted"
                    );
                    continue;
                };
                let codes = ["bad_field", "missing_field", "bad_body"];
                assert!(codes.contains(&failure.code.as_str()), "{what}: {failure:?}");
                let blamed = failure.field.unwrap_or_default();
                assert!(blamed.starts_with(field.as_str()), "{what} blames {blamed:?}");
            }
        }
    }
    socket.call("ping", Value::Null).await;
}

#[tokio::test]
async fn rest_names_the_field_too() {
    let app = App::new().await;
    let alice = app.user("alice").await;
    let scene = Scene::of(&alice).await;
    let (group, message) = (
        format!("/v1/conversations/{}", scene.group),
        format!("/v1/messages/{}", scene.message),
    );
    for (method, path, body, code, field) in [
        (
            "POST",
            format!("{group}/messages"),
            json!({ "kind": "text" }),
            "missing_field",
            "body",
        ),
        (
            "POST",
            format!("{group}/messages"),
            json!({ "body": {} }),
            "missing_field",
            "kind",
        ),
        (
            "POST",
            format!("{group}/messages"),
            json!({ "kind": 5, "body": {} }),
            "bad_field",
            "kind",
        ),
        (
            "GET",
            format!("{group}/messages?limit=x"),
            Value::Null,
            "bad_field",
            "limit",
        ),
        (
            "GET",
            format!("{group}/messages?before=-1"),
            Value::Null,
            "bad_field",
            "before",
        ),
        (
            "GET",
            format!("{group}/members?limit=1001"),
            Value::Null,
            "bad_field",
            "limit",
        ),
        (
            "POST",
            format!("{group}/members"),
            json!({ "users": "bob" }),
            "bad_field",
            "users",
        ),
        ("POST", format!("{group}/members"), json!({}), "missing_field", "users"),
        (
            "PATCH",
            format!("{group}/members/bob"),
            json!({ "role": "king" }),
            "bad_field",
            "role",
        ),
        (
            "PATCH",
            format!("{group}/members/bob"),
            json!({ "muted_until": "soon" }),
            "bad_field",
            "muted_until",
        ),
        (
            "POST",
            format!("{group}/receipts"),
            json!({ "read_seq": "x" }),
            "bad_field",
            "read_seq",
        ),
        ("PATCH", group.clone(), json!({ "muted": 1 }), "bad_field", "muted"),
        ("PATCH", message, json!({}), "missing_field", "body"),
        (
            "PATCH",
            "/v1/me".to_owned(),
            json!({ "nickname": 5 }),
            "bad_field",
            "nickname",
        ),
        (
            "POST",
            "/v1/conversations".to_owned(),
            json!({ "kind": "room" }),
            "bad_field",
            "kind",
        ),
        (
            "GET",
            "/v1/conversations?limit=0".to_owned(),
            Value::Null,
            "bad_field",
            "limit",
        ),
    ] {
        let refusal = alice.rest(method, &path, body.clone()).await.refused();
        assert_eq!(
            (refusal.code.as_str(), refusal.field.as_deref()),
            (code, Some(field)),
            "{method} {path} {body}"
        );
    }
}
