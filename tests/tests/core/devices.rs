use serde_json::{Value, json};

use crate::harness::{App, Server};

#[tokio::test]
async fn every_device_of_a_user_hears_what_the_others_do() {
    let app = App::new().await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let id = alice.conversation("direct", &[&bob]).await;
    let (mut phone, mut desk) = (alice.on("phone").open().await, alice.on("desk").open().await);
    let mut other = bob.connect().await;
    assert_eq!(
        (&phone.ready["user"], &phone.ready["device"]),
        (&json!("alice"), &json!("phone"))
    );
    assert!(phone.ready["connection"] != desk.ready["connection"] && phone.ready["idle_timeout_ms"].is_u64());

    phone.say(id, "from the phone").await;
    assert_eq!(desk.heard().await, "from the phone");
    assert_eq!(other.heard().await, "from the phone");
    desk.say(id, "from the desk").await;
    assert_eq!(phone.heard().await, "from the desk");
    // Whoever made the change has the reply and not the event.
    assert_eq!(phone.events_so_far("message.sent").await, [Value::Null; 0]);
    other.say(id, "read me").await;
    phone
        .call("receipt.read", json!({ "conversation": id, "seq": 3 }))
        .await;
    let read = crate::harness::eventually("the other device to hear of the mark", async || {
        let event = desk.event("receipt.changed").await;
        (event["data"]["user"] == "alice" && event["data"]["read_seq"] == 3).then_some(event)
    });
    read.await;
}

#[tokio::test]
async fn multiple_logins_stay_side_by_side() {
    let app = App::with(json!({ "login": "multiple" })).await;
    let alice = app.user("alice").await;
    let (mut one, mut two) = (alice.connect().await, alice.connect().await);
    one.call("ping", Value::Null).await;
    two.call("ping", Value::Null).await;
}

#[tokio::test]
async fn a_login_replaces_the_last_one_of_its_device_or_of_its_user() {
    for (policy, phone_stays) in [("per_device", true), ("single", false)] {
        let app = App::with(json!({ "login": policy })).await;
        let alice = app.user("alice").await;
        let mut phone = alice.on("phone").open().await;
        let mut first = alice.on("desk").open().await;
        if !phone_stays {
            assert_eq!(phone.closed().await, 4001);
        }
        let mut second = alice.on("desk").open().await;
        assert_eq!(first.closed().await, 4001, "{policy}");
        second.call("ping", Value::Null).await;
        if phone_stays {
            phone.call("ping", Value::Null).await;
        }
    }
}

#[tokio::test]
async fn login_duplication_is_another_word_for_multiple() {
    let app = App::with(json!({ "login": "single" })).await;
    let alice = app.user("alice").await;
    assert_eq!(
        app.change(json!({ "login_duplication": true })).await["settings"]["login"],
        "multiple"
    );
    let (mut one, _two) = (alice.connect().await, alice.connect().await);
    one.call("ping", Value::Null).await;
}

#[tokio::test]
async fn a_user_has_a_bounded_number_of_connections() {
    let server = Server::start(&["limits.connections_per_user=2"]);
    let app = App::on(&server, json!({})).await;
    let alice = app.user("alice").await;
    let (mut oldest, mut second) = (alice.on("a").open().await, alice.on("b").open().await);
    let mut newest = alice.on("c").open().await;
    assert_eq!(oldest.closed().await, 4001, "the newest is let in, and the oldest goes");
    second.call("ping", Value::Null).await;
    newest.call("ping", Value::Null).await;
}
