//! Every event reaches an observer that asks for it; and who was away is told of after the policies were asked.

use serde_json::{Value, json};

use crate::harness::{App, Guest, Server, User, eventually, guest, request, text_to};

async fn witness(app: &App, config: Value) {
    let upload = app.upload("witness", guest(Guest::Witness));
    upload
        .grants("connections,kv,messages-send,messages-edit,webhooks")
        .config(config)
        .install()
        .await;
}

/// Waits until the witness has said a line so many times.
async fn heard_times(app: &App, line: &str, times: usize) {
    eventually(&format!("{line:?} to be heard {times} times"), async || {
        let lines = app.plugin_lines("witness").await;
        let count = lines.iter().filter(|said| *said == line).count();
        assert!(count <= times, "{line:?} more than {times} times: {lines:?}");
        (count == times).then_some(())
    })
    .await;
}

async fn heard(app: &App, line: &str) {
    heard_times(app, line, 1).await;
}

#[tokio::test]
async fn comings_and_goings_are_told_in_their_order() {
    const TIMES: usize = 10;
    let app = App::new().await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    witness(&app, json!({})).await;
    for _ in 0..TIMES {
        // Who comes a second time is there already, and who keeps one connection has not gone.
        let (first, second) = (bob.connect().await, bob.connect().await);
        drop(first);
        drop(second);
        eventually("bob to be gone", async || {
            let seen = alice.call("presence.get", json!({ "users": ["bob"] })).await;
            (seen["presence"][0]["online"] == false).then_some(())
        })
        .await;
    }
    let told = eventually("all of it to be told", async || {
        let lines = app.plugin_lines("witness").await;
        let of_bob: Vec<String> = lines.into_iter().filter(|line| line.ends_with(" bob")).collect();
        (of_bob.len() >= 2 * TIMES).then_some(of_bob)
    })
    .await;
    assert_eq!(told, ["user-online bob", "user-offline bob"].repeat(TIMES));
}

#[tokio::test]
async fn an_observer_hears_of_every_event() {
    let app = App::new().await;
    let [alice, bob, carol] = app.users(["alice", "bob", "carol"]).await;
    witness(&app, json!({})).await;

    let mut there = bob.connect().await;
    heard(&app, "user-online bob").await;
    let new = json!({ "kind": "group", "name": "club", "members": ["bob"] });
    let id = alice.call("conversation.create", new).await["id"].as_u64().unwrap();
    heard(&app, "conversation-created club").await;
    alice
        .call("conversation.update", json!({ "conversation": id, "name": "pub" }))
        .await;
    heard(&app, "conversation-updated pub").await;
    alice
        .call("conversation.announce", json!({ "conversation": id, "text": "hear!" }))
        .await;
    heard(&app, "announced hear!").await;
    heard_times(&app, "conversation-updated pub", 2).await;

    let message = alice.say(id, "hi").await["id"].clone();
    heard(&app, "message-sent hi").await;
    let of = |more: Value| {
        let mut data = more;
        data["message"] = message.clone();
        data
    };
    alice
        .call("message.edit", of(json!({ "body": { "text": "ho" } })))
        .await;
    heard(&app, "message-edited ho").await;
    bob.call("message.react", of(json!({ "emoji": "👍", "add": true })))
        .await;
    heard(&app, "reaction-added bob 👍").await;
    bob.call("message.react", of(json!({ "emoji": "👍", "add": false })))
        .await;
    heard(&app, "reaction-removed bob 👍").await;
    there
        .call("receipt.read", json!({ "conversation": id, "seq": 1 }))
        .await;
    heard(&app, "marked bob 1/1 of 1").await;
    bob.call("message.delete", json!({ "messages": [message] })).await;
    heard(&app, "messages-hidden bob 1").await;
    alice.call("message.recall", of(json!({}))).await;
    heard(&app, "message-recalled 1").await;

    alice
        .call("member.add", json!({ "conversation": id, "users": ["carol"] }))
        .await;
    heard(&app, "members-joined carol").await;
    alice
        .call(
            "member.role",
            json!({ "conversation": id, "user": "carol", "role": "admin" }),
        )
        .await;
    heard(&app, "member-updated carol Role::Admin by alice").await;
    carol.call("member.leave", json!({ "conversation": id })).await;
    heard(&app, "members-left carol").await;
    alice.call("user.update", json!({ "nickname": "Al" })).await;
    heard(&app, "user-updated alice Al").await;
    let upload = request(alice.address(), "POST", "/v1/files").bearer(&alice.token);
    upload.form(&[("file", Some("a.txt"), b"hello")]).send().await.ok();
    heard(&app, "file-uploaded a.txt 5 alice").await;
    there.close().await;
    heard(&app, "user-offline bob").await;
    alice.call("conversation.dissolve", json!({ "conversation": id })).await;
    heard(&app, "conversation-dissolved pub").await;
    // New users are no changed ones.
    app.user("dave").await;
    let log = app.plugin_log("witness").await;
    assert!(!log.contains("user-updated dave"), "{log}");
}

