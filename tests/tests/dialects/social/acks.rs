use serde_json::{Value, json};

use super::club::{Club, Person};
use super::line::data;

fn ack(message: u64, status: u64, to: Value) -> Value {
    let mut frame =
        json!({ "action": "ack", "content": "", "extra": {}, "type": 1, "msg_id": message, "status": status });
    frame.as_object_mut().unwrap().extend(to.as_object().unwrap().clone());
    frame
}

async fn unread(person: &Person) -> Value {
    let (_, sync) = person.connected().await;
    data(&sync)["extra"].clone()
}

#[tokio::test]
async fn s4_reading_is_told_in_the_same_shape() {
    let club = Club::new().await;
    let [a, b] = club.people(["8", "9"]).await;
    let (mut on_a, mut on_b) = (a.line().await, b.line().await);
    let first = on_a.say("9", "one").await;
    let second = on_a.say("9", "two").await;
    let echo = on_b.done(ack(first, 1, json!({ "app_user_ids": "8" }))).await;
    assert_eq!(
        (&echo["action"], &echo["status"], &echo["msg_id"]),
        (&json!("ack"), &json!(1), &json!(first))
    );
    let told = on_a.action("ack").await;
    assert_eq!(
        (
            &told["msg_id"],
            &told["status"],
            &told["user_id"],
            &told["app_user_ids"]
        ),
        (&json!(first), &json!(1), &json!(9), &json!("8"))
    );
    on_b.done(ack(second, 2, json!({ "app_user_ids": "8" }))).await;
    let told = on_a.action("ack").await;
    assert_eq!(
        (&told["msg_id"], &told["status"], &told["type"]),
        (&json!(second), &json!(2), &json!(1))
    );
    assert_eq!(data(&told)["app_user_id"], "9");
    assert_eq!(unread(&b).await, json!({ "friendList": {}, "groupList": {} }));
    // A status of 0, an older message, no message: nothing to tell.
    on_b.done(ack(second, 0, json!({}))).await;
    on_b.done(ack(first, 2, json!({}))).await;
    on_b.done(ack((1 << 52) + 5, 2, json!({}))).await;
    assert!(on_a.so_far().await.iter().all(|frame| frame["action"] != "ack"));
}

#[tokio::test]
async fn s4_in_groups_and_by_the_message_actions() {
    let club = Club::new().await;
    let [a, b, c] = club.people(["a", "b", "c"]).await;
    let group = a.group("g", &[&b, &c]).await;
    let (mut on_a, mut on_b, mut on_c) = (a.line().await, b.line().await, c.line().await);
    let message = on_a.say_in(&group, "one").await;
    let mut frame = ack(message, 2, json!({ "group_id": group }));
    frame["action"] = "groupChat".into();
    let echo = on_b.done(frame).await;
    assert_eq!(echo["group_id"], json!(group));
    for line in [&mut on_a, &mut on_c] {
        let told = line.action("ack").await;
        assert_eq!(
            (&told["group_id"], &told["msg_id"], &told["status"]),
            (&json!(group), &json!(message), &json!(2))
        );
        assert_eq!(data(&told)["app_user_id"], "b");
    }
    let direct = on_a.say("b", "and you").await;
    let mut frame = ack(direct, 2, json!({ "app_user_ids": ["a"] }));
    frame["action"] = "chat".into();
    on_b.done(frame).await;
    assert_eq!(on_a.action("ack").await["msg_id"], json!(direct));
}

#[tokio::test]
async fn s4_only_ones_own_messages() {
    let club = Club::new().await;
    let [a, b, c] = club.people(["a", "b", "c"]).await;
    let group = a.group("g", &[&b]).await;
    let (mut on_a, mut on_b, mut on_c) = (a.line().await, b.line().await, c.line().await);
    let direct = on_a.say("b", "one").await;
    let message = on_a.say_in(&group, "one").await;
    for (frame, why) in [
        (ack(direct, 3, json!({})), "an unknown status"),
        (ack(0, 2, json!({})), "no message"),
        (ack(999_999_999, 2, json!({})), "no message"),
        (ack(direct, 2, json!({ "app_user_ids": "c" })), "another's conversation"),
        (ack(message, 2, json!({ "group_id": "999999" })), "another group"),
        (ack(message, 2, json!({})), "a group is named"),
        (json!({ "action": "ack", "status": 2 }), "msg_id is missing"),
        (json!({ "action": "ack", "msg_id": direct }), "status is missing"),
        (
            json!({ "action": "ack", "status": "x", "msg_id": {} }),
            "neither is a number",
        ),
    ] {
        assert_eq!(on_b.refused(frame).await, 400, "{why}");
    }
    assert_eq!(on_c.refused(ack(direct, 2, json!({}))).await, 400);
    assert_eq!(on_c.refused(ack(message, 2, json!({ "group_id": group }))).await, 400);
    // Another app's message does not exist.
    let elsewhere = Club::new().await;
    let [x, _y] = elsewhere.people(["a", "b"]).await;
    let foreign = x.line().await.say("b", "elsewhere").await;
    assert_eq!(on_b.refused(ack(foreign, 2, json!({ "app_user_ids": "a" }))).await, 400);
}
