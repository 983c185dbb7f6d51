//! What a plugin may do in a minute is bounded, and what is beyond is refused, counted and shown.

use serde_json::json;

use super::asking::GRANTS;
use crate::harness::{App, Guest, Server, eventually, guest};

#[tokio::test]
async fn each_thing_has_a_quota_of_its_own() {
    let settings = [
        "quotas.messages_per_minute=3",
        "quotas.webhooks_per_minute=2",
        "quotas.users_per_minute=1",
        "quotas.pushes_per_minute=2",
        "quotas.files_per_minute=1",
        "quotas.edits_per_minute=2",
        "quotas.conversations_per_minute=1",
        "quotas.contacts_per_minute=2",
        "quotas.credentials_per_minute=1",
        "quotas.timers_per_minute=2",
    ];
    let app = App::on(&Server::start(&settings), json!({})).await;
    app.upload("fetcher", guest(Guest::Fetcher))
        .grants(GRANTS)
        .install()
        .await;
    let ann = app.user("ann").await;
    app.user("bob").await;
    let room = ann.conversation("group", &[]).await;
    for (what, good, name) in [
        ("send", 3, "messages_per_minute"),
        ("post", 2, "webhooks_per_minute"),
        ("put", 1, "users_per_minute"),
        ("push", 2, "pushes_per_minute"),
        ("delete", 1, "files_per_minute"),
        ("recall", 2, "edits_per_minute"),
        ("create", 1, "conversations_per_minute"),
        ("block", 2, "contacts_per_minute"),
        ("token", 1, "credentials_per_minute"),
        ("timer", 2, "timers_per_minute"),
    ] {
        let answer = if what == "recall" { "not found " } else { "ok " };
        let repeat = json!({ "repeat": { "what": what, "times": good + 1, "url": "https://example.invalid/" } });
        ann.say(room, &repeat.to_string()).await;
        let line = eventually("the plugin's answer", async || {
            let log = app.plugin_log("fetcher").await;
            let found = log
                .lines()
                .find_map(|line| line.strip_prefix(&format!("\"info\" \"{what}: ")));
            found.map(str::to_owned)
        })
        .await;
        let expected = format!("{}quota {name}\"", answer.repeat(good));
        assert_eq!(line, expected, "{what}");
    }
    let shown = app.plugin("fetcher").await;
    for name in [
        "messages",
        "webhooks",
        "users",
        "pushes",
        "files",
        "edits",
        "conversations",
        "contacts",
        "credentials",
        "timers",
    ] {
        assert_eq!(shown["quotas"][format!("{name}_per_minute")], 1, "{shown}");
    }
    // A swap does not fill them again.
    app.upload("fetcher", crate::harness::variant(guest(Guest::Fetcher), "again"))
        .install()
        .await;
    let repeat = json!({ "repeat": { "what": "put", "times": 2, "url": "" } });
    ann.say(room, &repeat.to_string()).await;
    eventually("the new version's answer", async || {
        let log = app.plugin_log("fetcher").await;
        log.contains("put: quota users_per_minute quota users_per_minute")
            .then_some(())
    })
    .await;
    // What users do themselves is theirs.
    for number in 0..5 {
        ann.say(room, &format!("message {number}")).await;
    }
}

#[tokio::test]
async fn a_log_has_a_quota_too() {
    let settings = ["quotas.log_bytes_per_minute=100", "quotas.users_per_minute=1000"];
    let app = App::on(&Server::start(&settings), json!({})).await;
    app.upload("fetcher", guest(Guest::Fetcher))
        .grants(GRANTS)
        .install()
        .await;
    let ann = app.user("ann").await;
    let room = ann.conversation("group", &[]).await;
    let repeat = json!({ "repeat": { "what": "put", "times": 100, "url": "" } });
    ann.say(room, &repeat.to_string()).await;
    eventually("bytes to be dropped", async || {
        let dropped = app.plugin("fetcher").await["log_dropped_bytes"].as_u64().unwrap();
        (dropped > 100).then_some(())
    })
    .await;
    assert!(!app.plugin_log("fetcher").await.contains("put:"));
}

/// A call that is made again finds less than there was: what comes after the refused write is still the same write.
#[tokio::test]
async fn a_write_that_is_refused_keeps_its_place() {
    let settings = [
        "jobs.backoff_ms=5",
        "quotas.messages_per_minute=1",
        "quotas.pushes_per_minute=1",
        "quotas.webhooks_per_minute=1",
    ];
    let app = App::on(&Server::start(&settings), json!({})).await;
    app.upload("witness", guest(Guest::Witness))
        .grants("connections,kv,messages-send,messages-edit,webhooks")
        .install()
        .await;
    let ann = app.user("ann").await;
    let room = ann.conversation("group", &[]).await;
    for what in ["say", "push", "post"] {
        ann.say(room, &format!("spend {what}")).await;
        let counts = eventually("both calls", async || {
            let lines = app.plugin_lines("witness").await;
            let beginning = format!("spent {what} ");
            let counts: Vec<_> = lines
                .iter()
                .filter_map(|line| line.strip_prefix(&beginning).map(str::to_owned))
                .collect();
            (counts.len() == 2).then_some(counts)
        })
        .await;
        assert_eq!(
            counts,
            ["1", "1"],
            "{what}: what the first call counted is not counted again"
        );
    }
}
