use serde_json::{Value, json};

use crate::harness::{App, Guest, Home, bundled, eventually, guest, variant};

/// What is stored when someone says `text`.
async fn said(app: &App, text: &str) -> String {
    let user = app.user("speaker").await;
    let id = user.conversation("group", &[]).await;
    user.say(id, text).await;
    user.texts(id).await.remove(0)
}

#[tokio::test]
async fn a_plugin_is_installed_shown_disabled_and_removed() {
    let app = App::new().await;
    let made = app
        .upload("tags", guest(Guest::Tagger))
        .config(json!({ "tag": "!" }))
        .priority(3)
        .install()
        .await;
    assert_eq!(
        (&made["name"], &made["state"], &made["enabled"]),
        (&json!("tags"), &json!("active"), &json!(true))
    );
    assert_eq!(
        (&made["current"]["number"], &made["previous"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(
        (&made["priority"], &made["config"], &made["grants"]),
        (&json!(3), &json!({ "tag": "!" }), &json!([]))
    );
    assert_eq!(said(&app, "hi").await, "hi!");

    assert_eq!(
        app.change_plugin("tags", json!({ "enabled": false })).await["state"],
        "disabled"
    );
    assert_eq!(said(&app, "hi").await, "hi");
    app.change_plugin("tags", json!({ "enabled": true, "config": { "tag": "?" } }))
        .await;
    assert_eq!(said(&app, "hi").await, "hi?");
    let listed = app.admin("GET", "/plugins", Value::Null).await.ok();
    assert_eq!(listed["plugins"].as_array().unwrap().len(), 1);
    assert_eq!(listed["plugins"][0]["name"], "tags");

    assert_eq!(app.admin("DELETE", "/plugins/tags", Value::Null).await.status, 204);
    assert_eq!(said(&app, "hi").await, "hi");
    app.admin("GET", "/plugins/tags", Value::Null)
        .await
        .refused()
        .is("not_found");
    app.admin("PATCH", "/plugins/tags", json!({ "enabled": true }))
        .await
        .refused()
        .is("not_found");
    app.admin("DELETE", "/plugins/tags", Value::Null)
        .await
        .refused()
        .is("not_found");
}

#[tokio::test]
async fn an_upgrade_can_be_rolled_back() {
    let app = App::new().await;
    app.upload("mine", guest(Guest::Tagger))
        .config(json!({ "tag": "!" }))
        .install()
        .await;
    app.admin("POST", "/plugins/mine/rollback", Value::Null)
        .await
        .refused()
        .is("conflict");
    let second = app.upload("mine", guest(Guest::NoLinks)).install().await;
    assert_eq!(
        (&second["current"]["number"], &second["previous"]["number"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(said(&app, "hi").await, "hi");
    let back = app.admin("POST", "/plugins/mine/rollback", Value::Null).await.ok();
    assert_eq!(back["current"]["number"], 1, "{back}");
    assert_eq!(said(&app, "hi").await, "hi!", "its configuration has stayed");
}

#[tokio::test]
async fn nothing_is_used_that_was_not_granted() {
    let app = App::new().await;
    for (grants, missing) in [("", "kv"), ("kv", "messages-send"), ("messages-send,users", "kv")] {
        let refusal = app
            .upload("counter", guest(Guest::Counter))
            .grants(grants)
            .send()
            .await
            .refused();
        assert!(refusal.is("plugin_rejected").message.contains(missing), "{refusal:?}");
    }
    app.upload("counter", guest(Guest::Counter))
        .grants("kv,telepathy")
        .send()
        .await
        .refused()
        .is("bad_field");
    app.admin("GET", "/plugins/counter", Value::Null)
        .await
        .refused()
        .is("not_found");
    let made = app
        .upload("counter", guest(Guest::Counter))
        .grants("kv,messages-send")
        .install()
        .await;
    assert_eq!(made["grants"], json!(["kv", "messages-send"]));
    // Taking back what it needs is refused as well, and it goes on as it was.
    let less = app
        .admin("PATCH", "/plugins/counter", json!({ "grants": ["kv"] }))
        .await
        .refused();
    assert!(less.is("plugin_rejected").message.contains("messages-send"), "{less:?}");
    assert_eq!(app.plugin("counter").await["grants"], json!(["kv", "messages-send"]));
}

#[tokio::test]
async fn a_configuration_must_fit_the_plugins_own_schema() {
    let app = App::new().await;
    for config in [
        json!({}),
        json!({ "tag": 5 }),
        json!({ "tag": "!", "more": 1 }),
        json!({ "tag": "x".repeat(33) }),
    ] {
        let refusal = app
            .upload("tags", guest(Guest::Tagger))
            .config(config)
            .send()
            .await
            .refused();
        assert!(
            refusal
                .field
                .as_deref()
                .is_some_and(|field| field.starts_with("config")),
            "{refusal:?}"
        );
        refusal.is("bad_field");
    }
    app.upload("tags", guest(Guest::Tagger))
        .config(json!([]))
        .send()
        .await
        .refused()
        .is("bad_field");
    app.upload("tags", guest(Guest::Tagger))
        .config(json!({ "tag": "!" }))
        .install()
        .await;
    app.admin("PATCH", "/plugins/tags", json!({ "config": { "tag": 5 } }))
        .await
        .refused()
        .is("bad_field");
    app.admin("PATCH", "/plugins/tags", json!({ "config": 5 }))
        .await
        .refused()
        .is("bad_field");
    app.admin("PATCH", "/plugins/tags", json!({ "nonsense": 5 }))
        .await
        .refused()
        .is("bad_field");
    assert_eq!(said(&app, "hi").await, "hi!", "what was refused has changed nothing");
}

#[tokio::test]
async fn a_refused_upgrade_leaves_the_running_version_alone() {
    let app = App::new().await;
    app.upload("tags", guest(Guest::Tagger))
        .config(json!({ "tag": "!" }))
        .install()
        .await;
    for component in [b"nonsense".to_vec(), guest(Guest::Counter), guest(Guest::Startloop)] {
        app.upload("tags", component)
            .send()
            .await
            .refused()
            .is("plugin_rejected");
    }
    let bad_config = app
        .upload("tags", variant(guest(Guest::Tagger), "v2"))
        .config(json!({ "tag": 1 }));
    bad_config.send().await.refused().is("bad_field");
    let running = app.plugin("tags").await;
    assert_eq!(
        (&running["current"]["number"], &running["state"]),
        (&json!(1), &json!("active"))
    );
    assert_eq!(said(&app, "hi").await, "hi!");
}

#[tokio::test]
async fn names_are_checked_and_a_component_is_inspected_without_being_installed() {
    let app = App::new().await;
    app.upload("Not%20A%20Name", guest(Guest::Noop))
        .send()
        .await
        .refused()
        .is("bad_field")
        .blames("name");
    let path = "/admin/api/plugins/inspect";
    let found = crate::harness::request(app.server.address, "POST", path)
        .bearer(crate::harness::ADMIN_TOKEN)
        .header("content-type", "application/wasm".to_owned())
        .bytes(bundled("standard-types"))
        .send()
        .await
        .ok();
    assert_eq!(found["hooks"], json!(["about", "message-type"]), "{found}");
    assert!(found["size"].as_u64() > Some(10_000) && found["digest"].as_str().unwrap().len() == 64);
    assert!(found["kinds"].to_string().contains("image"), "{found}");
    let refused = crate::harness::request(app.server.address, "POST", path)
        .bearer(crate::harness::ADMIN_TOKEN)
        .header("content-type", "application/wasm".to_owned())
        .bytes("nonsense")
        .send()
        .await;
    refused.refused().is("plugin_rejected");
}

#[tokio::test]
async fn what_a_plugin_has_stored_is_its_own_and_survives_upgrades_and_restarts() {
    let home = Home::new();
    let server = std::sync::Arc::new(home.start(&[]));
    let (app, other) = (App::on(&server, json!({})).await, App::on(&server, json!({})).await);
    let alice = app.user("alice").await;
    let id = alice.conversation("group", &[]).await;
    for app in [&app, &other] {
        app.upload("counter", guest(Guest::Counter))
            .grants("kv,messages-send")
            .install()
            .await;
    }
    let answers = async |alice: &crate::harness::User, count: usize| {
        alice.say(id, "count").await;
        eventually("an answer", async || {
            let texts = alice.texts(id).await;
            (texts.len() == count).then(|| texts[count - 1].clone())
        })
        .await
    };
    assert_eq!(answers(&alice, 2).await, "1");
    let bob = other.user("bob").await;
    let theirs = bob.conversation("group", &[]).await;
    bob.say(theirs, "count").await;
    eventually("the other tenant's own count", async || {
        (bob.texts(theirs).await == ["count", "1"]).then_some(())
    })
    .await;

    app.upload("counter", variant(guest(Guest::Counter), "v2"))
        .grants("kv,messages-send")
        .install()
        .await;
    assert_eq!(answers(&alice, 4).await, "2");
    assert!(server.stop().await);
    drop((alice, bob, server));

    let server = std::sync::Arc::new(home.start(&[]));
    let app = app.moved(&server);
    let alice = app.user("alice").await;
    assert_eq!(answers(&alice, 6).await, "3");
    let keep = app
        .admin("DELETE", "/plugins/counter?keep_data=true", Value::Null)
        .await;
    assert_eq!(keep.status, 204);
    app.upload("counter", guest(Guest::Counter))
        .grants("kv,messages-send")
        .install()
        .await;
    assert_eq!(answers(&alice, 8).await, "4");
    app.admin("DELETE", "/plugins/counter", Value::Null).await;
    app.upload("counter", guest(Guest::Counter))
        .grants("kv,messages-send")
        .install()
        .await;
    assert_eq!(answers(&alice, 10).await, "1");
}
