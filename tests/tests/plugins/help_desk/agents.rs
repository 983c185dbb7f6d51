use serde_json::{Value, json};

use super::scene::Scene;
use crate::harness::eventually;

#[tokio::test]
async fn an_offer_that_is_not_accepted_goes_to_the_next_and_its_agent_is_away() {
    let config = json!({ "accept_seconds": 1, "away": { "offline_seconds": 0, "missed": 1 },
        "assign": "round_robin", "queue": { "every_seconds": 0.5 } });
    let scene = Scene::new(config).await;
    let [ann, bob] = scene.on_duty(["ann", "bob"]).await;
    let customer = scene.customer("cara").await;
    customer.wants().await;
    let first = customer.offered().await;
    let desk = customer.desk().await;
    assert_eq!((&desk["by"], &desk["agent"]), (&json!("queue"), &Value::Null));
    let second = eventually("an offer to the other", async || {
        let offered = customer.desk().await["offered"].as_str().map(str::to_owned)?;
        (offered != first).then_some(offered)
    })
    .await;
    assert_eq!(scene.agent(&first).await["duty"], "away");
    assert!(!customer.members().await.contains(&first));
    // A word is as good as a click.
    let (other, late) = if second == "ann" { (ann, bob) } else { (bob, ann) };
    other.say(customer.id, "here I am").await;
    customer.agent_is(&second).await;
    let refused = scene
        .console_of(&late, "POST", "/accept", json!({ "conversation": customer.id }))
        .await;
    assert_eq!(refused.status, 409);
    assert_eq!(scene.agent(&first).await["totals"]["missed"], 1);
}

#[tokio::test]
async fn who_has_no_connection_is_away_and_who_has_one_again_is_back() {
    let away = json!({ "offline_seconds": 0.6, "check_seconds": 0.3 });
    let scene = Scene::new(json!({ "away": away })).await;
    let [ann] = scene.on_duty(["ann"]).await;
    let duty = async |expected: &str| {
        eventually(&format!("ann to be {expected}"), async || {
            (scene.agent("ann").await["duty"] == expected).then_some(())
        })
        .await;
    };
    duty("away").await;
    let socket = ann.connect().await;
    duty("online").await;
    socket.close().await;
    duty("away").await;
    let customer = scene.customer("cara").await;
    customer.wants().await;
    customer.desk_is("bot").await;
}

#[tokio::test]
async fn agents_say_themselves_whether_they_are_there() {
    let scene = Scene::new(json!({})).await;
    let [ann, bob] = scene.app.users(["ann", "bob"]).await;
    let lounge = ann.conversation("group", &[&bob]).await;
    let whisper = async |line: &str| {
        let reply = ann.say(lounge, line).await;
        reply["command"]["whisper"]
            .as_str()
            .unwrap_or_else(|| panic!("{reply}"))
            .to_owned()
    };
    assert_eq!(whisper("/back").await, "You are online, with 0 of 1 conversations.");
    assert_eq!(whisper("/away busy").await, "You are busy.");
    let customer = scene.customer("cara").await;
    customer.wants().await;
    customer.reads("number 1").await;
    assert!(whisper("/queue").await.contains("cara"));
    whisper("/back").await;
    customer.agent_is("ann").await;
    assert_eq!(whisper("/away offline").await, "You are offline.");
    // What one has accepted stays.
    assert_eq!(customer.desk().await["agent"], "ann");
    let stranger = scene.app.user("eve").await;
    let room = stranger.conversation("group", &[]).await;
    for line in ["/back", "/queue", "/accept", "/close", "/transfer ann", "/assign ann"] {
        let data = json!({ "conversation": room, "kind": "text", "body": { "text": line } });
        assert!(stranger.attempt("message.send", data).await.is_err(), "{line}");
    }
}

#[tokio::test]
async fn conversations_are_passed_on_to_agents_and_teams_but_not_for_ever() {
    let agents = json!([{ "uid": "ann", "teams": ["help"] }, { "uid": "bob", "teams": ["sales"] }]);
    let config = json!({ "agents": agents, "teams": ["help", "sales"], "transfers": 2 });
    let scene = Scene::new(config).await;
    let [ann, bob] = scene.on_duty(["ann", "bob"]).await;
    let customer = scene.customer("cara").await;
    customer.wants().await;
    customer.agent_is("ann").await;
    ann.say(customer.id, "/transfer team:sales").await;
    customer.agent_is("bob").await;
    customer.reads("passed on to sales").await;
    assert_eq!(customer.members().await, ["bob", "cara"]);
    bob.say(customer.id, "/transfer @ann").await;
    customer.agent_is("ann").await;
    eventually("bob to have left", async || {
        (customer.members().await == ["ann", "cara"]).then_some(())
    })
    .await;
    let body = json!({ "conversation": customer.id, "agent": "bob" });
    let refused = scene.console_of(&ann, "POST", "/transfer", body.clone()).await;
    assert!(refused.text().contains("desk_too_often"), "{}", refused.text());
    let refused = scene.console_of(&bob, "POST", "/transfer", body).await;
    assert!(refused.text().contains("desk_not_yours"), "{}", refused.text());
    scene.idle("bob").await;
    assert_eq!(scene.load("ann").await, 1);
}
