use std::sync::Arc;

use serde_json::{Value, json};

use super::GRANTS;
use crate::harness::{App, Guest, Home, eventually, guest, variant};

/// Messages between two kills.
const MESSAGES: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_observer_misses_nothing_over_versions_canaries_and_kills() {
    let home = Home::new();
    let mut server = Arc::new(home.start(&["jobs.backoff_ms=20"]));
    let mut app = App::on(&server, json!({})).await;
    let counter = |mark: &str| variant(guest(Guest::Counter), mark);
    app.upload("counter", counter("v1")).grants(GRANTS).install().await;
    let mut rooms = Vec::new();
    let ann = app.user("ann").await;
    for _ in 0..3 {
        rooms.push(ann.conversation("group", &[]).await);
    }
    drop(ann);
    let mut said = 0;
    for round in 0..6 {
        let ann = app.user("ann").await;
        for n in 0..MESSAGES {
            for (at, room) in rooms.iter().enumerate() {
                // Some calls fail after their writes and are made again, perhaps by another version.
                let fails = at == 0 && n % 4 == 1;
                ann.say(*room, if fails { "fail-once" } else { "count" }).await;
            }
            said += 1;
            if n != MESSAGES / 2 {
                continue;
            }
            match round {
                0 => drop(app.upload("counter", counter("v2")).install().await),
                1 => drop(app.upload("counter", counter("v3")).canary(50).install().await),
                2 => drop(app.admin("POST", "/plugins/counter/promote", Value::Null).await.ok()),
                3 => drop(app.admin("POST", "/plugins/counter/rollback", Value::Null).await.ok()),
                4 => drop(app.upload("counter", counter("v4")).canary(50).install().await),
                _ => drop(app.admin("POST", "/plugins/counter/rollback", Value::Null).await.ok()),
            }
        }
        drop(ann);
        server.kill();
        server = Arc::new(home.start(&["jobs.backoff_ms=20"]));
        app = app.moved(&server);
    }
    let ann = app.user("ann").await;
    let wanted: Vec<usize> = (1..=said).collect();
    for room in rooms {
        let mut counts = eventually("an answer to every message", async || {
            let texts = ann.texts(room).await;
            assert!(texts.len() <= 2 * said, "{texts:?}");
            (texts.len() == 2 * said).then(|| {
                texts
                    .iter()
                    .filter_map(|text| text.parse().ok())
                    .collect::<Vec<usize>>()
            })
        })
        .await;
        counts.sort_unstable();
        assert_eq!(counts, wanted, "each message was counted and answered once");
    }
}

#[tokio::test]
async fn what_is_stored_is_kept_or_wiped_as_was_said() {
    let app = App::new().await;
    let ann = app.user("ann").await;
    let room = ann.conversation("group", &[]).await;
    let mut answers = 0;
    let mut counted = async || {
        ann.say(room, "count").await;
        answers += 2;
        eventually("the count", async || {
            let texts = ann.texts(room).await;
            (texts.len() == answers).then(|| texts[answers - 1].clone())
        })
        .await
    };
    let install = async || {
        app.upload("counter", guest(Guest::Counter))
            .grants(GRANTS)
            .install()
            .await
    };
    install().await;
    assert_eq!(counted().await, "1");
    for (query, count) in [("?keep_data=true", "2"), ("?keep_data=false", "1"), ("", "1")] {
        let gone = app
            .admin("DELETE", &format!("/plugins/counter{query}"), Value::Null)
            .await;
        assert_eq!(gone.status, 204);
        install().await;
        assert_eq!(counted().await, count, "after {query:?}");
    }
}
