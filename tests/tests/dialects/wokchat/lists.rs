//! W3, W4, W7 and W9: messages by the tenant's server, and lists of sessions and messages, over every way in.

use serde_json::{Value, json};

use super::shop::Shop;

fn texts(page: &Value) -> Vec<&str> {
    let list = page["list"].as_array().unwrap();
    list.iter()
        .map(|row| row["content"].as_str().unwrap_or_default())
        .collect()
}

#[tokio::test]
async fn w03_create_msg_reaches_who_is_there() {
    let shop = Shop::new().await;
    let (_, agent) = shop.two().await;
    let mut desk = agent.page().await;
    let sent = shop
        .done(
            "createMsg",
            json!({ "uid": "1", "to_uid": "2", "content": "x", "type": "9" }),
        )
        .await;
    let news = desk.expect("new_message").await;
    assert_eq!(
        (&news["session"]["id"], &news["from_uid"]),
        (&sent["session_id"], &json!(1))
    );
    assert_eq!(
        (&sent["message"]["type"], &sent["message"]["to_uid"]),
        (&json!(9), &json!(2))
    );
    for (fields, msg) in [
        (
            json!({ "uid": 1, "to_uid": 2, "content": "x", "type": 0 }),
            "type必须大于0",
        ),
        (
            json!({ "uid": 1, "to_uid": 2, "content": "x", "type": -1 }),
            "type必须是数字",
        ),
        (json!({ "uid": 1, "to_uid": 2, "content": "x" }), "type不能为空"),
        (
            json!({ "uid": 1, "to_uid": 2, "content": "", "type": 1 }),
            "content不能为空",
        ),
        (
            json!({ "uid": 1, "to_uid": 99, "content": "x", "type": 1 }),
            "接收用户不存在:99",
        ),
        (
            json!({ "uid": 99, "to_uid": 1, "content": "x", "type": 1 }),
            "用户不存在:99",
        ),
        (
            json!({ "uid": 1, "to_uid": 1, "content": "x", "type": 1 }),
            "不能给自己发送消息",
        ),
        (json!({ "uid": 1, "content": "x", "type": 1 }), "to_uid不能为空"),
        (json!({ "to_uid": 1, "content": "x", "type": 1 }), "uid不能为空"),
    ] {
        assert_eq!(shop.refused("createMsg", fields.clone()).await, msg, "{fields}");
    }
}

#[tokio::test]
async fn w04_pages_go_both_ways() {
    let shop = Shop::new().await;
    let (customer, agent) = shop.two().await;
    let session = customer.session_with(&agent).await;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(customer.say(session, &n.to_string()).await);
    }
    let page = |from: u64| json!({ "uid": 2, "session_id": session, "from_msg_id": from, "pagesize": 2 });
    let unread = async || shop.done("getNewMessageCount", json!({ "uid": 2 })).await["count"].clone();
    assert_eq!(unread().await, 5);
    // Reading moves the mark as far as the page goes, for either call.
    let news = shop.done("getNewMessageList", page(ids[0])).await;
    assert_eq!((texts(&news), &news["has_more"]), (vec!["1", "2"], &json!(true)));
    assert_eq!(unread().await, 2);
    let newest = agent.done("getNewMessageList", page(0)).await;
    assert_eq!(texts(&newest), ["3", "4"], "from the end, in the order they came");
    assert_eq!(unread().await, 0);
    let history = shop.done("getHistoryMessageList", page(0)).await;
    assert_eq!((texts(&history), &history["has_more"]), (vec!["4", "3"], &json!(true)));
    let history = agent.done("getHistoryMessageList", page(ids[1])).await;
    assert_eq!((texts(&history), &history["has_more"]), (vec!["0"], &json!(false)));
    // What came after a message is counted too.
    let after = json!({ "uid": 2, "session_id": session, "from_msg_id": ids[2] });
    assert_eq!(shop.done("getNewMessageCount", after).await["count"], 2);
    for call in ["getHistoryMessageList", "getNewMessageList", "getNewMessageCount"] {
        let wrong = json!({ "uid": 2, "session_id": "x" });
        assert_eq!(shop.refused(call, wrong).await, "session_id必须是数字", "{call}");
    }
    let wrong = json!({ "uid": 2, "session_id": session, "pagesize": {} });
    assert_eq!(shop.refused("getHistoryMessageList", wrong).await, "pagesize格式错误");
}

