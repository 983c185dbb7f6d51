use serde_json::{Value, json};

use crate::harness::{App, Way, now_ms};

fn text(text: &str) -> Value {
    json!({ "text": text })
}

#[tokio::test]
async fn a_message_is_stored_told_and_read() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let id = alice.conversation("group", &[&bob]).await;
        let mut hears = bob.connect().await;
        let mut sender = alice.by(way).await;
        let first = sender
            .call(
                "message.send",
                json!({ "conversation": id, "kind": "text", "body": text("早上好 🌞") }),
            )
            .await;
        assert_eq!(
            (&first["seq"], &first["duplicate"]),
            (&json!(1), &json!(false)),
            "{first}"
        );
        assert!(first["id"].as_u64().unwrap() < 1 << 53);
        assert!(first["created_at"].as_u64().unwrap().abs_diff(now_ms()) < 60_000);
        let data = json!({ "conversation": id, "kind": "text", "body": text("hi bob"), "nonce": "n-2",
            "mentions": ["bob"], "mention_all": true, "reply_to": first["id"] });
        let second = sender.call("message.send", data).await;
        assert!(second["id"].as_u64() > first["id"].as_u64());

        let event = hears.event("message.sent").await;
        assert_eq!((&event["seq"], &event["data"]["body"]), (&json!(1), &text("早上好 🌞")));
        let cursor = event["cursor"].as_u64().unwrap();
        let event = hears.event("message.sent").await;
        assert!(event["cursor"].as_u64().unwrap() > cursor);
        let expected = json!({ "id": second["id"], "seq": 2, "conversation": id, "from": "alice", "kind": "text",
            "body": text("hi bob"), "mentions": ["bob"], "mention_all": true, "reply_to": first["id"],
            "created_at": second["created_at"] });
        assert_eq!(event["data"], expected, "and no nonce, which is the sender's own");
        let read = bob
            .by(way)
            .await
            .call("message.get", json!({ "message": second["id"] }))
            .await;
        assert_eq!(read, expected);
        let own = sender.call("message.get", json!({ "message": second["id"] })).await;
        assert_eq!(own["nonce"], "n-2");
    }
}

#[tokio::test]
async fn a_nonce_is_one_message_for_good() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let id = alice.conversation("group", &[&bob]).await;
        let mut hears = bob.connect().await;
        let mut sender = alice.by(way).await;
        let send =
            |nonce: &str, said: &str| json!({ "conversation": id, "kind": "text", "body": text(said), "nonce": nonce });
        let first = sender.call("message.send", send("a", "once")).await;
        let again = sender.call("message.send", send("a", "twice")).await;
        assert_eq!(
            (&again["id"], &again["seq"], &again["duplicate"]),
            (&first["id"], &json!(1), &json!(true))
        );
        assert_eq!(again["created_at"], first["created_at"]);
        // It is the sender's own: another user's is another message.
        assert_eq!(
            bob.by(way).await.call("message.send", send("a", "mine")).await["seq"],
            2
        );
        assert_eq!(sender.call("message.send", send("b", "next")).await["seq"], 3);
        assert_eq!(alice.texts(id).await, ["once", "mine", "next"]);
        // Bob's socket hears what bob has sent by another way, too.
        for expected in ["once", "mine", "next"] {
            assert_eq!(hears.heard().await, expected);
        }
    }
}

#[tokio::test]
async fn rest_says_what_is_new() {
    let app = App::new().await;
    let [alice, _bob] = app.users(["alice", "bob"]).await;
    let pair = json!({ "kind": "direct", "members": ["bob"] });
    let made = alice.rest("POST", "/v1/conversations", pair.clone()).await;
    let again = alice.rest("POST", "/v1/conversations", pair).await;
    assert_eq!((made.status, again.status), (201, 200));
    let path = format!("/v1/conversations/{}/messages", made.ok()["id"]);
    let message = json!({ "kind": "text", "body": text("once"), "nonce": "n" });
    assert_eq!(alice.rest("POST", &path, message.clone()).await.status, 201);
    assert_eq!(alice.rest("POST", &path, message).await.status, 200);
}

#[tokio::test]
async fn a_sender_edits_and_those_who_may_recall() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let id = alice.conversation("group", &[&bob]).await;
        let message = &bob.say(id, "helo").await["id"];
        let mut hears = alice.connect().await;
        let (mut owner, mut author) = (alice.by(way).await, bob.by(way).await);

        let edited = author
            .call("message.edit", json!({ "message": message, "body": text("hello") }))
            .await;
        assert_eq!((&edited["body"], &edited["seq"]), (&text("hello"), &json!(1)));
        assert!(edited["edited_at"].is_u64());
        let event = hears.event("message.edited").await;
        assert_eq!((&event["data"]["body"], &event["seq"]), (&text("hello"), &json!(1)));
        owner
            .refused("message.edit", json!({ "message": message, "body": text("mine") }))
            .await
            .is("not_permitted");
        author
            .refused("message.edit", json!({ "message": message, "body": text("") }))
            .await
            .is("bad_body");

        author
            .call("message.react", json!({ "message": message, "emoji": "👍" }))
            .await;
        let recalled = owner.call("message.recall", json!({ "message": message })).await;
        assert_eq!(recalled["body"], json!({}));
        assert!(recalled["recalled_at"].is_u64());
        assert_eq!(hears.event("message.reacted").await["data"]["emoji"], "👍");
        if way == Way::Rest {
            assert_eq!(hears.event("message.recalled").await["data"]["body"], json!({}));
        }
        author
            .refused("message.edit", json!({ "message": message, "body": text("again") }))
            .await
            .is("conflict");
        author
            .refused("message.react", json!({ "message": message, "emoji": "👍" }))
            .await
            .is("conflict");
        let page = author.call("message.history", json!({ "conversation": id })).await;
        assert_eq!(
            page["messages"][0]["body"],
            json!({}),
            "nothing of a recalled message is left to see"
        );

        let own = &owner
            .call(
                "message.send",
                json!({ "conversation": id, "kind": "text", "body": text("x") }),
            )
            .await["id"];
        author
            .refused("message.recall", json!({ "message": own }))
            .await
            .is("not_permitted");
    }
}