#[tokio::test]
async fn an_observer_does_not_hear_of_its_own_doings() {
    let app = App::new().await;
    let alice = app.user("alice").await;
    let log = alice.conversation("group", &[]).await;
    let id = alice.conversation("group", &[]).await;
    witness(&app, json!({ "log": log.to_string() })).await;
    alice.say(id, "edit me").await;
    eventually("the edit", async || (alice.texts(id).await == ["edited"]).then_some(())).await;
    alice.say(id, "fail once").await;
    alice.say(id, "last").await;
    heard(&app, "message-sent last").await;
    let said = eventually("what it says", async || {
        let texts = alice.texts(log).await;
        texts.contains(&"message-sent last".to_owned()).then_some(texts)
    })
    .await;
    let sent: Vec<&String> = said
        .iter()
        .filter(|text| !text.starts_with("message-undelivered"))
        .collect();
    assert_eq!(
        sent,
        ["message-sent edit me", "message-sent fail once", "message-sent last"],
        "once each, and nothing of its own"
    );
}

/// A group whose other members are away, but for one.
async fn town(app: &App) -> (User, u64) {
    let [alice, bob, carol, dave, erin] = app.users(["alice", "bob", "carol", "dave", "erin"]).await;
    let id = alice.conversation("group", &[&bob, &carol, &dave, &erin]).await;
    let quiet = json!({ "conversation": id, "do_not_disturb": true });
    dave.call("conversation.prefer", quiet).await;
    (alice, id)
}

#[tokio::test]
async fn receivers_who_are_away_are_told_of() {
    let app = App::new().await;
    let (alice, id) = town(&app).await;
    let erin = app.user("erin").await;
    let there = erin.connect().await;
    alice.say(id, "before").await;
    witness(&app, json!({})).await;
    alice.say(id, "hi").await;
    // Neither who is there, nor who is not to be disturbed, nor who has sent it.
    heard(&app, "message-undelivered hi: bob,carol").await;
    let mut transient = text_to(id, "psst");
    transient["transient"] = json!(true);
    alice.call("message.send", transient).await;
    there.close().await;
    alice.say(id, "later").await;
    heard(&app, "message-undelivered later: bob,carol,erin").await;
    let log = app.plugin_log("witness").await;
    assert!(!log.contains("psst") && !log.contains("undelivered before"), "{log}");
}

