use serde_json::{Value, json};

use super::scene::Scene;
use crate::harness::eventually;

#[tokio::test]
async fn a_bot_hands_over_and_the_customer_is_told_whether_anybody_is_there() {
    let scene = Scene::new(json!({ "start": "asked" })).await;
    let customer = scene.customer("cara").await;
    customer.say("hello").await;
    customer.wants().await;
    // Nobody is there: the failure path.
    assert_eq!(customer.desk_is("bot").await["agent"], Value::Null);
    customer.reads("Nobody is available").await;
    let [ann] = scene.on_duty(["ann"]).await;
    customer.wants().await;
    let desk = customer.desk_is("agent").await;
    assert_eq!(desk["agent"], "ann");
    customer.reads("talking to ann").await;
    assert_eq!(customer.members().await, ["ann", "cara"]);
    ann.say(customer.id, "how can I help?").await;
    let body = json!({ "conversation": customer.id });
    scene.console_of(&ann, "POST", "/close", body).await.ok();
    customer.desk_is("closed").await;
    customer.reads("is closed").await;
    eventually("ann to have left", async || {
        (customer.members().await == ["cara"]).then_some(())
    })
    .await;
    scene.idle("ann").await;
}

#[tokio::test]
async fn customers_ask_for_themselves_and_only_where_somebody_can_come() {
    let scene = Scene::new(json!({})).await;
    scene.on_duty(["ann"]).await;
    let customer = scene.customer("cara").await;
    let reply = customer.user.say(customer.id, "/agent my order").await;
    assert_eq!(reply["command"]["whisper"], "Somebody is with you.");
    customer.agent_is("ann").await;
    let shown = scene
        .console("GET", &format!("/conversations/{}", customer.id), Value::Null)
        .await
        .ok();
    assert_eq!(shown["conversation"]["reason"], "my order");
    let lobby = customer.user.conversation("chatroom", &[]).await;
    let typed = json!({ "conversation": lobby, "kind": "text", "body": { "text": "/agent" } });
    let refused = customer.user.attempt("message.send", typed).await;
    refused.unwrap_err().is("desk_kind");
}

#[tokio::test]
async fn to_a_direct_conversation_a_person_comes_in_a_case_beside_it() {
    let scene = Scene::new(json!({})).await;
    let customer = scene.direct("cara").await;
    let reply = customer.user.say(customer.id, "/agent").await;
    assert_eq!(reply["command"]["whisper"], "Nobody is available at the moment.");
    customer.desk_is("bot").await;
    let [ann] = scene.on_duty(["ann"]).await;
    let reply = customer.user.say(customer.id, "/agent my order").await;
    assert_eq!(reply["command"]["whisper"], "Somebody is with you.");
    assert_eq!(customer.desk_is("agent").await["agent"], "ann");
    customer.reads("\"Help desk\"").await;
    let case = customer.there().await;
    case.reads("talking to ann").await;
    assert_eq!(case.members().await, ["ann", "cara"]);
    case.say("where is it?").await;
    ann.say(case.id, "on its way").await;
    let body = json!({ "conversation": case.id });
    scene.console_of(&ann, "POST", "/close", body).await.ok();
    customer.desk_is("closed").await;
    // The same one for whatever comes later.
    customer.wants().await;
    customer.desk_is("agent").await;
    assert_eq!(customer.there().await.id, case.id);
}

#[tokio::test]
async fn outside_of_hours_a_message_waits_for_who_comes_first() {
    let closed = json!({ "periods": [{ "days": ["mon"], "from": "00:00", "to": "00:01" }, ], "closed": [] });
    let config = json!({ "start": "message", "unavailable": "message", "hours": closed });
    let scene = Scene::new(config).await;
    let customer = scene.customer("cara").await;
    customer.say("anybody?").await;
    customer.desk_is("queue").await;
    let texts = customer.reads("Leave a message").await;
    assert_eq!(texts.len(), 2);
    customer.say("my parcel is lost").await;
    scene.on_duty(["ann"]).await;
    customer.agent_is("ann").await;
    let texts = customer.reads("talking to ann").await;
    assert_eq!(texts.len(), 4, "nothing else was said: {texts:?}");
}

#[tokio::test]
async fn opening_a_conversation_may_be_enough() {
    let scene = Scene::new(json!({ "start": "opened" })).await;
    let [ann] = scene.on_duty(["ann"]).await;
    let customer = scene.customer("cara").await;
    let open = json!({ "conversation": customer.id });
    customer.user.call("conversation.open", open.clone()).await;
    customer.agent_is("ann").await;
    ann.call("conversation.open", open).await;
    assert_eq!(customer.desk().await["by"], "agent");
}
