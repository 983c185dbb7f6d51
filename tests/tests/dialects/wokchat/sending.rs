//! W5 and W10: sending, over sockets and over HTTP.

use serde_json::{Value, json};

use super::shop::{Person, Shop};
use crate::harness::User;

async fn newest(person: &Person, session: u64) -> Value {
    let page = json!({ "session_id": session, "pagesize": 1 });
    person.done("getHistoryMessageList", page).await["list"][0].clone()
}

#[tokio::test]
async fn w10_every_type_comes_back_as_it_was_sent() {
    let shop = Shop::new().await;
    let (customer, agent) = shop.two().await;
    let session = customer.session_with(&agent).await;
    let mut page = customer.page().await;
    for (kind, content) in [
        (1, "hello world"),
        (2, "http://www.mysiete.com/images/123.png"),
        (3, "http://www.mysiete.com/images/456.mp3"),
        (5, "http://www.mysiete.com/images/789.mp4"),
        (2, "no address.png"),
        (3, "//host/x.mp3"),
        (4, "no card"),
        (6, "{\"x\":1}"),
        (2_147_483_647, "free"),
    ] {
        let frame = json!({ "action": "send_by_session", "session_id": session, "content": content, "type": kind });
        page.ask(frame, "send_success").await;
        let row = newest(&agent, session).await;
        assert_eq!((&row["type"], &row["content"]), (&json!(kind), &json!(content)));
    }
    for (fields, text) in [
        (json!({ "content": "x", "type": 0 }), "type必须大于0"),
        (json!({ "content": "x", "type": 2_147_483_648_u64 }), "type必须大于0"),
        (json!({ "content": "x", "type": "text" }), "type必须是数字"),
        (json!({ "type": 1 }), "content不能为空"),
        (json!({ "content": true, "type": 1 }), "content格式错误"),
    ] {
        let mut frame = json!({ "action": "send_by_session", "session_id": session });
        frame
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        assert_eq!(page.refused(frame).await, text, "{fields}");
    }
    for kind in [1, 2, 4, 7] {
        let fits = "长".repeat(2_000);
        let frame = |content: String| json!({ "action": "send_by_session", "session_id": session, "content": content, "type": kind });
        assert_eq!(page.refused(frame(format!("{fits}!"))).await, "发送内容应在2000字以内");
        page.ask(frame(fits), "send_success").await;
    }
}

#[tokio::test]
async fn w10_both_sides_hear_on_all_their_connections() {
    let shop = Shop::with(json!({ "login": "multiple" })).await;
    let (customer, agent) = shop.two().await;
    let session = customer.session_with(&agent).await;
    let mut pages = [
        customer.page().await,
        customer.page().await,
        agent.page().await,
        agent.page().await,
    ];
    let frame = json!({ "action": "send_by_session", "session_id": session, "content": "x", "type": 1 });
    pages[0].send(frame).await;
    assert_eq!(
        pages[0].read().await,
        Some(json!({ "do_action": "send_success" })),
        "first of all"
    );
    for page in &mut pages {
        let news = page.expect("new_message").await;
        assert_eq!(
            (&news["session"]["id"], &news["from_uid"]),
            (&json!(session), &json!(1))
        );
        let again = page.so_far().await;
        assert!(
            again.iter().all(|frame| frame["do_action"] != "new_message"),
            "{again:?}"
        );
    }
    // So do they of what is sent over HTTP.
    customer.say(session, "y").await;
    for page in &mut pages {
        assert_eq!(page.expect("new_message").await["from_uid"], 1);
    }
}

#[tokio::test]
async fn w05_users_may_do_it_all_over_http() {
    let shop = Shop::new().await;
    let (customer, agent) = shop.two().await;
    let third = shop.person(3, "小李").await;
    let session = customer.session_with(&agent).await;
    let sent = customer
        .done(
            "sendBySession",
            json!({ "session_id": session, "content": "x", "type": 1 }),
        )
        .await;
    assert_eq!(
        (&sent["session"]["id"], &sent["message"]["from_uid"]),
        (&json!(session), &json!(1))
    );
    let room = customer.done("createRoom", json!({ "that_uid": 2 })).await;
    assert_eq!(room["session"]["is_room"], 1);
    let by_session = customer
        .done("createRoomBySession", json!({ "session_id": session }))
        .await;
    let room = by_session["session"]["id"].clone();
    let add = json!({ "room_session_id": room, "that_uid": 3 });
    agent.done("addUserToRoom", add).await;
    third
        .done(
            "sendBySession",
            json!({ "session_id": room, "content": "hi", "type": 1 }),
        )
        .await;
    agent
        .done("setSessionRank", json!({ "session_id": session, "rank": 1 }))
        .await;
    assert_eq!(agent.done("getSessionList", json!({})).await["list"][0]["id"], session);
    assert_eq!(agent.done("getNewMessageCount", json!({})).await["count"], 2);
    assert_eq!(agent.refused("nonsense", json!({})).await, "接口不存在");
}

#[tokio::test]
async fn users_of_the_native_protocol_take_part() {
    let shop = Shop::new().await;
    let customer = shop.person(1, "测试").await;
    let alice = shop.app.user("alice").await;
    let mut page = customer.page().await;
    let connected = page
        .ask(
            json!({ "action": "connect_to_user", "to_uid": "alice" }),
            "connect_to_success",
        )
        .await;
    let session = connected["session"]["id"].as_u64().unwrap();
    assert_eq!(connected["to_user"]["uid"], "alice");
    let mut socket = alice.connect().await;
    let picture = "https://shop.example/1.png";
    let frame = json!({ "action": "send_by_session", "session_id": session, "content": picture, "type": 2 });
    page.ask(frame, "send_success").await;
    let event = socket.event("message.sent").await["data"].clone();
    assert_eq!(
        (&event["kind"], &event["body"]["url"], &event["from"]),
        (&json!("image"), &json!(picture), &json!("1"))
    );
    assert_eq!(event["origin"], Value::Null, "a human has sent it");
    say(
        &alice,
        session,
        "file",
        json!({ "url": "/files/1/a.pdf", "name": "a.pdf" }),
    )
    .await;
    let row = loop {
        let news = page.expect("new_message").await;
        if news["from_uid"] == "alice" {
            break newest(&customer, session).await;
        }
    };
    assert_eq!(
        (&row["type"], &row["content"], &row["from_uid"]),
        (&json!(1), &json!("[文件] a.pdf /files/1/a.pdf"), &json!("alice"))
    );
}

async fn say(user: &User, session: u64, kind: &str, body: Value) {
    user.call(
        "message.send",
        json!({ "conversation": session, "kind": kind, "body": body }),
    )
    .await;
}
