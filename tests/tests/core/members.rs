use serde_json::{Value, json};

use crate::harness::{App, Way, now_ms};

fn say(conversation: u64) -> Value {
    json!({ "conversation": conversation, "kind": "text", "body": { "text": "hello" } })
}

fn names(page: &Value) -> Vec<String> {
    page["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| member["user"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn members_come_and_go() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob, carol, dave] = app.users(["alice", "bob", "carol", "dave"]).await;
        let id = alice.conversation("group", &[&bob]).await;
        let (mut bob_hears, mut carol_hears) = (bob.connect().await, carol.connect().await);
        let mut owner = alice.by(way).await;
        let mut member = bob.by(way).await;
        let add = |users: &[&str]| json!({ "conversation": id, "users": users });

        member.refused("member.add", add(&["carol"])).await.is("not_permitted");
        dave.by(way)
            .await
            .refused("member.add", add(&["dave"]))
            .await
            .is("not_found");
        assert_eq!(
            owner.call("member.add", add(&["carol", "dave", "bob", "carol"])).await["added"],
            2
        );
        for hears in [&mut bob_hears, &mut carol_hears] {
            let event = hears.event("member.joined").await;
            assert_eq!(
                event["data"],
                json!({ "conversation": id, "users": ["carol", "dave"], "by": "alice" })
            );
            assert!(event["cursor"].is_u64());
        }
        let all = owner.call("member.list", json!({ "conversation": id })).await;
        assert_eq!(names(&all), ["alice", "bob", "carol", "dave"]);
        assert_eq!(all["has_more"], false);
        let page = owner
            .call(
                "member.list",
                json!({ "conversation": id, "after": "alice", "limit": 2 }),
            )
            .await;
        assert_eq!(
            (names(&page), &page["has_more"]),
            (vec!["bob".to_owned(), "carol".to_owned()], &json!(true))
        );

        member
            .refused("member.remove", add(&["carol"]))
            .await
            .is("not_permitted");
        assert_eq!(
            owner.call("member.remove", add(&["carol", "nobody"])).await["removed"],
            1
        );
        // Who was put out hears of it, and of nothing afterwards.
        let left = carol_hears.event("member.left").await;
        assert_eq!(
            left["data"],
            json!({ "conversation": id, "users": ["carol"], "by": "alice" })
        );
        bob_hears.event("member.left").await;
        let mut gone = carol.by(way).await;
        for command in [
            "conversation.get",
            "message.history",
            "member.list",
            "receipt.list",
            "member.leave",
        ] {
            gone.refused(command, json!({ "conversation": id }))
                .await
                .is("not_found");
        }
        gone.refused("message.send", say(id)).await.is("not_found");

        dave.by(way)
            .await
            .call("member.leave", json!({ "conversation": id }))
            .await;
        assert_eq!(bob_hears.event("member.left").await["data"]["users"], json!(["dave"]));
        assert_eq!(
            names(&owner.call("member.list", json!({ "conversation": id })).await),
            ["alice", "bob"]
        );
    }
}

#[tokio::test]
async fn an_owner_gives_ranks_and_hands_over() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob, carol] = app.users(["alice", "bob", "carol"]).await;
        let id = alice.conversation("group", &[&bob, &carol]).await;
        let mut carol_hears = carol.connect().await;
        let (mut owner, mut admin) = (alice.by(way).await, bob.by(way).await);
        let rank = |user: &str, role: &str| json!({ "conversation": id, "user": user, "role": role });

        admin
            .refused("member.role", rank("bob", "admin"))
            .await
            .is("not_permitted");
        let given = owner.call("member.role", rank("bob", "admin")).await;
        assert_eq!((&given["user"], &given["role"]), (&json!("bob"), &json!("admin")));
        let event = carol_hears.event("member.updated").await;
        assert_eq!(
            (&event["data"]["conversation"], &event["data"]["member"]["role"]),
            (&json!(id), &json!("admin"))
        );
        assert_eq!(
            admin
                .call("conversation.update", json!({ "conversation": id, "name": "ours" }))
                .await["name"],
            "ours"
        );
        admin
            .refused("member.role", rank("carol", "admin"))
            .await
            .is("not_permitted");
        admin
            .refused("member.remove", json!({ "conversation": id, "users": ["alice"] }))
            .await
            .is("not_permitted");
        owner
            .refused("member.role", rank("nobody", "admin"))
            .await
            .is("not_found");
        owner
            .refused("member.role", rank("alice", "member"))
            .await
            .is("not_permitted");

        assert_eq!(owner.call("member.role", rank("bob", "owner")).await["role"], "owner");
        assert_eq!(
            admin.call("conversation.get", json!({ "conversation": id })).await["owner"],
            "bob"
        );
        let before = owner.call("conversation.get", json!({ "conversation": id })).await;
        assert_eq!(before["role"], "admin", "who hands over stays an admin");
        owner
            .refused("conversation.dissolve", json!({ "conversation": id }))
            .await
            .is("not_permitted");
    }
}

