//! W8: the two ways to open a conversation.

use serde_json::json;

use super::shop::Shop;

#[tokio::test]
async fn w08_a_first_contact_makes_the_session() {
    let shop = Shop::new().await;
    let (customer, agent) = shop.two().await;
    let mut page = customer.page().await;
    let frame = json!({ "action": "connect_to_user", "to_uid": "2" });
    let first = page.ask(frame.clone(), "connect_to_success").await;
    let again = page.ask(frame, "connect_to_success").await;
    assert_eq!(first["session"]["id"], again["session"]["id"]);
    let session = first["session"]["id"].clone();
    assert_eq!(first["to_user"]["uid"], 2);
    // From the other side it is the same.
    let mut desk = agent.page().await;
    let theirs = desk
        .ask(
            json!({ "action": "connect_to_user", "to_uid": 1 }),
            "connect_to_success",
        )
        .await;
    assert_eq!(
        (&theirs["session"]["id"], &theirs["to_user"]["uid"]),
        (&session, &json!(1))
    );
    let by_session = desk
        .ask(
            json!({ "action": "connect_to_session", "session_id": session }),
            "connect_to_success",
        )
        .await;
    assert_eq!(by_session["to_user"]["nickname"], "测试");
    for (frame, text) in [
        (
            json!({ "action": "connect_to_user", "to_uid": 99 }),
            "接收用户不存在:99",
        ),
        (
            json!({ "action": "connect_to_user", "to_uid": 1 }),
            "不能给自己发送消息",
        ),
        (json!({ "action": "connect_to_user" }), "to_uid不能为空"),
        (
            json!({ "action": "connect_to_session", "session_id": 9_007_199_254_740_991_u64 }),
            "会话不存在",
        ),
        (json!({ "action": "connect_to_session" }), "session_id不能为空"),
    ] {
        assert_eq!(page.refused(frame.clone()).await, text, "{frame}");
    }
    // Not for strangers.
    let stranger = shop.person(3, "x").await;
    let mut window = stranger.page().await;
    assert_eq!(
        window
            .refused(json!({ "action": "connect_to_session", "session_id": session }))
            .await,
        "会话不存在"
    );
    let text = json!({ "session_id": session, "content": "x", "type": 1 });
    assert_eq!(stranger.refused("sendBySession", text).await, "会话不存在");
    // Over HTTP as well.
    let over_http = customer.done("connectToUser", json!({ "to_uid": 2 })).await;
    assert_eq!(over_http["session"]["id"], session);
    assert_eq!(
        customer.refused("connectToUser", json!({ "to_uid": 1 })).await,
        "不能给自己发送消息"
    );
}