#[tokio::test]
async fn deleting_is_for_oneself() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let id = alice.conversation("direct", &[&bob]).await;
        alice.say(id, "one").await;
        let second = &alice.say(id, "two").await["id"];
        let mut tablet = bob.on("tablet").open().await;
        let mut door = bob.by(way).await;
        door.call("message.delete", json!({ "messages": [second] })).await;
        assert_eq!(
            tablet.event("message.deleted").await["data"],
            json!({ "messages": [second] })
        );
        assert_eq!(bob.texts(id).await, ["one"]);
        assert_eq!(alice.texts(id).await, ["one", "two"]);
        door.refused("message.get", json!({ "message": second }))
            .await
            .is("not_found");
        let list = door.call("conversation.list", json!({})).await;
        assert_eq!(list["conversations"][0]["last_message"]["body"], text("one"), "{list}");
    }
}

#[tokio::test]
async fn emoji_come_and_go() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let id = alice.conversation("direct", &[&bob]).await;
        let message = alice.say(id, "nice?").await["id"].clone();
        let mut hears = alice.connect().await;
        let mut door = bob.by(way).await;
        let react = |emoji: &str, add: bool| json!({ "message": message, "emoji": emoji, "add": add });
        assert_eq!(door.call("message.react", react("🎉", true)).await["changed"], true);
        assert_eq!(door.call("message.react", react("🎉", true)).await["changed"], false);
        let event = hears.event("message.reacted").await;
        let expected = json!({ "message": message, "conversation": id, "user": "bob", "emoji": "🎉", "added": true });
        assert_eq!(event["data"], expected);
        alice.call("message.react", react("🎉", true)).await;
        let read = door.call("message.get", json!({ "message": message })).await;
        assert_eq!(read["reactions"], json!([{ "emoji": "🎉", "users": ["bob", "alice"] }]));
        assert_eq!(door.call("message.react", react("🎉", false)).await["changed"], true);
        assert_eq!(door.call("message.react", react("🎉", false)).await["changed"], false);
        let read = door.call("message.get", json!({ "message": message })).await;
        assert_eq!(read["reactions"], json!([{ "emoji": "🎉", "users": ["alice"] }]));
        door.refused("message.react", react(&"x".repeat(33), true))
            .await
            .is("bad_field")
            .blames("emoji");
    }
}

#[tokio::test]
async fn a_transient_message_is_told_and_forgotten() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let id = alice.conversation("group", &[&bob]).await;
        let mut hears = bob.connect().await;
        let mut sender = alice.by(way).await;
        let data = json!({ "conversation": id, "kind": "text", "body": text("psst"), "transient": true });
        let sent = sender.call("message.send", data).await;
        assert_eq!(
            (&sent["id"], &sent["seq"], &sent["duplicate"]),
            (&json!(0), &json!(0), &json!(false))
        );
        let event = hears.event("message.sent").await;
        assert_eq!(
            (&event["data"]["transient"], &event["data"]["body"]),
            (&json!(true), &text("psst"))
        );
        assert!(
            event.get("cursor").is_none(),
            "what is not stored has no place in the stream: {event}"
        );
        assert_eq!(bob.texts(id).await, [""; 0]);
        assert_eq!(
            sender.call("conversation.get", json!({ "conversation": id })).await["last_seq"],
            0
        );
    }
}

#[tokio::test]
async fn a_message_must_be_what_its_kind_asks() {
    for way in Way::BOTH {
        let app = App::with(json!({ "text_chars": 10 })).await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let id = alice.conversation("group", &[&bob]).await;
        let mut door = alice.by(way).await;
        let send = |kind: &str, body: Value| json!({ "conversation": id, "kind": kind, "body": body });
        for (body, code) in [
            (json!({}), "bad_body"),
            (json!({ "text": 5 }), "bad_body"),
            (text(""), "bad_body"),
            (text(&"字".repeat(11)), "too_large"),
        ] {
            door.refused("message.send", send("text", body)).await.is(code);
        }
        door.refused("message.send", send("text", json!("text")))
            .await
            .is("bad_body")
            .blames("body");
        door.refused("message.send", send("Text!", text("x")))
            .await
            .is("bad_field")
            .blames("kind");
        let far = json!({ "conversation": id, "kind": "text", "body": text("x"), "reply_to": 4_000_000_000_u64 });
        door.refused("message.send", far).await.is("not_found");
        assert_eq!(
            door.call("message.send", send("text", text(&"字".repeat(10)))).await["seq"],
            1,
            "refusals take no seq"
        );
    }
}
