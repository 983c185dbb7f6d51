use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::{all, bridge, bridge_on, dead, deliveries, verified};
use crate::harness::{App, Hooks, Server, eventually};

#[tokio::test]
async fn what_was_given_up_is_listed_and_replayed_as_the_same_delivery() {
    let down = Arc::new(AtomicBool::new(true));
    let asked = Arc::clone(&down);
    let hooks =
        Hooks::answering(move |_, _| (if asked.load(Ordering::SeqCst) { 500 } else { 204 }, String::new())).await;
    let app = bridge(all(&hooks)).await;
    let ann = app.user("ann").await;
    let room = ann.conversation("group", &[]).await;
    ann.say(room, "a").await;
    ann.say(room, "b").await;
    let given_up = dead(&app, 3).await;
    assert_eq!(hooks.received().len(), 9, "three tries each");
    for one in &given_up {
        assert_eq!(
            (&one["attempts"], &one["target"]),
            (&json!(3), &json!(format!("backend/c/{room}")))
        );
        assert!(one["error"].as_str().unwrap().contains("500"), "{one}");
    }
    down.store(false, Ordering::SeqCst);
    // One alone, then the rest of its order key: newest first in the list.
    let delivery = given_up[1]["delivery"].as_str().unwrap();
    app.admin("POST", &format!("/webhooks/{delivery}/retry"), Value::Null)
        .await
        .ok();
    let again = hooks.wait_for(10).await[9].clone();
    let body = verified(&app, &again);
    assert_eq!(
        (
            again.headers["switchboard-id"].as_str(),
            &body["message"]["body"]["text"]
        ),
        (delivery, &json!("a"))
    );
    let first = hooks
        .received()
        .into_iter()
        .find(|one| one.headers["switchboard-id"] == delivery);
    assert_eq!(first.unwrap().body, again.body, "the same event, in the same words");
    let retry = json!({ "plugin": "webhook-bridge", "target": format!("backend/c/{room}") });
    let retried = app.admin("POST", "/webhooks/retry", retry).await.ok();
    assert_eq!(retried["retried"], 2);
    let rest: Vec<Value> = hooks.wait_for(12).await[10..]
        .iter()
        .map(|one| verified(&app, one)["type"].clone())
        .collect();
    assert_eq!(rest, ["conversation.created", "message.sent"]);
    eventually("nothing to be left", async || {
        (deliveries(&app, "dead").await.is_empty() && deliveries(&app, "waiting").await.is_empty()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_conversation_that_must_wait_holds_up_no_other() {
    // Once tried in vain, it waits for an hour.
    let server = Server::start(&[
        "plugins.wall_ms=20000",
        "plugins.deadline_ms=2000",
        "callbacks.allow_private=true",
        "callbacks.backoff_ms=3600000",
        "callbacks.backoff_max_ms=3600000",
    ]);
    let hooks = stuck().await;
    let app = bridge_on(&server, two_orders(&hooks)).await;
    let ann = app.user("ann").await;
    let slow = ann.conversation("group", &[]).await;
    let fast = ann.conversation("group", &[]).await;
    ann.say(slow, "stuck").await;
    hooks.wait_for(2).await;
    ann.say(slow, "later").await;
    let numbers: Vec<String> = (0..10).map(|number| number.to_string()).collect();
    for number in &numbers {
        ann.say(fast, number).await;
    }
    let told = texts(&app, &hooks, "/events", 11).await;
    assert_eq!(told[0], "stuck");
    assert_eq!(told[1..], numbers, "the other conversation waits for nothing");
    let waiting = eventually("all to be owed", async || {
        let waiting = deliveries(&app, "waiting").await;
        // Of the first target `stuck` and `later`, of the second one all.
        (waiting.len() == 2 + 12).then_some(waiting)
    })
    .await;
    let tried = waiting.iter().filter(|one| one["attempts"] != 0).count();
    assert_eq!(tried, 2, "{waiting:?}");
    assert_eq!(
        texts(&app, &hooks, "/archive", 1).await,
        ["stuck"],
        "here everything waits"
    );
}

#[tokio::test]
async fn what_had_to_wait_comes_in_its_order() {
    let hooks = stuck().await;
    let app = bridge(two_orders(&hooks)).await;
    let ann = app.user("ann").await;
    let slow = ann.conversation("group", &[]).await;
    let fast = ann.conversation("group", &[]).await;
    ann.say(slow, "stuck").await;
    ann.say(slow, "later").await;
    for number in 0..10 {
        ann.say(fast, &number.to_string()).await;
    }
    dead(&app, 2).await;
    let numbers: Vec<String> = (0..10).map(|number| number.to_string()).collect();
    let backend = texts(&app, &hooks, "/events", 14).await;
    let of_fast: Vec<&String> = backend.iter().filter(|text| numbers.contains(text)).collect();
    assert_eq!(of_fast, numbers.iter().collect::<Vec<_>>(), "in order");
    let of_slow: Vec<&String> = backend.iter().filter(|text| !numbers.contains(text)).collect();
    assert_eq!(of_slow, ["stuck", "stuck", "stuck", "later"]);
    let archive = texts(&app, &hooks, "/archive", 14).await;
    let at = archive.iter().position(|text| text == "stuck").unwrap();
    assert_eq!(
        archive[at..at + 3],
        ["stuck", "stuck", "stuck"],
        "here everything waits: {archive:?}"
    );
    let of_fast: Vec<&String> = archive.iter().filter(|text| numbers.contains(text)).collect();
    assert_eq!(
        of_fast,
        numbers.iter().collect::<Vec<_>>(),
        "a conversation keeps its order"
    );
}

/// A backend that never takes what is called stuck.
async fn stuck() -> Hooks {
    Hooks::answering(|_, one| {
        let stuck = one.body.contains("stuck");
        (if stuck { 503 } else { 200 }, String::new())
    })
    .await
}

/// One target whose conversations are independent, one with a single order.
fn two_orders(hooks: &Hooks) -> Value {
    json!([
        { "name": "backend", "url": hooks.url("/events"), "events": ["message.sent"] },
        { "name": "archive", "url": hooks.url("/archive"), "events": ["message.sent"], "order": "target" }
    ])
}

/// What was said in the messages that a path was told of, once it was told of so many.
async fn texts(app: &App, hooks: &Hooks, path: &str, count: usize) -> Vec<String> {
    eventually(&format!("{count} requests to {path}"), async || {
        let received = hooks.received();
        let bodies = received
            .iter()
            .filter(|one| one.path == path)
            .map(|one| verified(app, one));
        let texts: Vec<String> = bodies
            .map(|body| body["message"]["body"]["text"].as_str().unwrap().to_owned())
            .collect();
        (texts.len() >= count).then_some(texts)
    })
    .await
}
