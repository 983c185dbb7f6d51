use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::scene::Scene;
use crate::harness::eventually;

#[tokio::test]
async fn who_has_the_fewest_is_given_the_next_up_to_its_cap() {
    let agents = json!([{ "uid": "ann", "cap": 1 }, { "uid": "bob", "cap": 3 }]);
    let scene = Scene::new(json!({ "agents": agents })).await;
    scene.on_duty(["ann", "bob"]).await;
    for uid in ["a", "b", "c", "d", "e"] {
        let customer = scene.customer(uid).await;
        customer.wants().await;
        customer.desk_is(if uid == "e" { "queue" } else { "agent" }).await;
    }
    assert_eq!((scene.load("ann").await, scene.load("bob").await), (1, 3));
}

#[tokio::test]
async fn each_in_turn() {
    let scene = Scene::new(json!({ "assign": "round_robin", "cap": 9, "returning": false })).await;
    scene.on_duty(["ann", "bob"]).await;
    let mut turns = Vec::new();
    for uid in ["a", "b", "c", "d"] {
        let customer = scene.customer(uid).await;
        customer.wants().await;
        turns.push(customer.desk_is("agent").await["agent"].as_str().unwrap().to_owned());
    }
    assert!(
        turns[0] != turns[1] && turns[0] == turns[2] && turns[1] == turns[3],
        "{turns:?}"
    );
}

#[tokio::test]
async fn a_customer_who_comes_back_gets_the_agent_it_knows() {
    let scene = Scene::new(json!({ "cap": 9, "assign": "round_robin" })).await;
    scene.on_duty(["ann", "bob"]).await;
    let cara = scene.customer("cara").await;
    cara.wants().await;
    let known = cara.desk_is("agent").await["agent"].as_str().unwrap().to_owned();
    scene
        .console("POST", "/close", json!({ "conversation": cara.id }))
        .await
        .ok();
    cara.desk_is("closed").await;
    // In another conversation, too, although it is the other agent's turn.
    let again = scene.app.user("cara").await;
    let id = again.conversation("group", &[]).await;
    let again = super::scene::Customer { user: again, id };
    again.wants().await;
    again.agent_is(&known).await;
}

#[tokio::test]
async fn agents_take_for_themselves() {
    let scene = Scene::new(json!({ "assign": "manual" })).await;
    let [ann, bob] = scene.on_duty(["ann", "bob"]).await;
    let (first, second) = (scene.customer("a").await, scene.customer("b").await);
    for customer in [&first, &second] {
        customer.wants().await;
        customer.reads("number").await;
    }
    let took = scene
        .console_of(&bob, "POST", "/accept", json!({ "conversation": second.id }))
        .await
        .ok();
    assert_eq!(took["conversation"]["agent"], "bob");
    second.agent_is("bob").await;
    let lounge = ann.conversation("group", &[]).await;
    let reply = ann.say(lounge, "/accept").await;
    let expected = format!("You have the conversation {}.", first.id);
    assert_eq!(reply["command"]["whisper"], expected);
    first.agent_is("ann").await;
    let full = ann
        .attempt(
            "message.send",
            json!({ "conversation": lounge, "kind": "text", "body": { "text": "/accept" } }),
        )
        .await;
    assert!(full.is_err(), "nobody waits, and there is no room");
}

#[tokio::test]
async fn many_at_once_never_exceed_a_cap() {
    let agents = json!([{ "uid": "ann", "cap": 2 }, { "uid": "bob", "cap": 2 }]);
    let scene = Scene::new(json!({ "agents": agents, "queue": { "every_seconds": 0.5 } })).await;
    scene.on_duty(["ann", "bob"]).await;
    let mut customers = Vec::new();
    for number in 0..12 {
        customers.push(scene.customer(&format!("c{number}")).await);
    }
    let wants = customers.iter().map(super::scene::Customer::wants);
    for want in wants.collect::<Vec<_>>() {
        want.await;
    }
    let mut served = BTreeSet::new();
    while served.len() < customers.len() {
        let (ann, bob) = eventually("somebody to be served", async || {
            let (ann, bob) = (scene.agent("ann").await, scene.agent("bob").await);
            let load = |agent: &Value| {
                let slots = agent["load"].as_array().unwrap();
                assert!(slots.len() <= 2, "{agent}");
                slots
                    .iter()
                    .map(|slot| slot["conversation"].as_str().unwrap().to_owned())
                    .collect::<Vec<_>>()
            };
            let (ann, bob) = (load(&ann), load(&bob));
            (!ann.is_empty() || !bob.is_empty()).then_some((ann, bob))
        })
        .await;
        for id in ann.into_iter().chain(bob) {
            let number: u64 = id.parse().unwrap();
            let close = scene.console("POST", "/close", json!({ "conversation": number })).await;
            if close.status == 200 {
                assert!(served.insert(id.clone()), "{id} was served twice");
            }
        }
    }
    eventually("nobody to have anything", async || {
        (scene.load("ann").await + scene.load("bob").await == 0).then_some(())
    })
    .await;
    for customer in &customers {
        let texts = customer.user.texts(customer.id).await;
        assert_eq!(
            texts.iter().filter(|text| text.contains("talking to")).count(),
            1,
            "{texts:?}"
        );
    }
}
