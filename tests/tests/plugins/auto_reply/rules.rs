//! Events, conditions and actions in the real server.

use serde_json::{Value, json};

use super::{GRANTS, desk};
use crate::harness::{App, bundled, eventually};

#[tokio::test]
async fn conditions_look_at_users_ext_and_what_was_remembered() {
    let rules = json!([
        { "name": "note", "when": { "remembered": { "asked": null } }, "cooldown_seconds": 0, "actions": [
            { "remember": { "name": "asked" } }, { "add": { "path": "/tags", "value": "new" } }] },
        { "name": "vip", "when": { "user": { "/vip": true }, "ext": { "/tags": null } }, "cooldown_seconds": 0,
          "reply": "first" },
        { "name": "known", "when": { "remembered": { "asked": "yes" }, "scripts": ["han"] }, "cooldown_seconds": 0,
          "reply": "又见面了" },
        { "name": "again", "when": { "remembered": { "asked": "yes" } }, "cooldown_seconds": 0,
          "reply": "again" }
    ]);
    let (_app, customer, agent, id) = desk(json!({ "quiet_minutes": 0, "rules": rules })).await;
    customer
        .call("user.update", json!({ "attributes": { "vip": true } }))
        .await;
    customer.say(id, "hello").await;
    assert_eq!(customer.heard(id, 2).await[1], "first");
    let ext = eventually("the tag", async || {
        let seen = agent.call("conversation.get", json!({ "conversation": id })).await;
        (seen["ext"]["tags"] == json!(["new"])).then_some(())
    });
    ext.await;
    customer.say(id, "hello").await;
    customer.say(id, "你好").await;
    let texts = customer.heard(id, 6).await;
    assert_eq!(texts.iter().filter(|text| *text == "again").count(), 1, "{texts:?}");
    assert_eq!(texts.iter().filter(|text| *text == "又见面了").count(), 1, "{texts:?}");
}

#[tokio::test]
async fn who_comes_in_is_welcomed_and_who_opens_hears_its_rule() {
    let rules = json!([
        { "name": "in", "on": "joined", "reply": "Welcome {nickname}" },
        { "name": "new", "on": "opened", "when": { "first_contact": true }, "reply": "New here, {nickname}?" },
        { "name": "old", "on": "opened", "reply": "Welcome back" }
    ]);
    let (app, customer, agent, id) = desk(json!({ "agents": ["agent"], "rules": rules })).await;
    let open = json!({ "conversation": id });
    customer.call("conversation.open", open.clone()).await;
    assert_eq!(customer.heard(id, 1).await, ["New here, 小王?"]);
    customer.call("conversation.open", open.clone()).await;
    customer.say(id, "hi").await;
    customer.call("conversation.open", open).await;
    assert_eq!(customer.heard(id, 3).await, ["New here, 小王?", "hi", "Welcome back"]);

    let room = agent.conversation("group", &[]).await;
    let ann = app.user("ann").await;
    let join = json!({ "conversation": room, "users": [customer.uid, ann.uid] });
    agent.call("member.add", join).await;
    let said = agent.heard(room, 1).await.remove(0);
    assert!(
        ["Welcome 小王, ann", "Welcome ann, 小王"].contains(&said.as_str()),
        "{said}"
    );
}

#[tokio::test]
async fn cards_and_other_kinds_are_sent_and_heard() {
    let rules = json!([
        { "name": "picture", "when": { "kinds": ["image"] }, "reply": "nice" },
        { "name": "card", "keywords": ["who"], "actions": [
            { "card": { "text": "ask {peer_nickname}", "nickname": "Bridget", "user": "agent" } }] }
    ]);
    let app = App::new().await;
    app.upload("standard-types", bundled("standard-types")).install().await;
    app.upload("auto-reply", bundled("auto-reply"))
        .grants(GRANTS)
        .install()
        .await;
    app.change_plugin("auto-reply", json!({ "config": { "rules": rules } }))
        .await;
    let [customer, agent] = app.users(["customer", "agent"]).await;
    let id = customer.conversation("direct", &[&agent]).await;
    let image = json!({ "conversation": id, "kind": "image", "body": { "url": "/files/x.png" } });
    customer.call("message.send", image).await;
    assert_eq!(customer.heard(id, 2).await[1], "nice");
    customer.say(id, "who is there").await;
    customer.heard(id, 4).await;
    let page = customer
        .call("message.history", json!({ "conversation": id, "limit": 1 }))
        .await;
    let card: &Value = &page["messages"][0];
    assert_eq!(
        (&card["kind"], &card["body"]["text"]),
        (&json!("card"), &json!("ask agent"))
    );
}
