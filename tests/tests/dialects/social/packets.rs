use serde_json::{Value, json};

use super::club::Club;
use super::line::data;

fn packet(group: &str, extra: Value) -> Value {
    json!({ "action": "groupChat", "type": 5, "content": "恭喜发财", "extra": extra, "group_id": group })
}

#[tokio::test]
async fn a_red_packet_is_shared_by_its_group() {
    let club = Club::new().await;
    let [a, b, c] = club.people(["a", "b", "8"]).await;
    let group = a.group("g", &[&b, &c]).await;
    let (mut on_a, mut on_b, mut on_c) = (a.line().await, b.line().await, c.line().await);
    let extra =
        json!({ "total": "100", "count": 2, "mode": 1, "own": true, "state": "finished", "claims": [{ "user": "b" }] });
    let echo = on_a.done(packet(&group, extra)).await;
    let id = echo["msg_id"].as_u64().unwrap();
    let told = on_b.action("groupChat").await;
    let seen = data(&told);
    assert_eq!((&seen["type"], &seen["content"]), (&json!(5), &json!("恭喜发财")));
    let extra = &seen["extra"];
    assert_eq!(
        (
            &extra["total"],
            &extra["left"],
            &extra["state"],
            &extra["claims"],
            &extra["own"]
        ),
        (&json!(100), &json!(100), &json!("open"), &json!([]), &json!(true))
    );
    let claim = json!({ "action": "claim", "msg_id": id });
    let first = on_b.done(claim.clone()).await;
    assert_eq!(
        (&first["amount"], &first["left"], &first["group_id"]),
        (&json!(50), &json!(50), &json!(group))
    );
    assert_eq!(data(&first)["amount"], 50);
    let changed = on_a.action("claim").await;
    assert_eq!(
        (&changed["msg_id"], &data(&changed)["extra"]["left"]),
        (&json!(id), &json!(50))
    );
    assert_eq!(data(&changed)["extra"]["claims"][0]["app_user_id"], "b");
    let second = on_c.done(claim.clone()).await;
    assert_eq!((&second["amount"], &second["state"]), (&json!(50), &json!("finished")));
    assert_eq!(on_b.done(claim.clone()).await["amount"], 50, "the same again");
    assert_eq!(on_a.done(claim.clone()).await["amount"], 0, "nothing is left");
    let stranger = club.person("stranger").await;
    let mut line = stranger.line().await;
    assert_eq!(line.refused(claim).await, 400);
    let text = on_a.say_in(&group, "no packet").await;
    for id in [json!(text), json!(999_999), json!("x"), json!(null)] {
        assert_eq!(on_b.refused(json!({ "action": "claim", "msg_id": id })).await, 400);
    }
    // Only the app itself ends one: nothing of a frame reaches it but the claim.
    let echo = on_a.done(packet(&group, json!({ "total": 9, "count": 2 }))).await;
    let sly = json!({ "action": "claim", "msg_id": echo["msg_id"], "data": { "action": "expire" }, "extra": { "action": "expire" } });
    assert_eq!(on_a.done(sly).await["state"], "open");
}

#[tokio::test]
async fn a_red_packet_between_two() {
    let club = Club::new().await;
    let [a, b] = club.people(["a", "b"]).await;
    let (mut on_a, mut on_b) = (a.line().await, b.line().await);
    let frame = json!({ "action": "chat", "type": 5, "content": "", "extra": { "total": 66, "count": 1 }, "to_app_user_id": "b" });
    let id = on_a.done(frame).await["msg_id"].clone();
    on_b.action("chat").await;
    let claimed = on_b.done(json!({ "action": "claim", "msg_id": id })).await;
    assert_eq!(
        (&claimed["amount"], &claimed["state"]),
        (&json!(66), &json!("finished"))
    );
    assert!(claimed.get("group_id").is_none());
    assert_eq!(data(&on_a.action("claim").await)["extra"]["state"], "finished");
}
