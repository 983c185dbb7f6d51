use serde_json::{Value, json};

use super::scene::{Customer, Scene};
use crate::harness::eventually;

/// A customer who was served by `ann` and is asked how it was.
async fn served(scene: &Scene) -> Customer {
    let [ann] = scene.on_duty(["ann"]).await;
    let customer = scene.customer("cara").await;
    customer.wants().await;
    customer.agent_is("ann").await;
    ann.say(customer.id, "done").await;
    let replied = format!("/conversations/{}", customer.id);
    eventually("the answer to count", async || {
        let shown = scene.console("GET", &replied, Value::Null).await.ok();
        shown["conversation"]["first_reply_ms"].as_u64()
    })
    .await;
    ann.say(customer.id, "/close").await;
    customer.reads("How did we do?").await;
    customer
}

async fn answers(scene: &Scene) -> Vec<Value> {
    let page = scene.console("GET", "/surveys", Value::Null).await.ok();
    page["surveys"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_customer_is_asked_by_buttons_and_answers_once_or_better() {
    let scene = Scene::new(json!({ "survey": {} })).await;
    let customer = served(&scene).await;
    let page = customer
        .user
        .call("message.history", json!({ "conversation": customer.id, "limit": 100 }))
        .await;
    let messages = page["messages"].as_array().unwrap();
    let survey = messages
        .iter()
        .find(|message| message["kind"] == "survey")
        .unwrap()
        .clone();
    assert_eq!(
        (&survey["body"]["agent"], &survey["body"]["state"]),
        (&json!("ann"), &json!("open"))
    );
    let rate = |score: u32| json!({ "message": survey["id"], "data": { "action": "rate", "score": score, "comment": "so so" } });
    let answer = customer.user.call("message.act", rate(3)).await;
    assert_eq!(answer["answer"]["score"], 3);
    customer.user.call("message.act", rate(4)).await;
    assert!(customer.user.attempt("message.act", rate(6)).await.is_err());
    let rows = eventually("the answer", async || {
        let rows = answers(&scene).await;
        (rows.first()?["score"] == 4).then_some(rows)
    })
    .await;
    assert_eq!(
        (rows.len(), &rows[0]["agent"], &rows[0]["comment"]),
        (1, &json!("ann"), &json!("so so"))
    );
    // Nobody else asks, or answers for the customer.
    let forged = json!({ "conversation": customer.id, "kind": "survey", "body": survey["body"] });
    customer
        .user
        .attempt("message.send", forged)
        .await
        .unwrap_err()
        .is("desk_only");
}

#[tokio::test]
async fn plain_words_do_as_well() {
    let scene = Scene::new(json!({ "survey": { "as": "text" } })).await;
    let customer = served(&scene).await;
    customer.say("5").await;
    customer.reads("Thank you for your answer").await;
    customer.say("very friendly").await;
    let rows = eventually("the comment", async || {
        let rows = answers(&scene).await;
        (rows.first()?["comment"] == "very friendly").then_some(rows)
    })
    .await;
    assert_eq!(
        (rows.len(), &rows[0]["score"], &rows[0]["customer"]),
        (1, &json!(5), &json!("cara"))
    );
    assert_eq!(customer.desk().await["by"], "closed");
}