#[tokio::test]
async fn w07_sessions_are_listed_with_what_is_new() {
    let shop = Shop::new().await;
    let (customer, agent) = shop.two().await;
    let third = json!({ "uid": 3, "nickname": "小李", "remark": "VIP客户", "avatar": "/li.png" });
    shop.done("pushUser", third).await;
    let other = shop.person(3, "小李").await;
    let first = customer.session_with(&agent).await;
    let second = other.session_with(&agent).await;
    customer.say(first, "one").await;
    let id = other.say(second, "two").await;
    let mut desk = agent.page().await;
    let list = async |desk: &mut super::page::Page, more: Value| {
        let mut frame = json!({ "action": "get_session_list" });
        frame.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        desk.ask(frame, "get_session_list_success").await
    };
    let all = list(&mut desk, json!({})).await;
    let top = &all["list"][0];
    let that =
        json!({ "id": 3, "uid": 3, "nickname": "小李", "remark": "VIP客户", "avatar": "/li.png", "room_owner_uid": 0 });
    assert_eq!(
        (&top["id"], &top["is_room"], &top["that"]),
        (&json!(second), &json!(0), &that)
    );
    assert_eq!(top["new_msg_count"], 1);
    let last = &top["last_msg"];
    assert_eq!(
        (
            &last["id"],
            &last["content"],
            &last["type"],
            &last["from_uid"],
            &last["to_uid"]
        ),
        (&json!(id), &json!("two"), &json!(1), &json!(3), &json!(2))
    );
    for time in [&top["update_time"], &last["create_time"]] {
        assert_eq!(time.as_str().unwrap().len(), "2026-11-22 01:05:09".len());
    }
    assert!(top["time"].as_str().unwrap().contains(':') && last["time"].is_string());
    // By rank, then newest; pages; words of the nickname or the remark.
    desk.send(json!({ "action": "set_session_rank", "session_id": first, "rank": 999 }))
        .await;
    let ranked = list(&mut desk, json!({ "pagesize": 1 })).await;
    assert_eq!(
        (&ranked["list"][0]["id"], &ranked["has_more"]),
        (&json!(first), &json!(true))
    );
    let rest = list(&mut desk, json!({ "skip": 1, "pagesize": 1 })).await;
    assert_eq!(
        (&rest["list"][0]["id"], &rest["has_more"]),
        (&json!(second), &json!(false))
    );
    for word in ["小李", "VIP"] {
        let found = list(&mut desk, json!({ "kwd": word })).await;
        assert_eq!(found["list"].as_array().unwrap().len(), 1, "{word}");
        assert_eq!(found["list"][0]["id"], second, "{word}");
    }
    assert_eq!(list(&mut desk, json!({ "kwd": "nobody" })).await["list"], json!([]));
    // The same over HTTP, for the user and for the tenant's server.
    let over_http = agent.done("getSessionList", json!({})).await;
    assert_eq!(over_http["list"][0]["id"], first);
    assert_eq!(
        shop.done("getSessionList", json!({ "uid": 2 })).await["list"],
        over_http["list"]
    );
}

#[tokio::test]
async fn w09_messages_are_listed_with_who_sent_them() {
    let shop = Shop::new().await;
    let (customer, agent) = shop.two().await;
    let mut page = customer.page().await;
    let session = customer.session_with(&agent).await;
    let card = r#"{"title":"商品","price":1.0,"more":[1,2]}"#;
    page.ask(
        json!({ "action": "send_by_session", "session_id": session, "content": card, "type": 4 }),
        "send_success",
    )
    .await;
    let mut desk = agent.page().await;
    let history = desk
        .ask(
            json!({ "action": "get_history_message_list", "session_id": session }),
            "get_history_list_success",
        )
        .await;
    let row = &history["list"][0];
    assert_eq!(row["content"], serde_json::from_str::<Value>(card).unwrap());
    assert_eq!(
        (&row["type"], &row["from_uid"], &row["to_uid"]),
        (&json!(4), &json!(1), &json!(2))
    );
    assert_eq!(
        (&row["from_user"]["uid"], &row["from_user"]["nickname"]),
        (&json!(1), &json!("测试"))
    );
    assert!(row["create_time"].is_string() && row["time"].is_string());
    // Reading has moved the mark.
    let list = desk
        .ask(json!({ "action": "get_session_list" }), "get_session_list_success")
        .await;
    assert_eq!(list["list"][0]["new_msg_count"], 0);
    let stranger = shop.person(3, "x").await;
    let mut window = stranger.page().await;
    for action in ["get_history_message_list", "get_new_message_list"] {
        let frame = json!({ "action": action, "session_id": session });
        assert_eq!(window.refused(frame).await, "会话不存在", "{action}");
        assert_eq!(
            window.refused(json!({ "action": action })).await,
            "session_id不能为空",
            "{action}"
        );
    }
}
