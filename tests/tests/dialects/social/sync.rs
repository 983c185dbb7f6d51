use serde_json::json;

use super::club::Club;
use super::line::data;

#[tokio::test]
async fn s5_the_first_frame_is_what_is_not_read() {
    let club = Club::new().await;
    let [a, b, c] = club.people(["a", "b", "8"]).await;
    let group = a.group("三人行", &[&b, &c]).await;
    let read = a.group("read", &[&b]).await;
    let (mut on_a, mut on_c) = (a.line().await, c.line().await);
    for text in ["one", "two"] {
        on_a.say("b", text).await;
    }
    on_c.say("b", "from c").await;
    for text in ["three", "four", "five"] {
        on_a.say_in(&group, text).await;
    }
    let frame = json!({ "action": "groupChat", "type": 3, "content": "", "extra": { "url": "http://x/a.png" }, "group_id": group });
    on_a.done(frame).await;
    let last = on_a.say_in(&read, "read").await;
    let (mut on_b, _) = b.connected().await;
    on_b.done(json!({ "action": "ack", "msg_id": last, "status": 2, "group_id": read }))
        .await;
    on_b.close().await;

    let (_line, sync) = b.connected().await;
    assert_eq!(
        (&sync["code"], &sync["msg"], &sync["action"]),
        (&json!(200), &json!("OK"), &json!("systemMessage"))
    );
    assert!(
        sync["nonce"].is_string() && sync["msg_id"].is_u64() && sync["user_id"].is_u64(),
        "{sync}"
    );
    let data = data(&sync);
    assert_eq!(
        (
            &data["to_app_user_id"],
            &data["type"],
            &data["sub_type"],
            &data["content"]
        ),
        (&json!("b"), &json!(19), &json!("personal"), &json!(""))
    );
    let mut friends = data["extra"]["friendList"].as_array().unwrap().clone();
    friends.sort_by_key(|friend| friend["app_user_id"].to_string());
    let told: Vec<_> = friends
        .iter()
        .map(|one| (&one["app_user_id"], &one["count"], &one["last_message"]))
        .collect();
    assert_eq!(
        told,
        [
            (&json!("8"), &json!(1), &json!("from c")),
            (&json!("a"), &json!(2), &json!("two"))
        ]
    );
    assert_eq!(
        (&friends[0]["user_id"], &friends[0]["nickname"]),
        (&json!(8), &json!("nick 8"))
    );
    let groups = data["extra"]["groupList"].as_array().unwrap();
    assert_eq!(groups.len(), 1, "only those with something unread: {groups:?}");
    assert_eq!(
        (
            &groups[0]["group_id"],
            &groups[0]["count"],
            &groups[0]["last_message"],
            &groups[0]["group_name"]
        ),
        (&json!(group), &json!(4), &json!("[图片]"), &json!("三人行"))
    );
}

#[tokio::test]
async fn s5_nothing_unread_is_an_empty_object() {
    let club = Club::new().await;
    let a = club.person("572402b0988e33369ad8ff0d3cd440a9").await;
    let (mut line, sync) = a.connected().await;
    assert_eq!(
        data(&sync),
        json!({ "to_app_user_id": "572402b0988e33369ad8ff0d3cd440a9", "content": "", "type": 19,
            "extra": { "friendList": {}, "groupList": {} }, "sub_type": "personal" })
    );
    assert!(line.so_far().await.is_empty());
}
