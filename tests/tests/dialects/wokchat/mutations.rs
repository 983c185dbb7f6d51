//! Valid frames and requests, broken at random: each is answered, nobody is thrown out, the server is well.

use serde_json::{Value, json};

use super::page::Page;
use super::shop::{Person, Shop};
use crate::harness::{Chance, request};

const FRAMES: usize = 8_000;
const REQUESTS: usize = 2_000;
/// Frames between two looks at the answers.
const BATCH: usize = 25;

async fn scene() -> (Person, u64) {
    let shop = Shop::new().await;
    let (customer, agent) = shop.two().await;
    let session = customer.session_with(&agent).await;
    customer.say(session, "x").await;
    (customer, session)
}

fn frames(session: u64) -> Vec<Value> {
    vec![
        json!({ "action": "get_session_list", "skip": 0, "kwd": "", "pagesize": 200 }),
        json!({ "action": "connect_to_session", "session_id": session }),
        json!({ "action": "connect_to_user", "to_uid": 2 }),
        json!({ "action": "get_history_message_list", "session_id": session, "from_msg_id": 0, "pagesize": 20 }),
        json!({ "action": "get_new_message_list", "session_id": session, "from_msg_id": 1, "pagesize": 20 }),
        json!({ "action": "send_by_session", "session_id": session, "content": "hello world", "type": 1 }),
        json!({ "action": "send_by_session", "session_id": session, "content": "{\"title\":\"x\"}", "type": 4 }),
        json!({ "action": "set_session_rank", "session_id": session, "rank": 999 }),
        json!({ "action": "add_user_to_room", "room_session_id": session, "that_uid": 2 }),
        json!({ "action": "heartbeat" }),
    ]
}

#[tokio::test]
async fn broken_frames_hurt_nobody() {
    let (customer, session) = scene().await;
    let mut page = customer.page().await;
    let mut chance = Chance::new(13);
    let mut all = frames(session);
    all.push(customer.login());
    for round in 0..FRAMES {
        let frame = chance.pick(&all).to_string();
        let frame = chance.broken(&frame);
        page.send_text(&frame).await;
        if round % BATCH == 0 {
            told_nothing_worse(&mut page).await;
        }
    }
    told_nothing_worse(&mut page).await;
    page.ask(frames(session).remove(5), "send_success").await;
}

/// The page is still there, and no fault of the server has been told.
async fn told_nothing_worse(page: &mut Page) {
    page.send(json!({ "action": "connect_to_user", "to_uid": "end" })).await;
    loop {
        let frame = page.read().await.expect("nobody is thrown out");
        let text = frame["text"].as_str().unwrap_or_default();
        assert!(text != "系统错误请稍候再试", "{frame}");
        if text == "接收用户不存在:end" {
            return;
        }
    }
}

#[tokio::test]
async fn broken_requests_hurt_nobody() {
    let (customer, session) = scene().await;
    let shop = &customer.shop;
    let mut chance = Chance::new(17);
    let user = |name: &str, fields: Value| (format!("/api/wokchatuser/{name}"), Value::from(customer.signed(fields)));
    let admin = |name: &str, fields: Value| (format!("/api/wokchatadmin/{name}"), Value::from(shop.signed(fields)));
    for _ in 0..REQUESTS {
        // Signed anew, for a signature is not good for long.
        let all = [
            user("getSessionList", json!({})),
            user(
                "sendBySession",
                json!({ "session_id": session, "content": "x", "type": 1 }),
            ),
            user(
                "getHistoryMessageList",
                json!({ "session_id": session, "from_msg_id": 0 }),
            ),
            user("setSessionRank", json!({ "session_id": session, "rank": 1 })),
            admin(
                "pushUser",
                json!({ "uid": 2, "nickname": "x", "token": "t", "remark": "y", "auto_reply": "z" }),
            ),
            admin("createMsg", json!({ "uid": 1, "to_uid": 2, "content": "x", "type": 6 })),
            admin(
                "getNewMessageCount",
                json!({ "uid": 1, "session_id": session, "from_msg_id": 1 }),
            ),
        ];
        let (path, body) = chance.pick(&all);
        let body = chance.broken(&body.to_string());
        let answer = request(shop.address(), "POST", &format!("{}{path}", shop.prefix))
            .header("content-type", "application/json".to_owned())
            .bytes(body.clone())
            .send()
            .await;
        assert_eq!(answer.status, 200, "{path} {body}: {}", answer.text());
        let said: Value = serde_json::from_slice(&answer.body).unwrap();
        assert!(
            said["code"].is_u64() && said["msg"] != "系统错误请稍候再试",
            "{path} {body}: {said}"
        );
    }
    customer.say(session, "still there").await;
}
