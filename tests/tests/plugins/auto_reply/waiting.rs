//! Waiting for an answer, by the real clock.

use serde_json::{Value, json};

use super::desk;
use crate::harness::eventually;

fn waits() -> Value {
    json!({ "agents": ["agent"], "rules": [
        { "name": "late", "on": "idle", "idle_seconds": 6, "actions": [
            { "text": "nobody answers" }, { "hand_off": "waited too long" }] },
        { "name": "soon", "on": "idle", "idle_seconds": 4, "reply": "one moment, {nickname}" }
    ] })
}

#[tokio::test]
async fn who_waits_is_told_rule_by_rule() {
    let (app, customer, agent, id) = desk(waits()).await;
    customer.say(id, "hello").await;
    customer.say(id, "hello?").await;
    let texts = customer.heard(id, 4).await;
    assert_eq!(texts, ["hello", "hello?", "one moment, 小王", "nobody answers"]);
    eventually("the hand-off", async || {
        let seen = agent.call("conversation.get", json!({ "conversation": id })).await;
        (seen["ext"]["desk"]["wanted"]["reason"] == "waited too long").then_some(())
    })
    .await;
    eventually("the timer to be over", async || {
        let page = app.admin("GET", "/plugins/auto-reply/timers", Value::Null).await.ok();
        page["timers"].as_array().unwrap().is_empty().then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_answer_ends_the_wait() {
    let (app, customer, agent, id) = desk(waits()).await;
    customer.say(id, "hello").await;
    agent.say(id, "here I am").await;
    // The timer fires all the same, finds the answer, and is over.
    eventually("the timer to be over", async || {
        let page = app.admin("GET", "/plugins/auto-reply/timers", Value::Null).await.ok();
        let counters = app.counters("auto-reply", "timer").await;
        (page["timers"].as_array().unwrap().is_empty() && counters["calls"].as_u64() > Some(0)).then_some(())
    })
    .await;
    assert_eq!(customer.texts(id).await, ["hello", "here I am"]);
    customer.say(id, "and then?").await;
    assert_eq!(customer.heard(id, 5).await[3..], ["one moment, 小王", "nobody answers"]);
}
