use serde_json::{Value, json};

use crate::harness::{App, Guest, Server, eventually, guest};

#[tokio::test]
async fn an_observer_answers_each_human_message_once() {
    let app = App::new().await;
    app.upload("echo", guest(Guest::Echo))
        .grants("messages-send")
        .install()
        .await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let id = alice.conversation("group", &[&bob]).await;
    let first = alice.say(id, "one").await;
    assert_eq!(alice.heard(id, 2).await, ["one", "one"]);
    let page = alice
        .call("message.history", json!({ "conversation": id, "limit": 1 }))
        .await;
    let answer = &page["messages"][0];
    assert_eq!((&answer["from"], &answer["origin"]), (&Value::Null, &json!("echo")));
    assert_eq!(answer["reply_to"], first["id"]);
    bob.say(id, "two").await;
    // It did not hear itself: a third echo of "one" would stand here.
    assert_eq!(alice.heard(id, 4).await, ["one", "one", "two", "two"]);
}

#[tokio::test]
async fn a_call_that_is_made_again_writes_nothing_twice() {
    let server = Server::start(&["jobs.backoff_ms=5", "jobs.attempts=3"]);
    let app = App::on(&server, json!({})).await;
    app.upload("counter", guest(Guest::Counter))
        .grants("kv,messages-send")
        .install()
        .await;
    let alice = app.user("alice").await;
    let id = alice.conversation("group", &[]).await;
    for (n, text) in ["plain", "fail-once", "fail-always", "plain"].into_iter().enumerate() {
        alice.say(id, text).await;
        let texts = alice.heard(id, 2 * (n + 1)).await;
        assert_eq!(texts.last().unwrap(), &(n + 1).to_string(), "{texts:?}");
    }
    let dead = eventually("the hopeless job", async || app.dead_jobs().await.pop()).await;
    assert!(dead["error"].as_str().unwrap().contains("failed, as told"), "{dead}");
    let expected = ["plain", "1", "fail-once", "2", "fail-always", "3", "plain", "4"];
    assert_eq!(alice.texts(id).await, expected);
}

#[tokio::test]
async fn a_call_that_is_made_again_makes_no_second_group_and_announces_nothing_twice() {
    let server = Server::start(&["jobs.backoff_ms=5"]);
    let app = App::on(&server, json!({})).await;
    app.upload("founder", guest(Guest::Founder))
        .grants("kv,conversations-write")
        .install()
        .await;
    let alice = app.user("alice").await;
    let room = alice.conversation("group", &[]).await;
    alice.say(room, "found-once").await;
    eventually("the call to be made again", async || {
        let counters = app.counters("founder", "observer").await;
        (counters["calls"] == 2 && counters["failures"]["error"] == 1).then_some(())
    })
    .await;
    let page = alice.call("conversation.list", json!({})).await;
    let list = page["conversations"].as_array().unwrap();
    let founded: Vec<&Value> = list.iter().filter(|one| one["id"] != room).collect();
    assert_eq!(founded.len(), 1, "{page}");
    let notices = alice
        .call("conversation.notices", json!({ "conversation": founded[0]["id"] }))
        .await;
    assert_eq!(notices["total"], 1, "{notices}");
}

#[tokio::test]
async fn every_call_that_is_put_off_is_made_again_whatever_else_is() {
    let server = Server::start(&[
        "jobs.backoff_ms=300",
        "plugins.breaker_failures=100",
        // No other call fails, however busy the machine is.
        "plugins.deadline_ms=3000",
    ]);
    let app = App::on(&server, json!({})).await;
    app.upload("counter", guest(Guest::Counter))
        .grants("kv,messages-send")
        .install()
        .await;
    let alice = app.user("alice").await;
    for number in 1..=3 {
        let room = alice.conversation("group", &[]).await;
        alice.say(room, "fail-once").await;
        // Each is put off at a time of its own.
        eventually("the failure", async || {
            let counters = app.counters("counter", "observer").await;
            (counters["failures"]["error"] == number).then_some(())
        })
        .await;
    }
    eventually("all to be made again", async || {
        let calls = app.counters("counter", "observer").await["calls"].clone();
        (calls == 6).then_some(())
    })
    .await;
}

#[tokio::test]
async fn bots_that_answer_each_other_come_to_an_end() {
    let app = App::new().await;
    for name in ["one", "two"] {
        app.upload(name, guest(Guest::Counter))
            .grants("kv,messages-send")
            .install()
            .await;
    }
    let alice = app.user("alice").await;
    let id = alice.conversation("group", &[]).await;
    // Two answers to a human, then each answers the other's, to a depth of four.
    for round in 1..=2 {
        alice.say(id, "go").await;
        let texts = alice.heard(id, round * 9).await;
        assert_eq!(texts.len(), round * 9, "{texts:?}");
    }
    let page = alice
        .call("message.history", json!({ "conversation": id, "limit": 100 }))
        .await;
    let origins = page["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| message["origin"].is_string())
        .count();
    assert_eq!(origins, 16);
}

#[tokio::test]
async fn a_disabled_observer_is_not_called() {
    let app = App::new().await;
    app.upload("echo", guest(Guest::Echo))
        .grants("messages-send")
        .install()
        .await;
    app.change_plugin("echo", json!({ "enabled": false })).await;
    let alice = app.user("alice").await;
    let id = alice.conversation("group", &[]).await;
    alice.say(id, "unheard").await;
    app.upload("counter", guest(Guest::Counter))
        .grants("kv,messages-send")
        .install()
        .await;
    alice.say(id, "heard").await;
    assert_eq!(alice.heard(id, 3).await, ["unheard", "heard", "1"]);
}
