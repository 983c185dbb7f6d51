use serde_json::json;

use super::scene::Scene;
use crate::harness::{Guest, eventually, guest};

#[tokio::test]
async fn an_agent_who_does_not_answer_in_time_is_told_on_and_replaced() {
    let config = json!({ "reply": { "first_seconds": 1, "next_seconds": 1, "reassign": true, "notify": ["boss"] },
        "texts": { "escalated": "one moment please" }, "returning": false });
    let scene = Scene::new(config).await;
    let [ann, bob] = scene.on_duty(["ann", "bob"]).await;
    let mut boss = scene.app.user("boss").await.connect().await;
    let customer = scene.customer("cara").await;
    customer.wants().await;
    let first = customer.desk_is("agent").await["agent"].as_str().unwrap().to_owned();
    let event = boss.event("plugin.help-desk.escalated").await["data"].clone();
    assert_eq!(
        (&event["customer"], &event["conversation"]),
        (&json!("cara"), &json!(customer.id.to_string()))
    );
    let (other, name) = if first == "ann" { (bob, "bob") } else { (ann, "ann") };
    customer.agent_is(name).await;
    customer.reads("one moment please").await;
    // The first word in time, and then the clock begins with the customer's.
    other.say(customer.id, "hello").await;
    customer.say("well?").await;
    boss.event("plugin.help-desk.escalated").await;
    customer.agent_is(&first).await;
}

#[tokio::test]
async fn what_plugins_say_is_no_answer() {
    let config = json!({ "reply": { "first_seconds": 2, "notify": ["boss"] } });
    let scene = Scene::new(config).await;
    let machine = scene.app.upload("machine", guest(Guest::Echo));
    machine.grants("messages-send").install().await;
    scene.on_duty(["ann"]).await;
    let mut boss = scene.app.user("boss").await.connect().await;
    let customer = scene.customer("cara").await;
    customer.wants().await;
    customer.agent_is("ann").await;
    customer.say("as ann: a machine's word").await;
    eventually("a machine's word in ann's name", async || {
        let history = json!({ "conversation": customer.id, "limit": 100 });
        let page = customer.user.call("message.history", history).await;
        let mut messages = page["messages"].as_array().unwrap().iter();
        messages
            .any(|message| message["from"] == "ann" && message["origin"] == "machine")
            .then_some(())
    })
    .await;
    boss.event("plugin.help-desk.escalated").await;
    assert_eq!(customer.desk().await["agent"], "ann", "told on, and not replaced");
}

#[tokio::test]
async fn a_customer_who_says_nothing_more_is_asked_and_then_let_go() {
    let scene = Scene::new(json!({ "idle": { "remind_seconds": 1, "close_seconds": 4 } })).await;
    let [ann] = scene.on_duty(["ann"]).await;
    let customer = scene.customer("cara").await;
    customer.wants().await;
    customer.agent_is("ann").await;
    ann.say(customer.id, "how can I help?").await;
    customer.reads("Are you still there?").await;
    customer.say("yes").await;
    ann.say(customer.id, "good").await;
    let texts = customer.reads("have not heard from you").await;
    assert_eq!(
        texts.iter().filter(|text| text.contains("still there")).count(),
        2,
        "{texts:?}"
    );
    customer.desk_is("closed").await;
    scene.idle("ann").await;
}
