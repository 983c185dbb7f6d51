use serde_json::{Value, json};

use crate::harness::{App, Server, Way};

#[tokio::test]
async fn marks_move_forward_and_count_what_is_unread() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let id = alice.conversation("direct", &[&bob]).await;
        for n in 0..5 {
            alice.say(id, &n.to_string()).await;
        }
        let mut hears = alice.connect().await;
        let mut reader = bob.by(way).await;
        let at = |seq: u64| json!({ "conversation": id, "seq": seq });
        assert_eq!(
            reader.call("conversation.get", json!({ "conversation": id })).await["unread"],
            5
        );

        let marks = reader.call("receipt.delivered", at(4)).await;
        assert_eq!(marks, json!({ "delivered_seq": 4, "read_seq": 0, "unread": 5 }));
        let event = hears.event("receipt.changed").await;
        assert_eq!(
            event["data"],
            json!({ "conversation": id, "user": "bob", "delivered_seq": 4, "read_seq": 0 })
        );
        assert!(event.get("cursor").is_none(), "{event}");
        let marks = reader.call("receipt.read", at(3)).await;
        assert_eq!(marks, json!({ "delivered_seq": 4, "read_seq": 3, "unread": 2 }));
        assert_eq!(hears.event("receipt.changed").await["data"]["read_seq"], 3);
        let marks = reader.call("receipt.read", at(1)).await;
        assert_eq!(marks["read_seq"], 3, "a mark never goes back");
        // What is read was delivered, and nobody reads what was not sent.
        assert_eq!(
            reader.call("receipt.read", at(99)).await,
            json!({ "delivered_seq": 5, "read_seq": 5, "unread": 0 })
        );

        let all = reader.call("receipt.list", json!({ "conversation": id })).await;
        let mut all = all["receipts"].as_array().unwrap().clone();
        all.sort_by_key(|receipt| receipt["user"].to_string());
        assert_eq!(all[1], json!({ "user": "bob", "delivered_seq": 5, "read_seq": 5 }));
        assert_eq!(
            (&all[0]["user"], &all[0]["read_seq"]),
            (&json!("alice"), &json!(5)),
            "sending is reading"
        );
    }
}

#[tokio::test]
async fn sending_moves_the_senders_own_mark() {
    let app = App::new().await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let id = alice.conversation("direct", &[&bob]).await;
    alice.say(id, "a").await;
    alice.say(id, "b").await;
    bob.say(id, "c").await;
    let unread = async |user: &crate::harness::User| {
        user.call("conversation.get", json!({ "conversation": id })).await["unread"]
            .as_u64()
            .unwrap()
    };
    assert_eq!((unread(&alice).await, unread(&bob).await), (1, 0));
}

#[tokio::test]
async fn in_a_large_conversation_only_ones_own_devices_hear_of_a_mark() {
    let server = Server::start(&["limits.receipt_audience=2"]);
    let app = App::on(&server, json!({})).await;
    let [alice, bob, carol] = app.users(["alice", "bob", "carol"]).await;
    let id = alice.conversation("group", &[&bob, &carol]).await;
    let (mut phone, mut desk) = (bob.on("phone").open().await, bob.on("desk").open().await);
    let mut others = [alice.on("desk").open().await, carol.connect().await];
    alice.say(id, "who reads this?").await;
    phone
        .call("receipt.read", json!({ "conversation": id, "seq": 1 }))
        .await;
    phone.call("typing", json!({ "conversation": id })).await;
    assert_eq!(desk.event("receipt.changed").await["data"]["user"], "bob");
    alice.say(id, "nobody told me").await;
    for hears in &mut others {
        assert_eq!(hears.heard().await, "who reads this?");
        assert_eq!(hears.heard().await, "nobody told me");
        assert_eq!(hears.events_so_far("receipt.changed").await, [Value::Null; 0]);
        assert_eq!(hears.events_so_far("typing").await, [Value::Null; 0]);
    }
}
