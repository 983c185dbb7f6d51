//! The menu, as numbers and as buttons, and the way from it to a human.

use serde_json::{Value, json};

use super::desk;
use crate::harness::{App, User, bundled, eventually};

fn config(style: &str) -> Value {
    json!({ "quiet_minutes": 0, "menu": {
        "words": ["菜单"], "style": style, "text": "{nickname}?", "back": "返回",
        "choices": [
            { "label": "Price", "reply": "9.99" },
            { "label": "Where", "menu": { "text": "To", "choices": [
                { "label": "China", "reply": "3 days", "set": { "region": "cn" } }] } },
            { "label": "人工", "reply": "one moment", "hand_off": "{nickname} chose it" }
        ] } })
}

async fn ext(user: &User, id: u64) -> Value {
    user.call("conversation.get", json!({ "conversation": id })).await["ext"].clone()
}

const ROOT: &str = "小王?\n1. Price\n2. Where\n3. 人工";

#[tokio::test]
async fn a_customer_walks_through_the_menu_to_a_human() {
    let (_app, customer, agent, id) = desk(config("numbers")).await;
    let mut count = 0;
    for (said, answer) in [
        ("菜单", ROOT),
        ("2", "To\n1. China\n0. 返回"),
        ("china", "3 days"),
        ("0", ROOT),
        ("１", "9.99"),
        ("3.", "one moment"),
    ] {
        customer.say(id, said).await;
        count += 2;
        assert_eq!(customer.heard(id, count).await[count - 1], answer, "{said}");
    }
    let wanted = eventually("the hand-off", async || {
        let ext = ext(&agent, id).await;
        ext.pointer("/desk/wanted")
            .map(|wanted| (wanted.clone(), ext["region"].clone()))
    })
    .await;
    let reason = json!({ "reason": "小王 chose it", "from": "auto-reply" });
    assert_eq!(wanted, (reason, json!("cn")));
}

#[tokio::test]
async fn bots_are_silent_while_a_desk_has_the_conversation() {
    let (app, customer, agent, id) = desk(config("numbers")).await;
    let by = async |by: &str| {
        let ext = json!({ "conversation": id, "ext": { "desk": { "by": by } } });
        agent.call("conversation.update", ext).await;
    };
    by("agent").await;
    customer.say(id, "菜单").await;
    // The desk is looked at when a message is heard of.
    heard_of(&app, 1).await;
    by("queue").await;
    customer.say(id, "菜单").await;
    heard_of(&app, 2).await;
    by("bot").await;
    customer.say(id, "菜单").await;
    assert_eq!(customer.heard(id, 4).await, ["菜单", "菜单", "菜单", ROOT]);
}

/// Waits until the plugin has been told of so many messages.
async fn heard_of(app: &App, messages: u64) {
    eventually("the plugin to hear", async || {
        let counters = app.counters("auto-reply", "observer").await;
        (counters["calls"].as_u64() >= Some(messages)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn buttons_are_a_card_where_the_app_has_cards() {
    let (app, customer, _agent, id) = desk(config("buttons")).await;
    customer.say(id, "菜单").await;
    assert_eq!(customer.heard(id, 2).await[1], ROOT, "without cards it is numbers");
    standard_types(&app).await;
    customer.say(id, "菜单").await;
    let page = eventually("the card", async || {
        let page = customer
            .call("message.history", json!({ "conversation": id, "limit": 1 }))
            .await;
        (page["messages"][0]["kind"] == "card").then(|| page["messages"][0].clone())
    })
    .await;
    assert_eq!(page["body"]["text"], ROOT);
    assert_eq!(
        page["body"]["attr"]["buttons"][2],
        json!({ "label": "人工", "send": "3" })
    );
    assert_eq!(
        (&page["from"], &page["origin"]),
        (&json!("agent"), &json!("auto-reply"))
    );
}

async fn standard_types(app: &App) {
    app.upload("standard-types", bundled("standard-types")).install().await;
}
