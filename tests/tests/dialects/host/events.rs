use serde_json::{Value, json};

use super::parrot::Cage;
use crate::harness::App;

#[tokio::test]
async fn an_event_is_put_into_words_once_for_everybody() {
    let cage = Cage::new().await;
    let owner = cage.app.user("owner").await;
    let mut talks = Vec::new();
    let mut members = Vec::new();
    for n in 0..10 {
        members.push(cage.app.user(&format!("user{n}")).await);
    }
    let group = owner.conversation("group", &members.iter().collect::<Vec<_>>()).await;
    for n in 0..10 {
        // Two connections each.
        talks.push(cage.bound(&format!("user{n}")).await);
        talks.push(cage.bound(&format!("user{n}")).await);
    }
    let before = cage.kept("encoded").await;
    for n in 1..=50 {
        owner.say(group, &format!("text {n}")).await;
    }
    for talk in &mut talks {
        for n in 1..=50 {
            assert_eq!(talk.next().await, format!("message {group} {n}  text {n}"));
        }
    }
    let count = |kept: &Value| kept.as_str().unwrap_or("0").parse::<u64>().unwrap();
    assert_eq!(count(&cage.kept("encoded").await) - count(&before), 50);
    // Who does not speak the dialect costs it nothing.
    let silent = App::new().await;
    let [ann, bob] = silent.users(["ann", "bob"]).await;
    let id = ann.conversation("direct", &[&bob]).await;
    ann.say(id, "hi").await;
}

#[tokio::test]
async fn a_dialect_says_who_of_the_receivers_is_told() {
    let cage = Cage::new().await;
    let [ann, bob, carol] = cage.app.users(["ann", "bob", "carol"]).await;
    let group = ann.conversation("group", &[&bob, &carol]).await;
    let (mut to_bob, mut to_carol) = (cage.bound("bob").await, cage.bound("carol").await);
    for text in ["only bob", "all-but bob", "none", "twice", "only nobody", "last"] {
        ann.say(group, text).await;
    }
    let told = |texts: &[(u64, &str)]| -> Vec<String> {
        texts
            .iter()
            .map(|(seq, text)| format!("message {group} {seq}  {text}"))
            .collect()
    };
    for (talk, expected) in [
        (
            &mut to_bob,
            told(&[(1, "only bob"), (4, "twice"), (4, "twice"), (6, "last")]),
        ),
        (
            &mut to_carol,
            told(&[(2, "all-but bob"), (4, "twice"), (4, "twice"), (6, "last")]),
        ),
    ] {
        for frame in expected {
            assert_eq!(talk.next().await, frame);
        }
    }
}

#[tokio::test]
async fn what_happens_natively_is_told_and_the_other_way_round() {
    let cage = Cage::new().await;
    let [ann, bob] = cage.app.users(["ann", "bob"]).await;
    let mut talk = cage.bound("bob").await;
    let mut native = ann.connect().await;
    let id = ann.conversation("direct", &[&bob]).await;
    assert_eq!(talk.next().await, format!("created {id} 2"));
    let said = native.say(id, "hello").await;
    assert_eq!(talk.next().await, format!("message {id} 1 ann+bob hello"));
    native.call("typing", json!({ "conversation": id })).await;
    assert_eq!(talk.next().await, format!("typing {id} ann true"));
    assert!(talk.ask(&format!("send {id} hi")).await.starts_with("sent "));
    assert_eq!(native.heard().await, "hi");
    ann.call("receipt.read", json!({ "conversation": id, "seq": 2 })).await;
    loop {
        // What the sender itself is told of its own message is the plugin's affair.
        let frame = talk.next().await;
        if frame == format!("marked {id} ann 2") {
            break;
        }
        assert!(frame.starts_with(&format!("message {id} 2")), "{frame}");
    }
    let group = ann.conversation("group", &[]).await;
    ann.call("member.add", json!({ "conversation": group, "users": ["bob"] }))
        .await;
    assert_eq!(talk.next().await, format!("joined {group} bob"));
    ann.call("member.remove", json!({ "conversation": group, "users": ["bob"] }))
        .await;
    assert_eq!(talk.next().await, format!("left {group} bob"));
    bob.call("user.update", json!({ "nickname": "Bobby" })).await;
    assert_eq!(talk.next().await, "user bob Bobby");
    // A reaction is nothing it has asked for.
    native
        .call("message.react", json!({ "message": said["id"], "emoji": "x" }))
        .await;
    talk.is_quiet().await;
}

#[tokio::test]
async fn an_event_that_is_not_put_into_words_is_lost_alone() {
    let (cage, calm) = (Cage::new().await, Cage::new().await);
    let mut told = Vec::new();
    for cage in [&cage, &calm] {
        let [ann, bob] = cage.app.users(["ann", "bob"]).await;
        let id = ann.conversation("direct", &[&bob]).await;
        told.push((ann, id, cage.bound("bob").await));
    }
    let mut calm = told.pop().unwrap();
    let (ann, id, mut talk) = told.pop().unwrap();
    ann.say(id, "before").await;
    assert_eq!(talk.next().await, format!("message {id} 1 ann+bob before"));
    ann.say(id, "trap").await;
    ann.say(id, "spin").await;
    ann.say(id, "after").await;
    assert_eq!(talk.next().await, format!("message {id} 4 ann+bob after"));
    calm.0.say(calm.1, "calm").await;
    assert_eq!(calm.2.next().await, format!("message {} 1 ann+bob calm", calm.1));
    assert_eq!(ann.texts(id).await, ["before", "trap", "spin", "after"]);
}

#[tokio::test]
async fn a_dialect_that_cannot_follow_harms_its_own_app_only() {
    let server = crate::harness::Server::start(&[
        "limits.dialect_queue=20",
        "plugins.breaker_failures=1000000",
        "plugins.deadline_ms=50",
    ]);
    let (cage, calm) = (Cage::on(&server, json!({})).await, Cage::on(&server, json!({})).await);
    let [ann, bob] = cage.app.users(["ann", "bob"]).await;
    let id = ann.conversation("direct", &[&bob]).await;
    let mut slow = cage.bound("bob").await;
    let [dan, eve] = calm.app.users(["dan", "eve"]).await;
    let mut fine = calm.bound("eve").await;
    let other = dan.conversation("direct", &[&eve]).await;
    assert_eq!(fine.next().await, format!("created {other} 2"));
    let mut native = ann.connect().await;
    // Each takes its whole time.
    for _ in 0..60 {
        native.say(id, "spin").await;
    }
    dan.say(other, "quick").await;
    assert_eq!(fine.next().await, format!("message {other} 1 dan+eve quick"));
    let (_, code) = slow.rest().await;
    assert_eq!(code, 4008);
    // Who comes back goes on.
    let mut back = cage.bound("bob").await;
    ann.say(id, "again").await;
    loop {
        if back.next().await == format!("message {id} 61 ann+bob again") {
            break;
        }
    }
}
