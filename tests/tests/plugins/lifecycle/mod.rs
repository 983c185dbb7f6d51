//! From an upload to the end of an install: canaries, promotion, going back by hand and without being asked, what is
//! written down of it, and a thousand swaps.

mod audit;
mod canary;
mod failing;
mod leftovers;
mod share;
mod survives;
mod swaps;

use serde_json::{Value, json};

use crate::harness::{App, Guest, User, eventually, guest};

/// What `naughty` wants.
const GRANTS: &str = "kv,messages-send";

/// An app in which `p` appends `!` to every text, and somebody who talks.
async fn tagged() -> (App, User) {
    let app = App::new().await;
    let tagger = app.upload("p", guest(Guest::Tagger));
    tagger.config(json!({ "tag": "!" })).install().await;
    let user = app.user("ann").await;
    (app, user)
}

/// Runs a policy that leaves everything as it is beside `p`: its conversations are those without the tag.
async fn start_canary(app: &App, percent: u8) -> Value {
    app.upload("p", guest(Guest::Noop)).canary(percent).install().await
}

/// Which of some conversations meet the canary, by a message in each.
async fn met(user: &User, conversations: &[u64]) -> Vec<bool> {
    let mut met = Vec::new();
    for id in conversations {
        user.say(*id, "hi").await;
        let text = user.texts(*id).await.pop().unwrap();
        assert!(["hi", "hi!"].contains(&text.as_str()), "{text}");
        met.push(text == "hi");
    }
    met
}

/// So many groups of one.
async fn groups(user: &User, count: usize) -> Vec<u64> {
    let mut groups = Vec::new();
    for _ in 0..count {
        groups.push(user.conversation("group", &[]).await);
    }
    groups
}

/// What was done, oldest first: who, what, and the detail.
async fn audit(app: &App, name: &str) -> Vec<(String, String, Value)> {
    let page = app
        .admin("GET", &format!("/audit?plugin={name}"), Value::Null)
        .await
        .ok();
    let entries = page["entries"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let entry = |entry: &Value| (text(&entry["who"]), text(&entry["what"]), entry["detail"].clone());
    entries.iter().rev().map(entry).collect()
}

/// Waits until an install is as it should be.
async fn becomes(app: &App, name: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    eventually(what, async || {
        let plugin = app.plugin(name).await;
        wanted(&plugin).then_some(plugin)
    })
    .await
}
