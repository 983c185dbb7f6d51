use serde_json::{Value, json};

use super::scene::{Customer, Scene};
use crate::harness::eventually;

/// Customers who wait one after the other.
async fn line<const N: usize>(scene: &Scene, uids: [&str; N]) -> [Customer; N] {
    let mut line = Vec::new();
    for uid in uids {
        let customer = scene.customer(uid).await;
        customer.wants().await;
        customer.reads("number").await;
        line.push(customer);
    }
    line.try_into().unwrap_or_else(|_| unreachable!())
}

fn places(texts: &[String]) -> Vec<&str> {
    texts
        .iter()
        .filter_map(|text| text.split("number ").nth(1)?.split(' ').next())
        .collect()
}

#[tokio::test]
async fn who_waits_is_told_its_place_and_where_it_moves_to() {
    let scene = Scene::new(json!({ "queue": { "every_seconds": 0.5 } })).await;
    let [_ann] = scene.on_duty(["ann"]).await;
    let served = scene.customer("first").await;
    served.wants().await;
    served.agent_is("ann").await;
    let [a, b, c] = line(&scene, ["a", "b", "c"]).await;
    for (customer, place) in [(&a, "1"), (&b, "2"), (&c, "3")] {
        assert_eq!(places(&customer.user.texts(customer.id).await), [place]);
    }
    let waiting = scene.console("GET", "/queue", Value::Null).await.ok();
    let ids: Vec<&str> = waiting["waiting"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["customer"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["a", "b", "c"]);
    scene
        .console("POST", "/close", json!({ "conversation": served.id }))
        .await
        .ok();
    a.agent_is("ann").await;
    b.reads("number 1").await;
    c.reads("number 2").await;
    // One who gives up makes room as well.
    let leave = json!({ "conversation": b.id });
    b.user.call("member.leave", leave).await;
    assert_eq!(places(&c.reads("number 1").await), ["3", "2", "1"]);
}

#[tokio::test]
async fn a_place_is_told_no_more_often_than_asked() {
    let scene = Scene::new(json!({ "queue": { "every_seconds": 3600 } })).await;
    scene.on_duty(["ann", "bob"]).await;
    for uid in ["x", "y"] {
        let served = scene.customer(uid).await;
        served.wants().await;
        served.desk_is("agent").await;
    }
    let [a, b, c] = line(&scene, ["a", "b", "c"]).await;
    scene
        .console("POST", "/close", json!({ "conversation": a.id }))
        .await
        .ok();
    a.desk_is("closed").await;
    let ann = scene.agent("ann").await["load"][0]["conversation"]
        .as_str()
        .unwrap()
        .to_owned();
    scene
        .console("POST", "/close", json!({ "conversation": ann }))
        .await
        .ok();
    b.agent_is("ann").await;
    assert_eq!(places(&c.user.texts(c.id).await), ["3"]);
}

#[tokio::test]
async fn a_wait_has_an_end() {
    let scene = Scene::new(json!({ "queue": { "every_seconds": 0.3, "max_seconds": 1 } })).await;
    scene.on_duty(["ann"]).await;
    let served = scene.customer("x").await;
    served.wants().await;
    served.agent_is("ann").await;
    let customer = scene.customer("cara").await;
    customer.wants().await;
    customer.reads("sorry").await;
    customer.desk_is("bot").await;
    eventually("an empty queue", async || {
        let queue = scene.console("GET", "/queue", Value::Null).await.ok();
        queue["waiting"].as_array().unwrap().is_empty().then_some(())
    })
    .await;
}
