use serde_json::{Value, json};

use crate::harness::{App, User};

async fn said(user: &User, group: u64) -> Vec<Value> {
    let page = user
        .call("message.history", json!({ "conversation": group, "after_seq": 0 }))
        .await;
    let messages = page["messages"].as_array().unwrap();
    messages
        .iter()
        .filter(|message| message["kind"] == "system")
        .map(|message| {
            assert_eq!(message["from"], Value::Null, "{message}");
            message["body"].clone()
        })
        .collect()
}

#[tokio::test]
async fn changes_of_a_group_are_told_in_its_history() {
    let app = App::with(json!({ "system_messages": true })).await;
    let [alice, bob, _carol] = app.users(["alice", "bob", "carol"]).await;
    let group = alice.conversation("group", &[&bob]).await;
    let mut hears = bob.connect().await;
    let at = |data: Value| {
        let mut data = data;
        data["conversation"] = json!(group);
        data
    };
    alice.call("member.add", at(json!({ "users": ["carol", "bob"] }))).await;
    let joined = hears.next_frame().await;
    let message = hears.next_frame().await;
    assert_eq!(
        (&joined["type"], &message["type"]),
        (&json!("member.joined"), &json!("message.sent"))
    );
    assert!(joined["cursor"].as_u64() < message["cursor"].as_u64());
    assert_eq!(
        (&message["seq"], &message["data"]["kind"]),
        (&json!(2), &json!("system"))
    );
    alice
        .call("conversation.update", at(json!({ "name": "n", "muted": true })))
        .await;
    let notice = alice.call("conversation.announce", at(json!({ "text": "hi" }))).await;
    alice
        .call(
            "member.mute",
            at(json!({ "user": "carol", "until": 9_000_000_000_000_u64 })),
        )
        .await;
    alice
        .call("member.role", at(json!({ "user": "carol", "role": "admin" })))
        .await;
    alice.call("member.remove", at(json!({ "users": ["carol"] }))).await;
    alice
        .call("member.role", at(json!({ "user": "bob", "role": "owner" })))
        .await;
    alice.call("member.leave", at(json!({}))).await;
    let by = "alice";
    let expected = json!([
        { "event": "conversation_created", "users": ["alice", "bob"], "by": by },
        { "event": "members_joined", "users": ["carol"], "by": by },
        { "event": "conversation_updated", "users": [], "by": by, "name": "n", "muted": true },
        { "event": "announced", "users": [], "by": by, "notice_id": notice["id"].to_string(), "text": "hi" },
        { "event": "member_muted", "users": [], "by": by, "user": "carol", "until": 9_000_000_000_000_u64 },
        { "event": "members_left", "users": ["carol"], "by": by },
        { "event": "owner_changed", "users": [], "by": by, "user": "bob" },
        { "event": "members_left", "users": ["alice"], "by": by },
    ]);
    assert_eq!(json!(said(&bob, group).await), expected);
    let seen = bob.call("conversation.get", json!({ "conversation": group })).await;
    assert_eq!((&seen["unread"], &seen["last_seq"]), (&json!(8), &json!(8)));
}

#[tokio::test]
async fn an_owner_that_leaves_has_an_heir_and_a_pair_is_not_told_of() {
    let app = App::with(json!({ "system_messages": true })).await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let group = alice.conversation("group", &[&bob]).await;
    let own = alice.call("conversation.get", json!({ "conversation": group })).await;
    assert_eq!(
        (&own["unread"], &own["last_seq"]),
        (&json!(0), &json!(1)),
        "one's own doing is read"
    );
    alice.call("member.leave", json!({ "conversation": group })).await;
    let told = said(&bob, group).await;
    assert_eq!(told[1]["event"], "members_left");
    assert_eq!(
        (&told[2]["event"], &told[2]["user"]),
        (&json!("owner_changed"), &json!("bob"))
    );
    let pair = alice.conversation("direct", &[&bob]).await;
    alice
        .call(
            "conversation.update",
            json!({ "conversation": pair, "ext": { "a": 1 } }),
        )
        .await;
    assert!(said(&bob, pair).await.is_empty());
}

#[tokio::test]
async fn apps_that_do_not_want_it_are_not_told() {
    let app = App::new().await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let group = alice.conversation("group", &[&bob]).await;
    alice
        .call("member.remove", json!({ "conversation": group, "users": ["bob"] }))
        .await;
    assert!(said(&alice, group).await.is_empty());
}

#[tokio::test]
async fn the_server_s_words_cannot_be_edited() {
    let app = App::with(json!({ "system_messages": true })).await;
    let [alice] = app.users(["alice"]).await;
    let group = alice.conversation("group", &[]).await;
    let page = alice.call("message.history", json!({ "conversation": group })).await;
    let id = &page["messages"][0]["id"];
    let failure = alice
        .attempt("message.edit", json!({ "message": id, "body": { "text": "x" } }))
        .await
        .unwrap_err();
    failure.is("not_permitted");
}
