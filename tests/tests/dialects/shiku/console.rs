//! Pushing a message between two phones.

use serde_json::json;

use super::desk::{Desk, Person, each};

async fn push(desk: &Desk, by: &Person, from: &str, to: &str, kind: &str, content: &str) -> i64 {
    let params = [
        ("type", kind),
        ("content", content),
        ("sendPhone", from),
        ("toUserPhone", to),
    ];
    desk.ask(by, "/console/oneSendOne", &params).await["resultCode"]
        .as_i64()
        .unwrap()
}

#[tokio::test]
async fn k9_one_pushes_as_oneself() {
    let desk = Desk::new().await;
    let [me, peer, other] = desk.three().await;
    let mut wire = desk.connect(&peer).await;
    assert_eq!(push(&desk, &me, &me.phone, &peer.phone, "1", "任务消息").await, 1);
    assert_eq!(wire.heard(1).await["content"], "任务消息");
    assert_eq!(each(&desk.copies(&me, &peer).await, "direction"), [0]);
    assert_eq!(
        push(
            &desk,
            &me,
            &format!("86{}", me.phone),
            &format!("86{}", peer.phone),
            "1",
            "again"
        )
        .await,
        1
    );
    assert_eq!(push(&desk, &me, &me.phone, &peer.phone, "2", "/files/x.png").await, 1);
    for (from, to, kind, content) in [
        (other.phone.as_str(), peer.phone.as_str(), "1", "x"),
        (&me.phone, "13000000000", "1", "x"),
        ("13000000000", &peer.phone, "1", "x"),
        (&me.phone, &me.phone, "1", "x"),
        (&me.phone, &peer.phone, "", "x"),
        (&me.phone, &peer.phone, "907", "x"),
        (&me.phone, &peer.phone, "1", ""),
        (&me.phone, &peer.phone, "x", "x"),
    ] {
        assert_eq!(
            push(&desk, &me, from, to, kind, content).await,
            0,
            "{from} {to} {kind} {content}"
        );
    }
    assert_eq!(desk.copies(&peer, &other).await.len(), 0);
    assert_eq!(each(&desk.copies(&me, &peer).await, "contentType"), [2, 1, 1]);
}

#[tokio::test]
async fn k9_the_console_pushes_for_others() {
    let settings = json!({ "system_messages": true });
    let desk = Desk::with(settings, json!({ "console_users": [100_001] })).await;
    let [me, first, second] = desk.three().await;
    assert_eq!(
        push(&desk, &me, &first.phone, &second.phone, "1", "for another").await,
        1
    );
    assert_eq!(
        desk.copies(&second, &first).await[0]["sender_jid"],
        format!("{}/web", first.id)
    );
    assert_eq!(push(&desk, &first, &second.phone, &me.phone, "1", "x").await, 0);
}
