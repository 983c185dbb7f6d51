//! Friends.

use serde_json::{Value, json};

use super::desk::{Desk, each, list, shape};

#[tokio::test]
async fn k2_friends_are_added_and_listed() {
    let desk = Desk::new().await;
    let [me, first, second] = desk.three().await;
    for friend in [&first, &second, &first] {
        assert!(
            desk.did(&me, "/friends/add", &[("toUserId", &friend.id)])
                .await
                .is_null()
        );
    }
    let all = [("pageIndex", "0"), ("pageSize", "50000"), ("userId", me.id.as_str())];
    let page = desk.did(&me, "/friends/page", &all).await;
    let printed: Value = serde_json::from_str(include_str!("../../../../plugins/shiku/printed/friends.json")).unwrap();
    assert_eq!(shape(&page["pageData"][0]), shape(&printed["data"]["pageData"][0]));
    let rows = list(&page["pageData"]);
    assert_eq!(each(&rows, "toNickname"), ["测试001", "朋友001"]);
    assert_eq!(each(&rows, "orderKey"), ["C", "P"]);
    assert_eq!(rows[0]["toUserId"].as_u64().unwrap().to_string(), first.id);
    assert_eq!(
        (&page["total"], &page["pageCount"], &page["start"]),
        (&json!(2), &json!(1), &json!(0))
    );
    // The other side has it too, and pages do not overlap.
    let theirs = desk.did(&first, "/friends/page", &[]).await;
    assert_eq!(theirs["pageData"][0]["toNickname"], "张益达");
    let part = [("pageIndex", "1"), ("pageSize", "1")];
    let part = desk.did(&me, "/friends/page", &part).await;
    assert_eq!(
        (&part["pageData"][0]["toNickname"], &part["pageCount"]),
        (&json!("朋友001"), &json!(2))
    );
}

#[tokio::test]
async fn k2_who_cannot_be_a_friend() {
    let desk = Desk::new().await;
    let [me, other, _] = desk.three().await;
    for to in ["999999", "x", "-1", &me.id, "99999999999999999999"] {
        desk.failed(&me, "/friends/add", &[("toUserId", to)]).await;
    }
    desk.failed(&me, "/friends/add", &[]).await;
    desk.failed(&me, "/friends/page", &[("userId", &other.id)]).await;
    desk.failed(&me, "/friends/page", &[("pageSize", "x")]).await;
}

#[tokio::test]
async fn k2_friends_without_numbers_have_one() {
    let desk = Desk::new().await;
    let me = desk.register("18094152050", "张益达").await;
    let alice = desk.app.user("alice").await;
    alice.call("user.update", json!({ "nickname": "Alice" })).await;
    let group = alice
        .call("conversation.create", json!({ "kind": "direct", "members": [me.id] }))
        .await;
    alice.say(group["id"].as_u64().unwrap(), "hello").await;
    let chat = desk.chats(&me).await[0].clone();
    assert_eq!(
        (&chat["fromUserName"], &chat["content"]),
        (&json!("Alice"), &json!("hello"))
    );
    let number = chat["jid"].as_str().unwrap();
    assert!(number.parse::<u64>().unwrap() >= 1 << 52, "{number}");
    desk.did(&me, "/friends/add", &[("toUserId", number)]).await;
    assert_eq!(
        desk.did(&me, "/friends/page", &[]).await["pageData"][0]["toNickname"],
        "Alice"
    );
    // And she hears what is said to the number.
    desk.say(&me, number, "n1", "你好").await;
    assert_eq!(alice.texts(group["id"].as_u64().unwrap()).await, ["hello", "你好"]);
}
