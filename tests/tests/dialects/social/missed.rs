use serde_json::{Value, json};

use super::club::{Club, Person};
use super::line::data;
use crate::harness::eventually;

/// What a user is told on connecting, after the sync, as types and data.
async fn news(person: &Person) -> Vec<(u64, Value)> {
    let mut line = person.line().await;
    let frames = line.so_far().await;
    line.close().await;
    let systems = frames.iter().filter(|frame| frame["action"] == "systemMessage");
    systems
        .map(|frame| (data(frame)["type"].as_u64().unwrap(), data(frame)))
        .collect()
}

/// Connects until what is kept by an observer has come.
async fn kept(person: &Person, number: u64) -> Value {
    eventually(&format!("a kept {number}"), async || {
        let found = news(person).await.into_iter().find(|(kind, _)| *kind == number);
        found.map(|(_, data)| data)
    })
    .await
}

/// How often the observer was called.
async fn observed(club: &Club) -> u64 {
    club.app.counters("social", "observer").await["calls"].as_u64().unwrap()
}

/// Waits for one more call: until then, whoever connects is there and not away.
async fn observes_more_than(club: &Club, before: u64) {
    eventually("the observer", async || (observed(club).await > before).then_some(())).await;
}

#[tokio::test]
async fn s7_members_who_were_away_are_told_later() {
    let club = Club::new().await;
    let [a, b, c] = club.people(["a", "b", "c"]).await;
    let group = a.group("before", &[&b]).await;
    assert_eq!(
        news(&b).await.iter().map(|(number, _)| *number).collect::<Vec<_>>(),
        [17]
    );
    a.done(
        "/group/edit",
        json!({ "group_id": group, "group_name": "after", "notice": "n" }),
    )
    .await;
    a.done("/group/invite", json!({ "group_id": group, "app_user_ids": ["c"] }))
        .await;
    a.done("/group/remove", json!({ "group_id": group, "app_user_ids": ["c"] }))
        .await;
    c.done("/group/join", json!({ "group_id": group })).await;
    let told = news(&b).await;
    assert_eq!(
        told.iter().map(|(number, _)| *number).collect::<Vec<_>>(),
        [12, 12, 17, 14, 16],
        "{told:?}"
    );
    assert_eq!(
        (&told[0].1["extra"]["group_name"], &told[1].1["extra"]["notice"]),
        (&json!("after"), &json!("n"))
    );
    assert_eq!(told[3].1["admin"]["app_user_id"], "a");
    // A member hears nothing of the time before.
    let told = news(&c).await;
    assert_eq!(told.iter().filter(|(number, _)| *number == 12).count(), 0, "{told:?}");
    // Told once.
    assert_eq!(news(&b).await, []);
}

#[tokio::test]
async fn s7_who_is_no_longer_in_a_group_is_told_why() {
    let club = Club::new().await;
    let [a, b] = club.people(["a", "b"]).await;
    let group = a.group("g", &[&b]).await;
    let before = observed(&club).await;
    a.done("/group/remove", json!({ "group_id": group, "app_user_ids": ["b"] }))
        .await;
    observes_more_than(&club, before).await;
    let told = kept(&b, 14).await;
    assert_eq!(
        (&told["extra"]["group_id"], &told["admin"]["app_user_id"]),
        (&json!(group), &json!("a"))
    );
    assert_eq!(news(&b).await, [], "once");
    let group = a.group("g", &[&b]).await;
    news(&b).await;
    a.done("/group/dissolve", json!({ "group_id": group })).await;
    assert_eq!(kept(&b, 13).await["group_id"], json!(group));
    assert_eq!(news(&b).await, [], "once");
}

#[tokio::test]
async fn s7_a_profile_that_changed_meanwhile() {
    let club = Club::new().await;
    let [a, b, c] = club.people(["a", "b", "c"]).await;
    a.line().await.say("b", "hello").await;
    a.group("g", &[&c]).await;
    for name in ["one", "two"] {
        a.done("/user/update", json!({ "nickname": name })).await;
    }
    for person in [&b, &c] {
        let told: Vec<_> = news(person)
            .await
            .into_iter()
            .filter(|(number, _)| *number == 10)
            .collect();
        assert_eq!(told.len(), 1, "the last one: {told:?}");
        assert_eq!(told[0].1["extra"]["nickname"], "two");
    }
    assert_eq!(news(&b).await, []);
}

#[tokio::test]
async fn without_stored_system_messages_they_are_kept_as_well() {
    let club = Club::with(json!({ "system_messages": false })).await;
    let [a, b, c] = club.people(["a", "b", "c"]).await;
    let group = a.group("before", &[&b]).await;
    let before = observed(&club).await;
    a.done("/group/edit", json!({ "group_id": group, "group_name": "after" }))
        .await;
    observes_more_than(&club, before).await;
    assert_eq!(kept(&b, 12).await["extra"]["group_name"], "after");
    c.done("/group/join", json!({ "group_id": group })).await;
    assert_eq!(kept(&b, 16).await["extra"]["joiner"]["app_user_id"], "c");
    let before = observed(&club).await;
    a.done("/group/remove", json!({ "group_id": group, "app_user_ids": ["c"] }))
        .await;
    observes_more_than(&club, before).await;
    assert_eq!(
        kept(&b, 14).await["extra"]["removed_member_list"][0]["app_user_id"],
        "c"
    );
    assert_eq!(kept(&c, 14).await["admin"]["app_user_id"], "a");
}
