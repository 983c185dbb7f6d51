use serde_json::{Value, json};

use super::commands::Scene;
use crate::harness::{App, Guest, Way, guest};

/// Commands that name something of an app; the others are about oneself.
fn names_something(data: &Value) -> bool {
    ["conversation", "message", "messages"]
        .iter()
        .any(|field| data.get(field).is_some())
}

#[tokio::test]
async fn nothing_of_another_app_or_of_others_exists() {
    let (ours, theirs) = (App::new().await, App::new().await);
    let owner = theirs.user("alice").await;
    let scene = Scene::of(&owner).await;
    // The same name in another app, and a user of the same app who is not in it.
    for stranger in [ours.user("alice").await, theirs.user("mallory").await] {
        for way in Way::BOTH {
            let mut door = stranger.by(way).await;
            for example in scene
                .commands()
                .into_iter()
                .filter(|example| names_something(&example.data))
            {
                let same_app = stranger.token != ours.stranger("alice").token && stranger.uid == "mallory";
                let public = example.data["conversation"] == scene.room
                    && ["member.join", "conversation.get"].contains(&example.kind);
                if same_app && public {
                    continue;
                }
                match door.attempt(example.kind, example.data.clone()).await {
                    Err(failure) => assert_eq!(failure.code, "not_found", "{way:?} {} {failure:?}", example.kind),
                    Ok(reply) => panic!("{way:?} {} {}: {reply}", example.kind, example.data),
                }
            }
            for user in ["bob", "carol"] {
                if stranger.uid == "alice" {
                    door.refused("user.get", json!({ "user": user })).await.is("not_found");
                }
            }
        }
    }
    assert_eq!(
        owner.texts(scene.group).await,
        ["look"],
        "and nothing has happened to it"
    );
    let mine = ours.user("alice").await;
    assert_eq!(
        mine.call("conversation.list", json!({})).await["conversations"],
        json!([])
    );
    let presence = mine.call("presence.get", json!({ "users": ["bob"] })).await;
    assert_eq!(presence["presence"][0]["online"], false);
}

#[tokio::test]
async fn a_reply_and_a_reaction_stay_inside_their_conversation() {
    let app = App::new().await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let (secret, public) = (
        alice.conversation("group", &[]).await,
        alice.conversation("group", &[&bob]).await,
    );
    let hidden = alice.say(secret, "secret").await["id"].clone();
    let data = json!({ "conversation": public, "kind": "text", "body": { "text": "x" }, "reply_to": hidden });
    bob.attempt("message.send", data).await.unwrap_err().is("not_found");
}

#[tokio::test]
async fn a_tenant_cannot_touch_another_tenants_plugins_users_and_jobs() {
    let (ours, theirs) = (App::new().await, App::new().await);
    theirs
        .upload("tagger", guest(Guest::Tagger))
        .config(json!({ "tag": "!" }))
        .install()
        .await;
    theirs.user("alice").await;
    let intruder = ours.posing_as(&theirs);
    for (method, path, body) in [
        ("GET", "", Value::Null),
        ("PATCH", "", json!({ "name": "mine" })),
        ("POST", "/secret/rotate", Value::Null),
        ("GET", "/users/alice", Value::Null),
        ("PUT", "/users/alice", json!({ "nickname": "x" })),
        ("POST", "/users/alice/tokens", json!({})),
        ("DELETE", "/users/alice/tokens", Value::Null),
        ("POST", "/users/alice/ban", json!({})),
        ("POST", "/users/alice/unban", Value::Null),
        ("GET", "/plugins", Value::Null),
        ("GET", "/plugins/tagger", Value::Null),
        ("PATCH", "/plugins/tagger", json!({ "enabled": false })),
        ("POST", "/plugins/tagger/rollback", Value::Null),
        ("GET", "/plugins/tagger/logs", Value::Null),
        ("GET", "/plugins/tagger/trace", Value::Null),
        ("PUT", "/plugins/tagger/trace", json!({ "seconds": 60 })),
        ("DELETE", "/plugins/tagger/trace", Value::Null),
        ("DELETE", "/plugins/tagger", Value::Null),
        ("GET", "/jobs?state=dead", Value::Null),
        ("POST", "/jobs/1/retry", Value::Null),
        ("GET", "/plugins/tagger/timers", Value::Null),
        ("DELETE", "/plugins/tagger/timers/t", Value::Null),
        ("GET", "/webhooks", Value::Null),
        ("POST", "/webhooks/retry", json!({ "plugin": "tagger", "target": "t" })),
        ("POST", "/webhooks/x/retry", Value::Null),
        ("DELETE", "/webhooks/x", Value::Null),
    ] {
        intruder.admin(method, path, body).await.refused().is("not_found");
    }
    intruder
        .upload("mine", guest(Guest::Noop))
        .send()
        .await
        .refused()
        .is("not_found");
    ours.admin("GET", "/plugins/tagger", Value::Null)
        .await
        .refused()
        .is("not_found");
    assert_eq!(theirs.plugin("tagger").await["state"], "active");
    assert_eq!(
        theirs.admin("GET", "/users/alice", Value::Null).await.ok()["nickname"],
        ""
    );
}
