//! W11: rooms, ranks and goodbyes.

use serde_json::{Value, json};

use super::page::Page;
use super::shop::Shop;

async fn told(page: &mut Page, room: &Value) {
    let news = page.expect("new_message").await;
    assert_eq!((&news["session"]["id"], &news["session"]["is_room"]), (room, &json!(1)));
}

#[tokio::test]
async fn w11_a_room_tells_all_its_members() {
    let shop = Shop::new().await;
    let (owner, second) = shop.two().await;
    let third = shop.person(3, "小李").await;
    let (mut a, mut b, mut c) = (owner.page().await, second.page().await, third.page().await);
    let made = a
        .ask(json!({ "action": "create_room", "that_uid": 2 }), "create_room_success")
        .await;
    let room = made["new_session"]["id"].clone();
    told(&mut a, &room).await;
    told(&mut b, &room).await;
    // Any member brings others in.
    let add = json!({ "action": "add_user_to_room", "room_session_id": room, "that_uid": 3 });
    b.ask(add, "add_user_to_room_success").await;
    for page in [&mut a, &mut b, &mut c] {
        told(page, &room).await;
    }
    // The id a member is told is one it can use.
    let frame = json!({ "action": "send_by_session", "session_id": room, "content": "hi all", "type": 1 });
    c.ask(frame, "send_success").await;
    for page in [&mut a, &mut b, &mut c] {
        told(page, &room).await;
        let news = page
            .ask(
                json!({ "action": "get_new_message_list", "session_id": room, "from_msg_id": 0 }),
                "get_new_message_list_success",
            )
            .await;
        let last = news["list"].as_array().unwrap().last().unwrap();
        assert_eq!((&last["content"], &last["to_uid"]), (&json!("hi all"), &json!(0)));
        assert_eq!(last["from_user"]["nickname"], "小李");
    }
    let list = c
        .ask(json!({ "action": "get_session_list" }), "get_session_list_success")
        .await;
    let item = &list["list"][0];
    assert_eq!(
        (&item["is_room"], &item["that"]["room_owner_uid"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        (&item["that"]["uid"], &item["that"]["remark"]),
        (&json!(0), &json!("[测试]创建的群聊"))
    );
    let connected = c
        .ask(
            json!({ "action": "connect_to_session", "session_id": room }),
            "connect_to_success",
        )
        .await;
    assert_eq!(connected["to_user"], item["that"]);
}

#[tokio::test]
async fn w11_a_room_comes_from_a_session_of_two() {
    let shop = Shop::new().await;
    let (owner, second) = shop.two().await;
    let session = owner.session_with(&second).await;
    let (mut a, mut b) = (owner.page().await, second.page().await);
    let made = b
        .ask(
            json!({ "action": "create_room_by_session", "session_id": session }),
            "create_room_success",
        )
        .await;
    let room = made["new_session"]["id"].clone();
    assert_ne!(room, session);
    told(&mut a, &room).await;
    for (frame, text) in [
        (
            json!({ "action": "create_room_by_session", "session_id": room }),
            "会话类型错误，不能从群聊创建另一个群聊",
        ),
        (
            json!({ "action": "create_room", "that_uid": 99 }),
            "that_uid:用户不存在:99",
        ),
        (json!({ "action": "create_room", "that_uid": 1 }), "群聊至少需要两个人"),
        (json!({ "action": "create_room" }), "that_uid不能为空"),
        (
            json!({ "action": "add_user_to_room", "room_session_id": session, "that_uid": 2 }),
            "目标会话类型错误，不是群聊",
        ),
        (
            json!({ "action": "add_user_to_room", "room_session_id": room, "that_uid": 99 }),
            "that_uid:用户不存在:99",
        ),
        (
            json!({ "action": "add_user_to_room", "that_uid": 2 }),
            "room_session_id不能为空",
        ),
        (
            json!({ "action": "set_session_rank", "session_id": room }),
            "rank不能为空",
        ),
        (
            json!({ "action": "set_session_rank", "session_id": room, "rank": -1 }),
            "rank必须是数字",
        ),
        (
            json!({ "action": "set_session_rank", "session_id": room, "rank": 2_147_483_648_u64 }),
            "rank过大",
        ),
    ] {
        assert_eq!(a.refused(frame.clone()).await, text, "{frame}");
    }
    let stranger = shop.person(3, "x").await;
    let mut c = stranger.page().await;
    for frame in [
        json!({ "action": "add_user_to_room", "room_session_id": room, "that_uid": 3 }),
        json!({ "action": "create_room_by_session", "session_id": session }),
        json!({ "action": "set_session_rank", "session_id": room, "rank": 1 }),
    ] {
        assert_eq!(c.refused(frame.clone()).await, "会话不存在", "{frame}");
    }
}

#[tokio::test]
async fn w11_changes_are_messages_where_the_app_stores_them() {
    let shop = Shop::with(json!({ "system_messages": true })).await;
    let (owner, second) = shop.two().await;
    shop.person(3, "小李").await;
    let (mut a, mut b) = (owner.page().await, second.page().await);
    let made = a
        .ask(json!({ "action": "create_room", "that_uid": 2 }), "create_room_success")
        .await;
    let room = made["new_session"]["id"].clone();
    told(&mut b, &room).await;
    let add = json!({ "action": "add_user_to_room", "room_session_id": room, "that_uid": 3 });
    a.ask(add, "add_user_to_room_success").await;
    let history = a
        .ask(
            json!({ "action": "get_history_message_list", "session_id": room }),
            "get_history_list_success",
        )
        .await;
    let newest = &history["list"][0];
    assert_eq!(
        (&newest["type"], &newest["content"]),
        (&json!(0), &json!("小李加入群聊"))
    );
}
