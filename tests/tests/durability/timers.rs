use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::SOON;
use crate::harness::{App, Chance, Guest, Home, PATIENCE, User, eventually, guest, now_ms};

const KILLS: usize = 12;
const TIMERS: usize = 40;
const RUNS: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_run_of_every_timer_happens_once_however_often_the_server_is_killed() {
    let home = Home::new();
    let mut server = Arc::new(home.start(&SOON));
    let app = App::on(&server, json!({})).await;
    app.upload("clock", guest(Guest::Clock))
        .grants("kv,messages-send,messages-edit,timers,webhooks")
        .install()
        .await;
    let ann = app.user("ann").await;
    let (orders, answers) = (
        ann.conversation("group", &[]).await,
        ann.conversation("group", &[]).await,
    );
    let first = now_ms() + 300;
    for number in 0..TIMERS {
        // Some fail after their writes and are made again, on top of those that a kill ends.
        let fail = if number % 5 == 0 { "once" } else { "" };
        let payload = json!({ "say": answers.to_string(), "fail": fail });
        let first_at = first + 50 * number as u64;
        let told = json!({ "set": {
            "name": format!("t{number}"), "first_at": first_at, "every": 1_000, "runs": RUNS, "payload": payload } });
        ann.say(orders, &told.to_string()).await;
    }
    let mut chance = Chance::new(5);
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(20 + u64::try_from(chance.below(200)).unwrap())).await;
        server.complain();
        server.kill();
        let home = Arc::clone(&home);
        server = Arc::new(tokio::task::spawn_blocking(move || home.start(&SOON)).await.unwrap());
    }
    let app = app.moved(&server);
    let reader = app.user("ann").await;
    let total = TIMERS * RUNS;
    eventually("all runs", async || {
        let seen = reader
            .call("conversation.get", json!({ "conversation": answers }))
            .await;
        (seen["last_seq"].as_u64().unwrap() >= total as u64).then_some(())
    })
    .await;
    let timers = async || {
        let page = app.admin("GET", "/plugins/clock/timers", Value::Null).await.ok();
        page["timers"].as_array().unwrap().clone()
    };
    let over = async {
        while !timers().await.is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    if tokio::time::timeout(PATIENCE, over).await.is_err() {
        let (left, dead) = (timers().await, app.dead_jobs().await);
        let log = app.plugin_log("clock").await;
        panic!("timers are left: {left:?}, dead {dead:?}, log {log}");
    }
    let mut said = texts(&reader, answers).await;
    said.sort();
    let mut expected: Vec<String> = (0..TIMERS)
        .flat_map(|number| {
            (1..=RUNS).map(move |run| {
                let last = if run == RUNS { " last" } else { "" };
                format!("t{number} {run} {run}{last}")
            })
        })
        .collect();
    expected.sort();
    assert_eq!(said, expected, "each run once, counted once");
}

async fn texts(user: &User, conversation: u64) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        let ask = json!({ "conversation": conversation, "after_seq": all.len(), "limit": 100 });
        let page = user.call("message.history", ask).await;
        let messages = page["messages"].as_array().unwrap();
        all.extend(
            messages
                .iter()
                .map(|one| one["body"]["text"].as_str().unwrap().to_owned()),
        );
        if page["has_more"] == false {
            return all;
        }
    }
}
