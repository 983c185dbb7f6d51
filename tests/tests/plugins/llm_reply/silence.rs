use std::sync::Arc;

use serde_json::json;
use tokio::sync::Notify;

use super::{ALONE, Desk};
use crate::harness::{Model, Turn, bundled, eventually};
use crate::plugins::auto_reply;

#[tokio::test]
async fn who_asks_for_a_human_is_handed_over_and_the_bot_is_silent() {
    let model = Model::saying("Hello.").await;
    let desk = Desk::new(&model, json!({ "handoff": { "texts": { "asked": "Calling one." } } })).await;
    desk.put_desk(json!({ "by": "bot", "agent": null, "since": 1, "wanted": null }))
        .await;
    desk.say("I want to talk to a human").await;
    assert_eq!(desk.hear(2).await[1], "Calling one.");
    let wanted = json!({ "reason": "asked", "from": "llm-reply", "customer": "ann" });
    let ext = eventually("a human to be called", async || {
        let ext = desk.ext().await;
        (ext["desk"]["wanted"] == wanted).then_some(ext)
    })
    .await;
    assert_eq!(
        (&ext["order"], &ext["desk"]["by"]),
        (&json!(7), &json!("bot")),
        "the rest stays"
    );
    // Called, queued, with an agent: silent. Given back: not any more.
    desk.say("hello?").await;
    for by in ["queue", "agent"] {
        desk.put_desk(json!({ "by": by, "agent": "eve", "wanted": null })).await;
        desk.say("hello?").await;
        desk.say("still there?").await;
    }
    observed(&desk, 6).await;
    assert_eq!(model.asked().len(), 0);
    desk.put_desk(json!({ "by": "bot", "agent": null, "wanted": null }))
        .await;
    desk.say("and now?").await;
    let texts = desk.hear(9).await;
    assert_eq!(texts[texts.len() - 2..], ["and now?", "Hello."], "{texts:?}");
    assert_eq!(model.asked().len(), 1);
}

#[tokio::test]
async fn without_a_desk_there_is_only_the_text() {
    let model = Model::saying("[[HANDOFF]]").await;
    let desk = Desk::new(&model, json!({})).await;
    desk.say("转人工").await;
    desk.say("what is the meaning of it all?").await;
    let texts = desk.hear(4).await;
    assert_eq!(texts.iter().filter(|text| *text == ALONE).count(), 2, "{texts:?}");
    assert_eq!((model.asked().len(), desk.ext().await), (1, json!({})));
}

#[tokio::test]
async fn who_comes_while_the_model_thinks_goes_first() {
    let gate = Arc::new(Notify::new());
    let thinks = Arc::clone(&gate);
    let model = Model::doing(move |_, _| Turn::Until(Arc::clone(&thinks), Box::new(Turn::says("Late.")))).await;
    let desk = Desk::new(&model, json!({})).await;
    desk.put_desk(json!({ "by": "bot" })).await;
    desk.say("hi").await;
    model.wait_for(1).await;
    desk.put_desk(json!({ "by": "agent", "agent": "eve" })).await;
    desk.say("hello?").await;
    gate.notify_one();
    observed(&desk, 2).await;
    assert_eq!(desk.hear(2).await, ["hi", "hello?"]);
}

#[tokio::test]
async fn a_human_who_types_silences_it_where_there_is_no_desk() {
    let model = Model::saying("Hello.").await;
    let desk = Desk::new(&model, json!({})).await;
    desk.say("hi").await;
    desk.hear(2).await;
    desk.bot.say(desk.room, "a human here").await;
    desk.say("fine").await;
    observed(&desk, 3).await;
    assert_eq!(desk.hear(4).await, ["hi", "Hello.", "a human here", "fine"]);
}

#[tokio::test]
async fn it_answers_no_agent_no_plugin_and_nowhere_it_is_not() {
    let model = Model::saying("Hello.").await;
    let desk = Desk::new(&model, json!({})).await;
    desk.app
        .upload("auto-reply", bundled("auto-reply"))
        .grants(auto_reply::GRANTS)
        .config(json!({ "rules": [{ "name": "any", "keywords": ["beep"], "reply": "boop" }], "quiet_minutes": 0 }))
        .install()
        .await;
    // An agent writes to the bot; two strangers to each other.
    let [eve, carl] = desk.app.users(["eve", "carl"]).await;
    let to_bot = eve.conversation("direct", &[&desk.bot]).await;
    eve.say(to_bot, "test").await;
    let apart = carl.conversation("direct", &[&desk.customer]).await;
    carl.say(apart, "hi").await;
    // The other plugin answers the bot's peer in the bot's name, and the bot in the peer's.
    desk.bot.say(desk.room, "beep").await;
    desk.hear(2).await;
    let other = desk.app.user("dora").await;
    let room = other.conversation("direct", &[&desk.bot]).await;
    other.say(room, "hi").await;
    other.heard(room, 2).await;
    observed(&desk, 5).await;
    assert_eq!(model.asked().len(), 1, "only dora was answered");
    for (user, room, count) in [(&eve, to_bot, 1), (&carl, apart, 1), (&desk.customer, desk.room, 2)] {
        assert_eq!(user.texts(room).await.len(), count);
    }
}

/// Waits until the plugin has been called so often: once for each text that it has not sent itself.
async fn observed(desk: &Desk, calls: u64) {
    eventually(&format!("{calls} calls"), async || {
        let counters = desk.app.counters("llm-reply", "observer").await;
        (counters["calls"].as_u64().unwrap() >= calls).then_some(())
    })
    .await;
}
