use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{PATIENT, all, install, verified};
use crate::harness::{App, Chance, Home, Hooks, eventually};

/// How often the server is killed, and how much is said each time.
const KILLS: u64 = 6;
const MESSAGES: u64 = 30;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_often_the_server_is_killed_each_message_is_told_in_order_as_one_delivery() {
    let hooks = Hooks::new().await;
    let home = Home::new();
    let mut settings = PATIENT.to_vec();
    settings.push("jobs.backoff_ms=20");
    let mut app = App::on(&Arc::new(home.start(&settings)), json!({})).await;
    let mut targets = all(&hooks);
    targets[0]["events"] = json!(["message.sent"]);
    install(&app, targets).await;
    let ann = app.user("ann").await;
    let room = ann.conversation("group", &[]).await;
    let mut chance = Chance::new(5);
    for round in 0..KILLS {
        let ann = app.stranger("ann");
        for number in 0..MESSAGES {
            ann.say(room, &(round * MESSAGES + number).to_string()).await;
        }
        let pause = u64::try_from(chance.below(60)).unwrap();
        tokio::time::sleep(Duration::from_millis(pause)).await;
        app.server.kill();
        app = app.moved(&Arc::new(home.start(&settings)));
    }
    // Whatever would have been doubled comes before one more.
    let last = KILLS * MESSAGES;
    let last_text = last.to_string();
    app.stranger("ann").say(room, &last_text).await;
    let told = eventually("all to be told", async || {
        let mut told: Vec<(String, Value)> = Vec::new();
        let mut known = HashMap::new();
        for one in hooks.received() {
            let delivery = one.headers["switchboard-id"].clone();
            // A try whose answer was lost comes again, in the same words.
            if let Some(body) = known.insert(delivery.clone(), one.body.clone()) {
                assert_eq!(body, one.body);
                continue;
            }
            told.push((delivery, verified(&app, &one)));
        }
        let come = told
            .iter()
            .any(|(_, body)| body["message"]["body"]["text"] == last_text.as_str());
        come.then_some(told)
    })
    .await;
    let said: Vec<u64> = told
        .iter()
        .map(|(_, body)| body["message"]["body"]["text"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(said, (0..=last).collect::<Vec<_>>());
    assert_eq!(app.dead_jobs().await, [Value::Null; 0]);
}
