use serde_json::{Value, json};

use super::{GRANTS, audit, becomes, groups};
use crate::harness::{App, Guest, Server, User, guest, variant};

/// An app in which `p` leaves everything as it is and may be followed by what misbehaves.
async fn harmless(app: App) -> (App, User) {
    app.upload("p", guest(Guest::Noop)).grants(GRANTS).install().await;
    let ann = app.user("ann").await;
    (app, ann)
}

/// Lets the policy fail as often as it takes to suspend it. It fails open: the messages pass.
async fn break_down(user: &User, conversation: u64) {
    for _ in 0..5 {
        user.say(conversation, "policy panic").await;
    }
}

/// A conversation that meets `naughty` as the canary.
async fn in_canary(user: &User) -> u64 {
    for id in groups(user, 20).await {
        let refused = json!({ "conversation": id, "kind": "text", "body": { "text": "policy refuse" } });
        if user.attempt("message.send", refused).await.is_err() {
            return id;
        }
    }
    panic!("none of 20 conversations meets a canary of 99 percent");
}

#[tokio::test]
async fn what_fails_its_probe_is_never_activated() {
    let (app, ann) = harmless(App::new().await).await;
    let before = app.plugin("p").await;
    for component in [guest(Guest::Startloop), b"nonsense".to_vec(), guest(Guest::Greeter)] {
        for canary in [None, Some(10)] {
            let upload = app.upload("p", component.clone());
            let upload = canary
                .into_iter()
                .fold(upload, |upload, percent| upload.canary(percent));
            let refused = upload.send().await.refused();
            assert!(refused.is("plugin_rejected").message.len() > 10, "{refused:?}");
        }
    }
    let after = app.plugin("p").await;
    for what in ["current", "previous", "canary", "state", "activated_at"] {
        assert_eq!(after[what], before[what], "{what}");
    }
    assert_eq!(audit(&app, "p").await.len(), 1, "what was refused was not done");
    let id = ann.conversation("group", &[]).await;
    ann.say(id, "hi").await;
}

#[tokio::test]
async fn a_canary_that_fails_is_ended() {
    let (app, ann) = harmless(App::new().await).await;
    app.upload("p", guest(Guest::Naughty)).canary(99).install().await;
    let id = in_canary(&ann).await;
    break_down(&ann, id).await;
    let plugin = becomes(&app, "p", "the end of the canary", |plugin| plugin["canary"].is_null()).await;
    assert_eq!(
        (&plugin["current"]["number"], &plugin["state"]),
        (&json!(1), &json!("active"))
    );
    ann.say(id, "policy refuse").await;
    let (who, what, detail) = audit(&app, "p").await.pop().unwrap();
    assert_eq!((who.as_str(), what.as_str()), ("automatic", "auto_rolled_back"));
    assert_eq!((&detail["version"], &detail["percent"]), (&json!(2), &json!(99)));
    assert!(detail["reason"].as_str().unwrap().contains("policy"), "{detail}");
    let log = app.plugin_log("p").await;
    assert!(
        log.contains("canary: policy failed")
            && log.contains("version 2 failed too often and is rolled back to version 1"),
        "{log}"
    );
}

#[tokio::test]
async fn a_canary_stays_if_the_install_says_so() {
    let (app, ann) = harmless(App::new().await).await;
    let upload = app.upload("p", guest(Guest::Naughty)).canary(99);
    upload.auto_rollback(false).install().await;
    let id = in_canary(&ann).await;
    break_down(&ann, id).await;
    let plugin = app.plugin("p").await;
    assert_eq!(
        (&plugin["state"], &plugin["canary"]["state"]),
        (&json!("active"), &json!("suspended")),
        "{plugin}"
    );
    assert!(plugin["canary"]["reason"].as_str().unwrap().contains("policy"));
}

#[tokio::test]
async fn a_new_version_that_fails_is_rolled_back_if_the_install_says_so() {
    let (app, ann) = harmless(App::new().await).await;
    let upload = app.upload("p", guest(Guest::Naughty)).auto_rollback(true);
    let second = upload.install().await;
    assert_eq!(
        (&second["current"]["number"], &second["auto_rollback"]),
        (&json!(2), &json!(true))
    );
    let id = ann.conversation("group", &[]).await;
    break_down(&ann, id).await;
    let back = becomes(&app, "p", "the version before", |plugin| {
        plugin["current"]["number"] == 1
    })
    .await;
    assert_eq!(
        (&back["previous"]["number"], &back["state"]),
        (&json!(2), &json!("active"))
    );
    let (who, what, detail) = audit(&app, "p").await.pop().unwrap();
    assert_eq!((who.as_str(), what.as_str()), ("automatic", "auto_rolled_back"));
    assert_eq!(
        (&detail["version"], &detail["before"]["version"]),
        (&json!(1), &json!(2))
    );

    // Gone back to by hand, it stays: what was gone back from is no place to go back to.
    app.upload("p", variant(guest(Guest::Naughty), "v3")).install().await;
    app.admin("POST", "/plugins/p/rollback", Value::Null).await.ok();
    let third = app.admin("POST", "/plugins/p/rollback", Value::Null).await.ok();
    assert_eq!(third["current"]["number"], 3);
    break_down(&ann, id).await;
    becomes(&app, "p", "version 1 again", |plugin| plugin["current"]["number"] == 1).await;
}

#[tokio::test]
async fn a_version_that_fails_otherwise_is_suspended_only() {
    let (app, ann) = harmless(App::new().await).await;
    app.upload("p", guest(Guest::Naughty)).install().await;
    let id = ann.conversation("group", &[]).await;
    break_down(&ann, id).await;
    let plugin = app.plugin("p").await;
    assert_eq!(
        (&plugin["current"]["number"], &plugin["state"]),
        (&json!(2), &json!("suspended"))
    );

    // One that was good for as long as it is watched is not new any more.
    let server = Server::start(&["plugins.watch_ms=0"]);
    let (app, ann) = harmless(App::on(&server, json!({})).await).await;
    let upload = app.upload("p", guest(Guest::Naughty)).auto_rollback(true);
    upload.install().await;
    let id = ann.conversation("group", &[]).await;
    break_down(&ann, id).await;
    let plugin = app.plugin("p").await;
    assert_eq!(
        (&plugin["current"]["number"], &plugin["state"]),
        (&json!(2), &json!("suspended"))
    );
}
