use serde_json::{Value, json};

use crate::harness::{App, Guest, bundled, guest, text_to};

async fn tagger(app: &App, name: &str, priority: i32) {
    let config = json!({ "tag": format!("[{name}]") });
    app.upload(name, guest(Guest::Tagger))
        .config(config)
        .priority(priority)
        .install()
        .await;
}

#[tokio::test]
async fn policies_are_asked_by_priority_then_name() {
    let app = App::new().await;
    let alice = app.user("alice").await;
    let id = alice.conversation("group", &[]).await;
    for (name, priority) in [("d", 5), ("a", 5), ("c", -5), ("b", 0)] {
        tagger(&app, name, priority).await;
    }
    let mut hears = alice.on("desk").open().await;
    let stored = alice.say(id, "x").await;
    assert_eq!(hears.heard().await, "x[c][b][a][d]");
    assert_eq!(
        stored["body"]["text"], "x[c][b][a][d]",
        "the sender is told what was stored"
    );
    app.change_plugin("c", json!({ "priority": 6 })).await;
    alice.say(id, "x").await;
    assert_eq!(hears.heard().await, "x[b][a][d][c]");
    let mut transient = text_to(id, "psst");
    transient["transient"] = json!(true);
    alice.call("message.send", transient).await;
    assert_eq!(
        hears.heard().await,
        "psst[b][a][d][c]",
        "what is not stored is judged as well"
    );
}

#[tokio::test]
async fn a_refusal_has_the_plugins_own_code_and_ends_the_chain() {
    let app = App::new().await;
    let alice = app.user("alice").await;
    let id = alice.conversation("group", &[]).await;
    app.upload("links", guest(Guest::NoLinks)).priority(1).install().await;
    tagger(&app, "late", 2).await;
    let mut socket = alice.connect().await;
    for failure in [
        socket
            .attempt("message.send", text_to(id, "see http://a"))
            .await
            .unwrap_err(),
        alice
            .attempt("message.send", text_to(id, "see http://a"))
            .await
            .unwrap_err(),
    ] {
        assert_eq!(
            (failure.code.as_str(), failure.message.as_str()),
            ("no_links", "Links are not welcome here.")
        );
        assert!(failure.status.is_none_or(|status| status == 422));
    }
    assert_eq!(socket.say(id, "fine").await["seq"], 1, "what is refused is not stored");
    assert_eq!(alice.texts(id).await, ["fine[late]"]);
    let counters = app.counters("links", "policy").await;
    assert_eq!(
        (&counters["calls"], &counters["refused"]),
        (&json!(3), &json!(2)),
        "{counters}"
    );
    assert_eq!(app.counters("late", "policy").await["calls"], 1);
}

#[tokio::test]
async fn a_hook_that_does_not_apply_is_not_called() {
    let app = App::with(json!({ "unowned_kinds": "accept" })).await;
    let alice = app.user("alice").await;
    let id = alice.conversation("group", &[]).await;
    tagger(&app, "text-only", 0).await;
    let note = json!({ "conversation": id, "kind": "note", "body": { "text": "x" } });
    alice.call("message.send", note).await;
    assert_eq!(alice.texts(id).await, ["x"]);
    assert_eq!(app.counters("text-only", "policy").await["calls"], 0);
}

#[tokio::test]
async fn another_apps_plugins_do_not_judge() {
    let (one, two) = (App::new().await, App::new().await);
    tagger(&one, "t", 0).await;
    let alice = two.user("alice").await;
    let id = alice.conversation("group", &[]).await;
    alice.say(id, "plain").await;
    assert_eq!(alice.texts(id).await, ["plain"]);
}

#[tokio::test]
async fn opening_a_conversation_may_be_greeted() {
    let app = App::new().await;
    app.upload("greeter", guest(Guest::Greeter))
        .grants("connections,messages-send")
        .install()
        .await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let id = alice.conversation("direct", &[&bob]).await;
    let (mut socket, mut peer) = (alice.connect().await, bob.connect().await);
    socket.call("conversation.open", json!({ "conversation": id })).await;
    let pushed = socket.event("plugin.greeter.greeting").await;
    assert_eq!(
        (&pushed["data"], pushed.get("cursor")),
        (&json!({ "text": "Hello, alice!" }), None)
    );
    let event = peer.event("message.sent").await;
    assert_eq!(
        (&event["data"]["from"], &event["data"]["origin"]),
        (&Value::Null, &json!("greeter")),
        "{event}"
    );
    assert_eq!(socket.heard().await, "Hello, alice!");
    assert_eq!(peer.events_so_far("plugin.greeter.greeting").await, [Value::Null; 0]);
}

#[tokio::test]
async fn a_kind_has_one_owner_in_an_app() {
    let app = App::new().await;
    app.upload("types", bundled("standard-types")).install().await;
    let again = app
        .upload("more-types", bundled("standard-types"))
        .send()
        .await
        .refused();
    assert!(
        ["conflict", "plugin_rejected"].contains(&again.code.as_str()),
        "{again:?}"
    );
    let alice = app.user("alice").await;
    let id = alice.conversation("group", &[]).await;
    alice
        .call(
            "message.send",
            json!({ "conversation": id, "kind": "image", "body": { "url": "/a.png" } }),
        )
        .await;
    assert_eq!(app.counters("types", "message-type").await["calls"], 1);
}
