use serde_json::{Value, json};

use super::{ALONE, COLLEAGUE, Desk, SETTINGS};
use crate::harness::{App, Model, Server, Turn, eventually, now_ms};

/// Waits until a human was called, and answers why.
async fn called(desk: &Desk) -> Value {
    eventually("a human to be called", async || {
        let wanted = desk.ext().await["desk"]["wanted"].clone();
        (!wanted.is_null()).then(|| wanted["reason"].clone())
    })
    .await
}

/// A desk that the bot has.
async fn with_bot(model: &Model, more: Value) -> Desk {
    let desk = Desk::new(model, more).await;
    desk.put_desk(json!({ "by": "bot" })).await;
    desk
}

#[tokio::test]
async fn whatever_the_model_does_wrong_ends_at_a_human() {
    let model = Model::doing(|_, question| {
        let last = question["messages"].as_array().unwrap().last().unwrap();
        match last["content"].as_str().unwrap() {
            "late" => Turn::Thinks,
            "gone" => Turn::HangsUp,
            "busy" => Turn::Is(503, "{}".to_owned()),
            "limited" => Turn::Is(429, r#"{"error":{"message":"slow down"}}"#.to_owned()),
            "wrong" => Turn::Is(400, "{}".to_owned()),
            "moved" => Turn::Is(302, String::new()),
            "html" => Turn::Is(200, "<html>".to_owned()),
            "empty" => Turn::says(""),
            _ => Turn::says("I am not sure about that."),
        }
    })
    .await;
    let desk = with_bot(&model, json!({ "endpoint": { "timeout_ms": 3000 } })).await;
    let mut heard = 0;
    let mut asked = 0;
    for (what, reason, tries) in [
        ("late", "failed", 2),
        ("gone", "failed", 2),
        ("busy", "failed", 2),
        ("limited", "failed", 2),
        ("wrong", "failed", 1),
        ("moved", "failed", 1),
        ("html", "failed", 1),
        ("empty", "failed", 1),
        ("what?", "unsure", 1),
    ] {
        desk.put_desk(json!({ "by": "bot", "wanted": null })).await;
        desk.say(what).await;
        heard += 2;
        assert_eq!(desk.hear(heard).await.last().unwrap(), COLLEAGUE, "{what}");
        assert_eq!(called(&desk).await, reason, "{what}");
        asked += tries;
        assert_eq!(model.asked().len(), asked, "{what}");
    }
    let log = desk.app.plugin_log("llm-reply").await;
    for why in ["answered 503", "slow down", "cannot be read", "show doubt"] {
        assert!(log.contains(why), "{why}: {log}");
    }
    assert!(!log.contains("sk-of-the-tests"), "{log}");
    assert_eq!(desk.app.dead_jobs().await, [Value::Null; 0]);
}

#[tokio::test]
async fn a_failure_that_passes_is_not_seen() {
    let model = Model::doing(|number, _| match number {
        0 => Turn::Is(500, "{}".to_owned()),
        _ => Turn::says("Here I am."),
    })
    .await;
    let desk = with_bot(&model, json!({})).await;
    desk.say("hi").await;
    assert_eq!(desk.hear(2).await[1], "Here I am.");
    assert_eq!(model.asked().len(), 2);
}

#[tokio::test]
async fn a_host_that_is_not_allowed_or_private_is_not_asked() {
    let model = Model::saying("Hello.").await;
    let desk = with_bot(&model, json!({})).await;
    desk.app
        .change_plugin("llm-reply", json!({ "http_hosts": ["api.example.com"] }))
        .await;
    desk.say("hi").await;
    assert_eq!(called(&desk).await, "failed");
    assert!(desk.app.plugin_log("llm-reply").await.contains("http_forbidden"));

    let careful = Server::start(&SETTINGS[1..]);
    let desk = Desk::on(&careful, &model, json!({})).await;
    desk.say("hi").await;
    assert_eq!(desk.hear(2).await[1], ALONE);
    assert!(desk.app.plugin_log("llm-reply").await.contains("http_private"));
    assert_eq!(model.asked().len(), 0);
}

#[tokio::test]
async fn a_used_up_budget_ends_at_a_human_and_only_there() {
    let model = Model::doing(|_, _| Turn::Says("Sure.".to_owned(), 700)).await;
    let more = json!({ "endpoint": { "max_tokens": 100 }, "system": "S",
        "budget": { "conversation_tokens": 1000, "app_tokens": 1600 } });
    let desk = with_bot(&model, more).await;
    if now_ms() % 86_400_000 > 86_340_000 {
        // Nobody's budget may be renewed in the middle of this.
        tokio::time::sleep(std::time::Duration::from_secs(61)).await;
    }
    for (number, expected) in [(1, "Sure."), (2, "Sure."), (3, COLLEAGUE)] {
        desk.say("a question").await;
        assert_eq!(desk.hear(number * 2).await.last().unwrap(), expected);
    }
    assert_eq!(called(&desk).await, "budget");
    assert_eq!(model.asked().len(), 2, "1,400 of 1,000");
    // Another conversation has tokens of its own, but the app has hardly any left.
    let ben = desk.app.user("ben").await;
    let room = ben.conversation("direct", &[&desk.bot]).await;
    ben.say(room, "a question").await;
    assert_eq!(ben.heard(room, 2).await[1], "Sure.");
    ben.say(room, "another").await;
    assert_eq!(ben.heard(room, 4).await[3], ALONE);
    assert_eq!(model.asked().len(), 3);
}

#[tokio::test]
async fn one_that_is_not_set_up_does_nothing_and_mistakes_are_refused() {
    let app = App::on(&Server::start(&SETTINGS), json!({})).await;
    let install = crate::harness::bundled("llm-reply");
    app.upload("llm-reply", install).grants(super::GRANTS).install().await;
    let [ann, bot] = app.users(["ann", "bot"]).await;
    let room = ann.conversation("direct", &[&bot]).await;
    ann.say(room, "hi").await;
    eventually("the call", async || {
        let calls = app.counters("llm-reply", "observer").await["calls"].clone();
        (calls == 1).then_some(())
    })
    .await;
    assert_eq!(ann.texts(room).await, ["hi"]);
    for bad in [
        json!({ "bot": "bot" }),
        json!({ "bot": "bot", "endpoint": { "url": "x", "model": "m" } }),
        json!({ "bot": "bot", "endpoint": { "url": "http://x/v1", "model": "m" }, "budget": { "app_tokens": -1 } }),
    ] {
        app.admin("PATCH", "/plugins/llm-reply", json!({ "config": bad }))
            .await
            .refused()
            .is("bad_field");
    }
}