#[tokio::test]
async fn policies_say_who_of_them_is_told_of() {
    for (guard, closed) in [(Guest::Doorkeeper, false), (Guest::DoorkeeperClosed, true)] {
        let app = App::new().await;
        let (alice, id) = town(&app).await;
        let log = alice.conversation("group", &[]).await;
        witness(&app, json!({})).await;
        let door = app.upload("door", guest(guard)).grants("kv,messages-send");
        door.config(json!({})).install().await;
        let all = "bob,carol,erin";
        for (word, told) in [
            ("allow", Some(all)),
            ("change", Some("bob")),
            ("refuse", None),
            ("write-refuse", None),
            ("trap", (!closed).then_some(all)),
            ("wrong", (!closed).then_some(all)),
            ("write", Some(all)),
        ] {
            let config = json!({ "deliver-offline": word, "log": log.to_string() });
            app.change_plugin("door", json!({ "config": config })).await;
            alice.say(id, word).await;
            eventually("the policy to be asked", async || {
                let line = format!("deliver-offline by alice (owner, made by nobody): {word}: {all}");
                app.plugin_lines("door").await.contains(&line).then_some(())
            })
            .await;
            if let Some(told) = told {
                heard(&app, &format!("message-undelivered {word}: {told}")).await;
            }
        }
        let said = eventually("what the policy wrote", async || {
            let texts = alice.texts(log).await;
            (!texts.is_empty()).then_some(texts)
        })
        .await;
        assert_eq!(said, ["after deliver-offline"]);
        let log = app.plugin_log("witness").await;
        assert_eq!(log.contains("undelivered trap"), !closed, "{log}");
        assert!(
            !log.contains("undelivered refuse") && !log.contains("undelivered write-refuse"),
            "{log}"
        );
    }
}

#[tokio::test]
async fn a_policy_alone_is_asked_who_is_away() {
    let app = App::new().await;
    let (alice, id) = town(&app).await;
    let log = alice.conversation("group", &[]).await;
    let door = app.upload("door", guest(Guest::Doorkeeper)).grants("kv,messages-send");
    let config = json!({ "deliver-offline": "write", "log": log.to_string() });
    door.config(config).install().await;
    alice.say(id, "hi").await;
    eventually("what the policy wrote", async || {
        (alice.texts(log).await == ["after deliver-offline"]).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_was_to_be_told_survives_the_server() {
    let server = Server::start(&["jobs.backoff_ms=5"]);
    let app = App::on(&server, json!({})).await;
    let (alice, id) = town(&app).await;
    witness(&app, json!({})).await;
    app.change_plugin("witness", json!({ "enabled": false })).await;
    alice.say(id, "unheard").await;
    app.change_plugin("witness", json!({ "enabled": true })).await;
    for n in 0..20 {
        alice.say(id, &format!("n{n}")).await;
    }
    let home = server.home.clone();
    server.kill();
    let server = std::sync::Arc::new(home.start(&["jobs.backoff_ms=5"]));
    let app = app.moved(&server);
    // The log is gone with the server: what was told before is not told again, the rest is.
    let alice = User {
        server: server.clone(),
        ..alice
    };
    alice.say(id, "after").await;
    heard(&app, "message-undelivered after: bob,carol,erin").await;
    let dead = app.dead_jobs().await;
    assert!(dead.is_empty(), "{dead:?}");
}

#[tokio::test]
async fn who_connects_after_a_restart_was_away() {
    let server = Server::start(&[]);
    let app = App::on(&server, json!({})).await;
    let (alice, id) = town(&app).await;
    let bob = app.user("bob").await;
    witness(&app, json!({})).await;
    let door = app.upload("door", guest(Guest::Doorkeeper)).grants("kv,messages-send");
    door.config(json!({ "deliver-offline": "slow" })).install().await;
    for n in 0..60 {
        alice.say(id, &format!("n{n}")).await;
    }
    let home = server.home.clone();
    server.kill();
    // Most of them nobody has been asked about yet.
    let server = std::sync::Arc::new(home.start(&[]));
    let app = app.moved(&server);
    let bob = User {
        server: server.clone(),
        ..bob
    };
    let there = bob.connect().await;
    heard(&app, "message-undelivered n59: bob,carol,erin").await;
    there.close().await;
}
