use std::sync::Arc;

use serde_json::{Value, json};

use super::{groups, met, start_canary, tagged};
use crate::harness::{App, Guest, Home, guest};

#[tokio::test]
async fn a_conversation_always_meets_the_same_version() {
    let (app, ann) = tagged().await;
    let made = start_canary(&app, 25).await;
    assert_eq!(
        (
            &made["current"]["number"],
            &made["canary"]["number"],
            &made["canary"]["percent"]
        ),
        (&json!(1), &json!(2), &json!(25)),
        "{made}"
    );
    assert_eq!(made["canary"]["state"], "active");
    let groups = groups(&ann, 100).await;
    let first = met(&ann, &groups).await;
    let share = first.iter().filter(|met| **met).count();
    // Ten times in a million it would be outside by chance.
    assert!((6..=46).contains(&share), "{share} of 100 are a quarter");
    assert_eq!(met(&ann, &groups).await, first, "again");

    let more = app.change_plugin("p", json!({ "canary_percent": 70 })).await;
    assert_eq!(
        (&more["canary"]["percent"], &more["canary"]["number"]),
        (&json!(70), &json!(2))
    );
    let second = met(&ann, &groups).await;
    let left = first.iter().zip(&second).filter(|(before, now)| **before && !**now);
    assert_eq!(left.count(), 0, "whoever was in a smaller share is in the larger");
    let larger = second.iter().filter(|met| **met).count();
    assert!(
        larger > share && (50..=90).contains(&larger),
        "{larger} of 100 are 70 percent"
    );
    app.change_plugin("p", json!({ "canary_percent": 25 })).await;
    assert_eq!(met(&ann, &groups).await, first, "back");

    // Who asks makes no difference in a conversation.
    let bob = app.user("bob").await;
    for id in &groups[..20] {
        ann.call("member.add", json!({ "conversation": id, "users": ["bob"] }))
            .await;
    }
    assert_eq!(met(&bob, &groups[..20]).await, first[..20]);

    let counted = app.plugin("p").await;
    let calls = |counters: &Value| {
        let counters = counters.as_array().unwrap();
        let policy = counters.iter().find(|hook| hook["hook"] == "policy").unwrap().clone();
        assert_eq!(policy["failures"], json!({}));
        assert!(policy["p50_us"].as_u64() > Some(0) && policy["p99_us"].as_u64() > Some(0));
        usize::try_from(policy["calls"].as_u64().unwrap()).unwrap()
    };
    let in_twenty = first[..20].iter().filter(|met| **met).count();
    let canaries = 3 * share + larger + in_twenty;
    assert_eq!(
        (calls(&counted["canary"]["counters"]), calls(&counted["counters"])),
        (canaries, 4 * 100 + 20 - canaries),
        "each version's figures are its own"
    );
}

#[tokio::test]
async fn a_share_is_the_same_after_a_restart() {
    let home = Home::new();
    let server = Arc::new(home.start(&[]));
    let app = App::on(&server, json!({})).await;
    app.upload("p", guest(Guest::Tagger))
        .config(json!({ "tag": "!" }))
        .install()
        .await;
    start_canary(&app, 50).await;
    let ann = app.user("ann").await;
    let groups = groups(&ann, 30).await;
    let before = met(&ann, &groups).await;
    assert!(before.contains(&true) && before.contains(&false));
    let canary = app.plugin("p").await["canary"].clone();
    drop(ann);
    server.kill();
    let server = Arc::new(home.start(&[]));
    let app = app.moved(&server);
    assert_eq!(met(&app.user("ann").await, &groups).await, before);
    let after = app.plugin("p").await["canary"].clone();
    for what in ["number", "digest", "percent", "since", "state", "version"] {
        assert_eq!(after[what], canary[what], "{what}");
    }
}

#[tokio::test]
async fn each_version_owns_its_kinds_in_its_conversations() {
    let app = App::with(json!({ "unowned_kinds": "refuse" })).await;
    app.upload("p", guest(Guest::Noop)).grants("all").install().await;
    app.upload("p", guest(Guest::Naughty)).canary(50).install().await;
    let ann = app.user("ann").await;
    let mut met = [0, 0];
    for id in groups(&ann, 30).await {
        // As a policy it refuses what it is told to.
        let text = json!({ "conversation": id, "kind": "text", "body": { "text": "policy refuse" } });
        let is_canarys = ann.attempt("message.send", text).await.is_err();
        let naughty = json!({ "conversation": id, "kind": "naughty", "body": { "text": "hi" } });
        match ann.attempt("message.send", naughty).await {
            Ok(_) => assert!(is_canarys, "the current version owns no kind"),
            Err(refusal) => {
                assert!(!is_canarys, "{refusal:?}");
                refusal.is("unknown_kind");
            }
        }
        met[usize::from(is_canarys)] += 1;
    }
    assert!(met[0] > 0 && met[1] > 0, "{met:?}");
}