#[tokio::test]
async fn an_owner_who_leaves_is_succeeded() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob, carol] = app.users(["alice", "bob", "carol"]).await;
        let id = alice.conversation("group", &[&bob, &carol]).await;
        alice
            .call(
                "member.role",
                json!({ "conversation": id, "user": "carol", "role": "admin" }),
            )
            .await;
        alice
            .by(way)
            .await
            .call("member.leave", json!({ "conversation": id }))
            .await;
        let seen = carol
            .by(way)
            .await
            .call("conversation.get", json!({ "conversation": id }))
            .await;
        assert_eq!(
            (&seen["owner"], &seen["role"], &seen["member_count"]),
            (&json!("carol"), &json!("owner"), &json!(2))
        );
        // Nobody is above the new owner, and the last one may go too.
        carol
            .call("conversation.update", json!({ "conversation": id, "muted": true }))
            .await;
        carol.call("member.leave", json!({ "conversation": id })).await;
        let seen = bob.call("conversation.get", json!({ "conversation": id })).await;
        assert_eq!((&seen["owner"], &seen["member_count"]), (&json!("bob"), &json!(1)));
    }
}

#[tokio::test]
async fn a_muted_member_is_silent_until_its_time_is_over() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let id = alice.conversation("group", &[&bob]).await;
        let (mut owner, mut member) = (alice.by(way).await, bob.by(way).await);
        let mute = |user: &str, until: u64| json!({ "conversation": id, "user": user, "until": until });

        let until = now_ms() + 3_600_000;
        assert_eq!(
            owner.call("member.mute", mute("bob", until)).await["muted_until"],
            until
        );
        member.refused("message.send", say(id)).await.is("muted");
        let mut transient = say(id);
        transient["transient"] = json!(true);
        member.refused("message.send", transient).await.is("muted");
        member.call("message.history", json!({ "conversation": id })).await;
        owner.call("member.mute", mute("bob", 0)).await;
        assert_eq!(member.call("message.send", say(id)).await["seq"], 1);
        owner.call("member.mute", mute("bob", now_ms().saturating_sub(1))).await;
        assert_eq!(member.call("message.send", say(id)).await["seq"], 2);
        member
            .refused("member.mute", mute("alice", until))
            .await
            .is("not_permitted");
        owner
            .refused("member.mute", mute("nobody", until))
            .await
            .is("not_found");
    }
}

#[tokio::test]
async fn in_a_silenced_conversation_only_those_in_charge_speak() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob, carol] = app.users(["alice", "bob", "carol"]).await;
        let id = alice.conversation("group", &[&bob, &carol]).await;
        alice
            .call(
                "member.role",
                json!({ "conversation": id, "user": "carol", "role": "admin" }),
            )
            .await;
        let (mut owner, mut member, mut admin) = (alice.by(way).await, bob.by(way).await, carol.by(way).await);
        let silence = |on: bool| json!({ "conversation": id, "muted": on });

        member
            .refused("conversation.update", silence(true))
            .await
            .is("not_permitted");
        assert_eq!(owner.call("conversation.update", silence(true)).await["muted"], true);
        member.refused("message.send", say(id)).await.is("muted");
        admin.call("message.send", say(id)).await;
        owner.call("message.send", say(id)).await;
        owner.call("conversation.update", silence(false)).await;
        assert_eq!(member.call("message.send", say(id)).await["seq"], 3);
    }
}

#[tokio::test]
async fn anyone_may_join_a_chatroom_and_leave_it() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let room = alice.conversation("chatroom", &[]).await;
        let group = alice.conversation("group", &[]).await;
        let mut hears = alice.connect().await;
        let mut guest = bob.by(way).await;
        let of = |id: u64| json!({ "conversation": id });

        // It is there for everyone to see, and what is said in it for members only.
        assert!(guest.call("conversation.get", of(room)).await.get("role").is_none());
        guest.refused("message.history", of(room)).await.is("not_found");
        guest.refused("message.send", say(room)).await.is("not_found");
        guest.refused("member.join", of(group)).await.is("not_found");

        let joined = guest.call("member.join", of(room)).await;
        assert_eq!(
            (&joined["id"], &joined["role"], &joined["member_count"]),
            (&json!(room), &json!("member"), &json!(2))
        );
        assert_eq!(
            hears.event("member.joined").await["data"],
            json!({ "conversation": room, "users": ["bob"], "by": "bob" })
        );
        assert_eq!(
            guest.call("member.join", of(room)).await["member_count"],
            2,
            "joining twice is joining once"
        );
        assert_eq!(guest.call("message.send", say(room)).await["seq"], 1);
        assert_eq!(hears.heard().await, "hello");
        guest.call("member.leave", of(room)).await;
        assert_eq!(hears.event("member.left").await["data"]["users"], json!(["bob"]));
        guest.refused("message.send", say(room)).await.is("not_found");
    }
}
