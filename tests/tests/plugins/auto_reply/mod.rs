//! The plugin auto-reply in the real server.

mod hours;
mod menu;
mod rules;
mod waiting;

use serde_json::{Value, json};

use crate::harness::{App, User, bundled, now_ms};

pub const GRANTS: &str = "kv,users,conversations,conversations-write,messages,messages-send,connections,timers";

/// A time zone in which it is about noon, so that no test sees the day change.
pub fn noon() -> String {
    let offset = 12 - i64::try_from(now_ms() / 3_600_000 % 24).unwrap();
    let sign = if offset < 0 { '-' } else { '+' };
    format!("{sign}{:02}:00", offset.abs())
}

/// An app with a customer and an agent in a direct conversation.
async fn desk(config: Value) -> (App, User, User, u64) {
    let app = App::new().await;
    app.upload("auto-reply", bundled("auto-reply"))
        .grants(GRANTS)
        .install()
        .await;
    app.change_plugin("auto-reply", json!({ "config": config })).await;
    let [customer, agent] = app.users(["customer", "agent"]).await;
    customer.call("user.update", json!({ "nickname": "小王" })).await;
    let id = customer.conversation("direct", &[&agent]).await;
    (app, customer, agent, id)
}

#[tokio::test]
async fn who_opens_a_conversation_is_greeted_once() {
    let config = json!({ "greeting": { "default": "您好 {nickname}", "default_offline": "留言吧" } });
    let (_app, customer, agent, id) = desk(config).await;
    let mut socket = customer.connect().await;
    let open = json!({ "conversation": id });
    socket.call("conversation.open", open.clone()).await;
    let greeting = socket.event("message.sent").await["data"].clone();
    assert_eq!(
        (&greeting["body"]["text"], &greeting["from"]),
        (&json!("留言吧"), &json!("agent")),
        "nobody is there"
    );
    assert_eq!(greeting["origin"], "auto-reply");
    // Once per cooldown, on however many devices.
    socket.call("conversation.open", open.clone()).await;
    customer.call("conversation.open", open).await;
    agent.say(id, "hello").await;
    assert_eq!(customer.heard(id, 2).await, ["留言吧", "hello"]);

    let config = json!({ "greeting": { "default": "您好 {nickname}" } });
    let (_app, customer, agent, id) = desk(config).await;
    let _online = agent.connect().await;
    customer.call("conversation.open", json!({ "conversation": id })).await;
    assert_eq!(customer.heard(id, 1).await, ["您好 小王"]);
}

#[tokio::test]
async fn an_agent_has_greetings_of_its_own() {
    let (_app, customer, agent, id) = desk(json!({ "greeting": { "default": "default" } })).await;
    agent
        .call(
            "user.update",
            json!({ "attributes": { "auto_reply": "mine", "auto_reply_offline": "gone" } }),
        )
        .await;
    customer.call("conversation.open", json!({ "conversation": id })).await;
    assert_eq!(customer.heard(id, 1).await, ["gone"]);
}

#[tokio::test]
async fn rules_answer_until_a_human_does() {
    let rules = json!([
        { "name": "price", "keywords": ["price", "多少钱"], "reply": "{nickname}: 9.99", "cooldown_seconds": 0 },
        { "name": "order", "pattern": "order\\s*#?\\d+", "reply": "looking", "cooldown_seconds": 3600 }
    ]);
    let (_app, customer, agent, id) = desk(json!({ "agents": ["agent"], "rules": rules })).await;
    customer.say(id, "请问多少钱？").await;
    assert_eq!(customer.heard(id, 2).await[1], "小王: 9.99");
    customer.say(id, "What PRICE?").await;
    assert_eq!(customer.heard(id, 4).await[3], "小王: 9.99");
    customer.say(id, "where is order #17").await;
    assert_eq!(customer.heard(id, 6).await[5], "looking");
    // Cooling down, this rule is silent; the next answer is the other's.
    customer.say(id, "and order #18").await;
    customer.say(id, "the price").await;
    let texts = customer.heard(id, 9).await;
    assert_eq!(texts[6..], ["and order #18", "the price", "小王: 9.99"]);
    // Nobody talks over a human.
    agent.say(id, "price is my job").await;
    customer.say(id, "price").await;
    agent.say(id, "10").await;
    customer.say(id, "thanks for the price").await;
    let other = customer.conversation("group", &[&agent]).await;
    customer.say(other, "price").await;
    customer.heard(other, 2).await;
    assert_eq!(
        customer.texts(id).await[9..],
        ["price is my job", "price", "10", "thanks for the price"]
    );
}
