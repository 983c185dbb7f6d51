use serde_json::json;

use crate::harness::{App, Way};

#[tokio::test]
async fn announcements_are_told_and_kept() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob, carol] = app.users(["alice", "bob", "carol"]).await;
        let group = alice.conversation("group", &[&bob]).await;
        let mut hears = bob.connect().await;
        let (mut door, mut member) = (alice.by(way).await, bob.by(way).await);
        let text = json!({ "conversation": group, "text": "one" });
        let first = door.call("conversation.announce", text.clone()).await;
        assert_eq!((&first["text"], &first["by"]), (&json!("one"), &json!("alice")));
        let event = hears.event("conversation.announced").await;
        assert_eq!(event["data"], json!({ "conversation": group, "notice": first }));
        let second = door
            .call(
                "conversation.announce",
                json!({ "conversation": group, "text": "二".repeat(2000) }),
            )
            .await;
        door.refused(
            "conversation.announce",
            json!({ "conversation": group, "text": "x".repeat(2001) }),
        )
        .await
        .is("bad_field")
        .blames("text");
        member
            .refused("conversation.announce", text.clone())
            .await
            .is("not_permitted");
        carol
            .by(way)
            .await
            .refused("conversation.announce", text)
            .await
            .is("not_found");

        let page = member
            .call("conversation.notices", json!({ "conversation": group, "limit": 1 }))
            .await;
        assert_eq!(page, json!({ "notices": [second], "total": 2 }));
        let page = member
            .call("conversation.notices", json!({ "conversation": group, "skip": 1 }))
            .await;
        assert_eq!(page, json!({ "notices": [first], "total": 2 }));
        let seen = member.call("conversation.get", json!({ "conversation": group })).await;
        assert_eq!((&seen["notice"], &seen["creator"]), (&second, &json!("alice")));
        assert_eq!(seen["updated_at"], second["created_at"]);
    }
}

#[tokio::test]
async fn what_a_member_chooses_is_its_own() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let group = alice.conversation("group", &[&bob]).await;
        let mut hears = alice.connect().await;
        let mut door = alice.by(way).await;
        let none = json!({ "pinned_at": null, "rank": 0, "do_not_disturb": false });
        let get = json!({ "conversation": group });
        assert_eq!(door.call("conversation.get", get.clone()).await["preferences"], none);
        let chosen = door
            .call(
                "conversation.prefer",
                json!({ "conversation": group, "pinned": true, "rank": -3 }),
            )
            .await;
        assert!(chosen["pinned_at"].as_u64() > Some(1_600_000_000_000), "{chosen}");
        assert_eq!(
            (&chosen["rank"], &chosen["do_not_disturb"]),
            (&json!(-3), &json!(false))
        );
        let event = hears.event("conversation.preferred").await;
        assert_eq!(event["data"], json!({ "conversation": group, "preferences": chosen }));
        let quiet = door
            .call(
                "conversation.prefer",
                json!({ "conversation": group, "do_not_disturb": true }),
            )
            .await;
        assert_eq!(quiet["pinned_at"], chosen["pinned_at"]);
        let list = door.call("conversation.list", json!({})).await;
        assert_eq!(list["conversations"][0]["preferences"], quiet);
        let other = bob.by(way).await.call("conversation.get", get).await;
        assert_eq!(other["preferences"], none);
    }
}

#[tokio::test]
async fn cleared_history_is_gone_for_one() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let group = alice.conversation("group", &[&bob]).await;
        bob.say(group, "one").await;
        let two = bob.say(group, "two").await;
        let mut hears = alice.connect().await;
        let mut reads = bob.connect().await;
        let mut door = alice.by(way).await;
        door.call("conversation.clear", json!({ "conversation": group })).await;
        let event = hears.event("conversation.cleared").await;
        assert_eq!(event["data"], json!({ "conversation": group, "seq": 2 }));
        let mark = reads.event("receipt.changed").await;
        assert_eq!(
            (&mark["data"]["user"], &mark["data"]["read_seq"]),
            (&json!("alice"), &json!(2))
        );
        let seen = door.call("conversation.get", json!({ "conversation": group })).await;
        assert_eq!((&seen["unread"], &seen["last_seq"]), (&json!(0), &json!(2)));
        assert!(seen.get("last_message").is_none(), "{seen}");
        assert!(alice.texts(group).await.is_empty());
        assert_eq!(bob.texts(group).await, ["one", "two"]);
        door.refused("message.get", json!({ "message": two["id"] }))
            .await
            .is("not_found");
        bob.say(group, "three").await;
        assert_eq!(alice.texts(group).await, ["three"]);
    }
}

#[tokio::test]
async fn members_bring_users_in_where_they_may() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob, _carol] = app.users(["alice", "bob", "carol"]).await;
        let group = alice.conversation("group", &[&bob]).await;
        let (mut door, mut member) = (alice.by(way).await, bob.by(way).await);
        let add = json!({ "conversation": group, "users": ["carol"] });
        let open = json!({ "conversation": group, "members_invite": true });
        member.refused("member.add", add.clone()).await.is("not_permitted");
        member
            .refused("conversation.update", open.clone())
            .await
            .is("not_permitted");
        assert_eq!(door.call("conversation.update", open).await["members_invite"], true);
        assert_eq!(member.call("member.add", add).await["added"], 1);
        let out = json!({ "conversation": group, "users": ["carol"] });
        member.refused("member.remove", out).await.is("not_permitted");
    }
}

#[tokio::test]
async fn what_the_server_says_nobody_else_says() {
    for way in Way::BOTH {
        let app = App::with(json!({ "unowned_kinds": "accept" })).await;
        let [alice] = app.users(["alice"]).await;
        let group = alice.conversation("group", &[]).await;
        alice
            .by(way)
            .await
            .refused(
                "message.send",
                json!({ "conversation": group, "kind": "system", "body": {} }),
            )
            .await
            .is("bad_field")
            .blames("kind");
    }
}
