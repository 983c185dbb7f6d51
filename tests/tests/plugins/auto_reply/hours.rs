//! Business hours against the real clock: hours that are certainly open or closed, whatever the time is.

use serde_json::{Value, json};

use super::{desk, noon};

/// Every day as a whole.
fn always() -> Value {
    let day = json!(["00:00-24:00"]);
    json!({ "mon": day, "tue": day, "wed": day, "thu": day, "fri": day, "sat": day, "sun": day })
}

/// Always open, but for this year and the next ones.
fn closed() -> Value {
    json!({ "time_zone": noon(), "weekly": always(), "holidays": [
        { "from": "2000-01-01", "to": "2098-12-31", "name": "盘点" }] })
}

#[tokio::test]
async fn outside_of_the_hours_it_is_said_once() {
    let text = "{nickname}: {holiday}, back {back_at}";
    let config = json!({ "hours": closed(), "out_of_office": { "text": text }, "rules": [
        { "name": "price", "keywords": ["price"], "reply": "9.99", "cooldown_seconds": 0 }] });
    let (_app, customer, agent, id) = desk(config).await;
    customer.say(id, "anybody?").await;
    // Nobody ever comes back within two years: the field is empty.
    assert_eq!(customer.heard(id, 2).await[1], "小王: 盘点, back ");
    customer.say(id, "hello?").await;
    customer.say(id, "the price?").await;
    let texts = customer.heard(id, 5).await;
    assert_eq!(texts[2..], ["hello?", "the price?", "9.99"]);
    // Another conversation has an out-of-office text of its own.
    let room = customer.conversation("group", &[&agent]).await;
    customer.say(room, "anybody?").await;
    assert_eq!(customer.heard(room, 2).await[1], "小王: 盘点, back ");
}

#[tokio::test]
async fn it_is_not_said_while_open_nor_where_an_agent_began_nor_over_a_human() {
    let rule = json!([{ "name": "ask", "keywords": ["ask"], "reply": "told", "cooldown_seconds": 0 }]);
    let away = json!({ "text": "away" });
    let open = json!({ "time_zone": "Asia/Shanghai", "weekly": always() });
    let (_app, customer, _agent, id) = desk(json!({ "hours": open, "out_of_office": away, "rules": rule })).await;
    customer.say(id, "ask").await;
    assert_eq!(customer.heard(id, 2).await, ["ask", "told"]);

    let config = json!({ "agents": ["agent"], "hours": closed(), "out_of_office": away, "rules": rule,
        "quiet_minutes": 0 });
    let (_app, customer, agent, id) = desk(config).await;
    agent.say(id, "your parcel is here").await;
    customer.say(id, "thanks, may I ask").await;
    assert_eq!(
        customer.heard(id, 3).await[2],
        "told",
        "the agent began: only the rule speaks"
    );

    let config = json!({ "agents": ["agent"], "hours": closed(), "out_of_office": away });
    let (app, customer, agent, id) = desk(config.clone()).await;
    app.change_plugin("auto-reply", json!({ "enabled": false })).await;
    customer.say(id, "hi").await;
    agent.say(id, "hello").await;
    app.change_plugin("auto-reply", json!({ "enabled": true })).await;
    customer.say(id, "and now?").await;
    let room = customer.conversation("group", &[&agent]).await;
    customer.say(room, "hi").await;
    assert_eq!(customer.heard(room, 2).await[1], "away");
    assert_eq!(
        customer.texts(id).await,
        ["hi", "hello", "and now?"],
        "a human has just answered"
    );
}

#[tokio::test]
async fn a_zone_that_does_not_exist_is_told_and_does_no_harm() {
    let config = json!({ "hours": { "time_zone": "Mars/Base" }, "out_of_office": { "text": "away" }, "rules": [
        { "name": "price", "keywords": ["price"], "reply": "9.99" }] });
    let (app, customer, _agent, id) = desk(config).await;
    customer.say(id, "price").await;
    assert_eq!(customer.heard(id, 2).await, ["price", "9.99"]);
    let log = app.plugin_log("auto-reply").await;
    assert!(log.contains("Mars/Base") && log.contains("is no time zone"), "{log}");
}

#[tokio::test]
async fn a_configuration_that_does_not_fit_is_refused() {
    let (app, ..) = desk(json!({})).await;
    for (config, place) in [
        (json!({ "hours": { "weekly": { "mon": ["9-17"] } } }), "mon"),
        (
            json!({ "rules": [{ "name": "a", "on": "idle", "idle_seconds": 0, "reply": "x" }] }),
            "idle_seconds",
        ),
        (
            json!({ "menu": { "text": "x", "choices": [{ "label": "a" }] } }),
            "choices",
        ),
    ] {
        let refused = app
            .admin("PATCH", "/plugins/auto-reply", json!({ "config": config }))
            .await;
        let refused = refused.refused();
        assert!(refused.message.contains(place), "{}", refused.message);
    }
}
