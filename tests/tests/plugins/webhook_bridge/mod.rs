//! `webhook-bridge`: what a backend is told, that it is told all of it, and how it knows by whom.

mod delivered;
mod killed;
mod told;

use std::sync::Arc;

use serde_json::{Value, json};

use super::webhooks::hmac;
use crate::harness::{App, Hooks, Received, Server, bundled, eventually};

/// A server that may send to this machine, tries again soon, and makes no call again because the machine is busy.
const PATIENT: [&str; 6] = [
    "plugins.wall_ms=20000",
    "plugins.deadline_ms=2000",
    "callbacks.allow_private=true",
    "callbacks.backoff_ms=20",
    "callbacks.backoff_max_ms=40",
    "callbacks.attempts=3",
];

/// An app on a server of its own that tells these targets.
async fn bridge(targets: Value) -> App {
    bridge_on(&Server::start(&PATIENT), targets).await
}

async fn bridge_on(server: &Arc<Server>, targets: Value) -> App {
    let app = App::on(server, json!({ "unowned_kinds": "accept" })).await;
    install(&app, targets).await;
    app
}

async fn install(app: &App, targets: Value) {
    app.upload("webhook-bridge", bundled("webhook-bridge"))
        .grants("webhooks")
        .config(json!({ "targets": targets }))
        .install()
        .await;
}

/// One target with everything.
fn all(hooks: &Hooks) -> Value {
    json!([{ "name": "backend", "url": hooks.url("/events") }])
}

/// What a request says, once its signature is found to be right.
fn verified(app: &App, one: &Received) -> Value {
    let time = &one.headers["switchboard-timestamp"];
    let signed = format!("{time}.{}", one.body);
    assert_eq!(one.headers["switchboard-signature"], hmac(&app.secret, &signed));
    let seconds: u64 = time.parse().unwrap();
    assert!(seconds.abs_diff(one.at / 1000) <= 60, "the time of the try: {time}");
    let body: Value = serde_json::from_str(&one.body).unwrap();
    assert_eq!(one.headers["content-type"], "application/json");
    assert_eq!(body["type"], one.headers["switchboard-event"]);
    assert_eq!((&body["version"], &body["app"]), (&json!(1), &json!(app.id)));
    body
}

/// What the app's queue holds.
async fn deliveries(app: &App, state: &str) -> Vec<Value> {
    let path = format!("/webhooks?plugin=webhook-bridge&state={state}");
    let page = app.admin("GET", &path, Value::Null).await.ok();
    page["webhooks"].as_array().unwrap().clone()
}

async fn dead(app: &App, count: usize) -> Vec<Value> {
    eventually(&format!("{count} dead deliveries"), async || {
        let dead = deliveries(app, "dead").await;
        (dead.len() == count).then_some(dead)
    })
    .await
}
