use std::sync::Arc;

use serde_json::{Value, json};

use crate::harness::{App, Guest, Server, User, craft, eventually, guest, text_to};

/// A server on which hooks are suspended late enough to try every misdeed, and jobs are given up soon.
async fn patient() -> (Arc<Server>, App, User, u64) {
    // CPU time enough for every other misdeed to come to its own end, on a busy machine too.
    let bounds = [
        "plugins.deadline_ms=300",
        "plugins.host_calls=50",
        "plugins.wall_ms=20000",
    ];
    let patience = ["plugins.breaker_failures=1000", "jobs.attempts=2", "jobs.backoff_ms=1"];
    let server = Server::start(&[bounds, patience].concat());
    let app = App::on(&server, json!({})).await;
    app.upload("naughty", guest(Guest::Naughty))
        .grants("kv,messages-send")
        .install()
        .await;
    let alice = app.user("alice").await;
    let id = alice.conversation("group", &[]).await;
    (server, app, alice, id)
}

/// How often a hook of `naughty` has failed for a reason.
async fn failures(app: &App, hook: &str, reason: &str) -> u64 {
    app.counters("naughty", hook).await["failures"][reason]
        .as_u64()
        .unwrap_or_default()
}

/// Each misdeed that ends a call, and what it is counted as.
const FATAL: [(&str, &str); 5] = [
    ("loop", "cpu"),
    ("memory", "memory"),
    ("recurse", "trap"),
    ("panic", "trap"),
    ("flood", "host_calls"),
];

#[tokio::test]
async fn a_policy_that_fails_open_lets_the_message_pass() {
    let (_server, app, alice, id) = patient().await;
    let mut said = Vec::new();
    for (word, reason) in
        FATAL
            .into_iter()
            .chain([("nonsense", "nonsense"), ("huge", "output"), ("refuse-long", "output")])
    {
        let text = format!("policy {word}");
        let before = failures(&app, "policy", reason).await;
        alice.say(id, &text).await;
        said.push(text);
        assert_eq!(
            failures(&app, "policy", reason).await,
            before + 1,
            "{word} is counted as {reason}"
        );
    }
    assert_eq!(alice.texts(id).await, said, "unchanged");
    let log = app.plugin_log("naughty").await;
    for why in ["deadline_ms", "memory_bytes", "naughty on purpose", "host_calls"] {
        assert!(log.contains(why), "the log does not say {why}: {log}");
    }
    let refusal = alice
        .attempt("message.send", text_to(id, "policy refuse"))
        .await
        .unwrap_err();
    refusal.is("naughty");
    alice.say(id, "policy change").await;
    assert_eq!(alice.texts(id).await.pop().unwrap(), "changed");
}

#[tokio::test]
async fn a_kind_whose_owner_fails_is_not_stored() {
    let (_server, app, alice, id) = patient().await;
    let send =
        |word: &str| json!({ "conversation": id, "kind": "naughty", "body": { "text": format!("type {word}") } });
    for (word, reason) in FATAL.into_iter().chain([("nonsense", "nonsense"), ("huge", "output")]) {
        let before = failures(&app, "message-type", reason).await;
        let refusal = alice.attempt("message.send", send(word)).await.unwrap_err();
        assert_eq!(refusal.code, "plugin_failed", "{word}: {refusal:?}");
        assert!(refusal.message.contains("naughty"), "{refusal:?}");
        assert_eq!(
            failures(&app, "message-type", reason).await,
            before + 1,
            "{word} is counted as {reason}"
        );
    }
    alice
        .attempt("message.send", send("refuse"))
        .await
        .unwrap_err()
        .is("naughty");
    assert_eq!(alice.call("message.send", send("nothing")).await["seq"], 1);
    // The host checks the kind's schema itself.
    let bodiless = json!({ "conversation": id, "kind": "naughty", "body": {} });
    alice
        .attempt("message.send", bodiless)
        .await
        .unwrap_err()
        .is("bad_body");
}

#[tokio::test]
async fn a_policy_that_fails_closed_lets_nothing_pass() {
    let app = App::new().await;
    let alice = app.user("alice").await;
    let id = alice.conversation("group", &[]).await;
    app.upload("closed", craft::closed_and_broken()).install().await;
    // Also when it is suspended, after some of these.
    for _ in 0..12 {
        let refusal = alice.attempt("message.send", text_to(id, "x")).await.unwrap_err();
        assert!(refusal.is("plugin_failed").message.contains("closed"), "{refusal:?}");
    }
    let plugin = app.plugin("closed").await;
    assert_eq!(plugin["state"], "suspended", "{plugin}");
    app.change_plugin("closed", json!({ "enabled": false })).await;
    assert_eq!(alice.say(id, "x").await["seq"], 1);
}

