//! W13: who opens a conversation is greeted, by the plugin auto-reply.

use serde_json::{Value, json};

use super::page::Page;
use super::shop::{Person, Shop, install};

const GRANTS: &str = "kv,users,conversations,conversations-write,messages,messages-send,connections,timers";

async fn desk(config: Value) -> (Shop, Person, Person, u64) {
    let shop = Shop::with(json!({ "login": "multiple" })).await;
    install(&shop.app, "auto-reply", GRANTS).await;
    shop.app.change_plugin("auto-reply", json!({ "config": config })).await;
    let (customer, agent) = shop.two().await;
    let session = customer.session_with(&agent).await;
    (shop, customer, agent, session)
}

async fn open(page: &mut Page, session: u64) -> Vec<Value> {
    let history = page
        .ask(
            json!({ "action": "get_history_message_list", "session_id": session, "from_msg_id": 0 }),
            "get_history_list_success",
        )
        .await;
    history["list"].as_array().unwrap().clone()
}

async fn news(page: &mut Page, session: u64, from: u64) -> Vec<Value> {
    let frame = json!({ "action": "get_new_message_list", "session_id": session, "from_msg_id": from });
    let page = page.ask(frame, "get_new_message_list_success").await;
    page["list"].as_array().unwrap().clone()
}

#[tokio::test]
async fn w13_opening_greets() {
    let (shop, customer, agent, session) = desk(json!({})).await;
    let texts = json!({ "uid": 2, "nickname": "客服", "auto_reply": "您好", "auto_reply_offline": "请留言" });
    shop.done("pushUser", texts).await;
    let mut desk = agent.page().await;
    let mut page = customer.page().await;
    let id = customer.say(session, "有人吗").await;
    page.expect("new_message").await;
    desk.expect("new_message").await;
    assert_eq!(
        open(&mut page, session).await.len(),
        1,
        "the page was made before the greeting"
    );
    assert_eq!(
        page.expect("sys_message").await,
        json!({ "do_action": "sys_message", "text": "您好" })
    );
    let told = desk.expect("new_message").await;
    assert_eq!(
        (&told["session"]["id"], &told["from_uid"]),
        (&json!(session), &json!(2))
    );
    // It is on the screen already: not new there, not unread; but a message like any other everywhere else.
    let notices = page.so_far().await;
    assert!(
        notices.iter().all(|frame| frame["do_action"] == "new_message"),
        "{notices:?}"
    );
    assert_eq!(news(&mut page, session, id).await, Vec::<Value>::new());
    let mut other = customer.page().await;
    assert_eq!(news(&mut other, session, id).await.len(), 1);
    let list = customer.done("getSessionList", json!({})).await;
    assert_eq!(list["list"][0]["new_msg_count"], 0);
    let history = open(&mut page, session).await;
    assert_eq!(
        (&history[0]["content"], &history[0]["from_uid"]),
        (&json!("您好"), &json!(2))
    );
    assert_eq!(news(&mut desk, session, id).await.len(), 1);
    assert_eq!(page.so_far().await, Vec::<Value>::new(), "once per cooldown");
}

#[tokio::test]
async fn w13_who_is_away_says_so() {
    let config = json!({ "greeting": { "default": "在", "default_offline": "不在" } });
    let (_shop, customer, _agent, session) = desk(config).await;
    let mut page = customer.page().await;
    open(&mut page, session).await;
    assert_eq!(page.expect("sys_message").await["text"], "不在");
}

#[tokio::test]
async fn w13_without_a_text_nothing_is_said() {
    let (_shop, customer, _agent, session) = desk(json!({})).await;
    let mut page = customer.page().await;
    open(&mut page, session).await;
    let id = customer.say(session, "x").await;
    page.expect("new_message").await;
    assert_eq!(page.so_far().await, Vec::<Value>::new());
    assert_eq!(news(&mut page, session, 0).await[0]["id"], id);
}

#[tokio::test]
async fn w13_answers_by_keyword_are_messages() {
    let rules = json!([{ "name": "price", "keywords": ["price"], "reply": "9.99", "cooldown_seconds": 0 }]);
    let (_shop, customer, _agent, session) = desk(json!({ "agents": ["2"], "rules": rules })).await;
    let mut page = customer.page().await;
    let id = customer.say(session, "price").await;
    page.expect("new_message").await;
    assert_eq!(page.expect("new_message").await["from_uid"], 2);
    assert_eq!(news(&mut page, session, id).await[0]["content"], "9.99");
}