#[tokio::test]
async fn an_observer_that_fails_is_called_again_and_then_given_up() {
    let (_server, app, alice, id) = patient().await;
    for (word, _) in FATAL.into_iter().chain([("fail", "")]) {
        alice.say(id, &format!("observer {word}")).await;
    }
    let dead = eventually("the jobs to be given up", async || {
        let dead = app.dead_jobs().await;
        (dead.len() == FATAL.len() + 1).then_some(dead)
    })
    .await;
    assert!(
        dead.iter()
            .all(|job| job["plugin"] == "naughty" && job["attempts"] == 2),
        "{dead:?}"
    );
    assert!(
        dead.iter()
            .any(|job| job["error"].as_str().unwrap().contains("failed, as told")),
        "{dead:?}"
    );
    assert_eq!(failures(&app, "observer", "cpu").await, 2);
    let job = dead[0]["id"].as_u64().unwrap();
    app.admin("POST", &format!("/jobs/{job}/retry"), Value::Null).await.ok();
    // The others' messages were observed meanwhile, and the plugin may be put right: a retry finds it gone or better.
    app.admin("POST", "/jobs/999999999/retry", Value::Null)
        .await
        .refused()
        .is("not_found");
    eventually("it to be given up again", async || {
        (app.dead_jobs().await.len() == dead.len()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn floods_of_words_are_cut() {
    let (_server, app, alice, id) = patient().await;
    for word in ["print-flood", "log-flood"] {
        alice.say(id, &format!("policy {word}")).await;
    }
    let page = app.admin("GET", "/plugins/naughty/logs?limit=1000", Value::Null).await;
    assert!(
        page.body.len() < 400_000,
        "64 KiB of each call are kept, not {} bytes",
        page.body.len()
    );
    assert!(app.plugin("naughty").await["log_dropped_bytes"].as_u64() > Some(1_000_000));
    // A log is bounded in lines too.
    let lines = page.ok()["lines"].as_array().unwrap().len();
    assert!((1..=1_000).contains(&lines), "{lines}");
}

#[tokio::test]
async fn who_keeps_failing_is_suspended_and_comes_back() {
    let server = Server::start(&["plugins.breaker_first_ms=300"]);
    let app = App::on(&server, json!({})).await;
    app.upload("naughty", guest(Guest::Naughty))
        .grants("kv,messages-send")
        .install()
        .await;
    let alice = app.user("alice").await;
    let id = alice.conversation("group", &[]).await;
    for _ in 0..5 {
        alice.say(id, "policy panic").await;
    }
    let plugin = app.plugin("naughty").await;
    assert_eq!(plugin["state"], "suspended", "{plugin}");
    assert!(
        plugin["reason"].as_str().unwrap().contains("naughty on purpose") && plugin["until"].is_u64(),
        "{plugin}"
    );
    // Suspended, it is not called: nothing is changed, and nothing waits.
    alice.say(id, "policy change").await;
    assert_eq!(alice.texts(id).await.pop().unwrap(), "policy change");
    eventually("it to be called again", async || {
        alice.say(id, "policy change").await;
        (alice.texts(id).await.pop().unwrap() == "changed").then_some(())
    })
    .await;
    assert_eq!(app.plugin("naughty").await["state"], "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_plugin_harms_its_own_app_only_and_memory_comes_back() {
    let (server, _app, alice, id) = patient().await;
    let other = App::on(&server, json!({})).await;
    let bob = other.user("bob").await;
    let theirs = bob.conversation("group", &[]).await;
    alice.say(id, "policy memory").await;
    let before = server.memory_kib();
    let mut bad = Vec::new();
    for word in ["loop", "memory", "flood", "panic"] {
        let alice = alice.clone();
        bad.push(tokio::spawn(async move {
            for _ in 0..12 {
                alice.say(id, &format!("policy {word}")).await;
            }
        }));
    }
    let mut socket = bob.connect().await;
    let mut sent = 0;
    while bad.iter().any(|task| !task.is_finished()) || sent < 100 {
        let start = tokio::time::Instant::now();
        socket.say(theirs, "on time").await;
        sent += 1;
        assert!(
            start.elapsed() < std::time::Duration::from_secs(10),
            "message {sent} took {:?}",
            start.elapsed()
        );
    }
    for task in bad {
        task.await.unwrap();
    }
    let grown = server.memory_kib().saturating_sub(before);
    assert!(grown < 96 * 1_024, "the server has grown by {grown} KiB");
}
