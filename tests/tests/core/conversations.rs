use serde_json::{Value, json};

use crate::harness::{App, Way};

fn ids(page: &Value) -> Vec<u64> {
    page["conversations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn a_pair_has_one_direct_conversation() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let mut door = alice.by(way).await;
        let made = door
            .call("conversation.create", json!({ "kind": "direct", "members": ["bob"] }))
            .await;
        assert_eq!(made["created"], true, "{made}");
        assert_eq!(
            (&made["kind"], &made["peer"], &made["member_count"]),
            (&json!("direct"), &json!("bob"), &json!(2))
        );
        assert_eq!(
            (&made["last_seq"], &made["unread"], &made["read_seq"]),
            (&json!(0), &json!(0), &json!(0))
        );

        let again = door
            .call("conversation.create", json!({ "kind": "direct", "members": ["bob"] }))
            .await;
        assert_eq!((&again["id"], &again["created"]), (&made["id"], &json!(false)));
        let other = bob
            .by(way)
            .await
            .call("conversation.create", json!({ "kind": "direct", "members": ["alice"] }))
            .await;
        assert_eq!(
            (&other["id"], &other["created"], &other["peer"]),
            (&made["id"], &json!(false), &json!("alice"))
        );
    }
}

#[tokio::test]
async fn a_pair_that_meets_at_the_same_moment_has_one_too() {
    let app = App::new().await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let meet = |user: crate::harness::User, other: &'static str| async move {
        user.call("conversation.create", json!({ "kind": "direct", "members": [other] }))
            .await
    };
    let calls = (0..10).flat_map(|_| [meet(alice.clone(), "bob"), meet(bob.clone(), "alice")]);
    let made = futures_util::future::join_all(calls).await;
    assert!(made.iter().all(|one| one["id"] == made[0]["id"]), "{made:?}");
    assert_eq!(made.iter().filter(|one| one["created"] == true).count(), 1);
}

#[tokio::test]
async fn a_direct_conversation_has_two_members_for_good() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let id = alice.conversation("direct", &[&bob]).await;
        let mut door = alice.by(way).await;
        for members in [json!([]), json!(["bob", "carol"]), json!(["alice"])] {
            door.refused("conversation.create", json!({ "kind": "direct", "members": members }))
                .await
                .is("bad_field")
                .blames("members");
        }
        for (command, data) in [
            ("member.add", json!({ "conversation": id, "users": ["carol"] })),
            ("member.remove", json!({ "conversation": id, "users": ["bob"] })),
            ("member.leave", json!({ "conversation": id })),
            (
                "member.role",
                json!({ "conversation": id, "user": "bob", "role": "admin" }),
            ),
            ("member.mute", json!({ "conversation": id, "user": "bob", "until": 0 })),
            ("conversation.update", json!({ "conversation": id, "name": "us" })),
            ("conversation.dissolve", json!({ "conversation": id })),
        ] {
            door.refused(command, data).await.is("not_permitted");
        }
        // A stranger is not told that it exists.
        let carol = app.user("carol").await;
        carol
            .by(way)
            .await
            .refused("member.join", json!({ "conversation": id }))
            .await
            .is("not_found");
    }
}

#[tokio::test]
async fn a_conversation_is_made_changed_and_ended() {
    for way in Way::BOTH {
        for kind in ["group", "temporary", "chatroom"] {
            let app = App::new().await;
            let [alice, bob] = app.users(["alice", "bob"]).await;
            let mut hears = bob.connect().await;
            let mut owner = alice.by(way).await;
            let data =
                json!({ "kind": kind, "members": ["bob"], "name": "tea", "cover": "/c.png", "ext": { "a": [1] } });
            let made = owner.call("conversation.create", data).await;
            let id = made["id"].as_u64().unwrap();
            assert_eq!(
                (&made["created"], &made["owner"], &made["role"]),
                (&json!(true), &json!("alice"), &json!("owner"))
            );
            assert_eq!(
                (&made["name"], &made["cover"], &made["ext"]),
                (&json!("tea"), &json!("/c.png"), &json!({ "a": [1] }))
            );
            assert_eq!((&made["muted"], &made["member_count"]), (&json!(false), &json!(2)));
            let event = hears.event("conversation.created").await;
            assert_eq!(event["data"]["id"], id, "{event}");
            assert!(event["cursor"].is_u64(), "{event}");

            let mut member = bob.by(way).await;
            let seen = member.call("conversation.get", json!({ "conversation": id })).await;
            assert_eq!((&seen["role"], &seen["name"]), (&json!("member"), &json!("tea")));
            let rename = json!({ "conversation": id, "name": "coffee", "ext": { "b": 2 } });
            member
                .refused("conversation.update", rename.clone())
                .await
                .is("not_permitted");
            let changed = owner.call("conversation.update", rename).await;
            assert_eq!(
                (&changed["name"], &changed["cover"]),
                (&json!("coffee"), &json!("/c.png"))
            );
            assert_eq!(hears.event("conversation.updated").await["data"]["name"], "coffee");

            member
                .refused("conversation.dissolve", json!({ "conversation": id }))
                .await
                .is("not_permitted");
            owner.call("conversation.dissolve", json!({ "conversation": id })).await;
            hears.event("conversation.dissolved").await;
            for who in [&mut owner, &mut member] {
                let failure = who.attempt("message.send", text(id)).await.unwrap_err();
                failure.is("not_found");
                let page = who.call("conversation.list", json!({})).await;
                assert_eq!(ids(&page), [0; 0], "what is over is gone from lists");
            }
        }
    }
}

fn text(conversation: u64) -> Value {
    json!({ "conversation": conversation, "kind": "text", "body": { "text": "still here?" } })
}

#[tokio::test]
async fn lists_begin_with_the_newest_activity_and_page() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let mut made = Vec::new();
        for _ in 0..7 {
            made.push(alice.conversation("group", &[&bob]).await);
        }
        for id in [made[2], made[5], made[0]] {
            bob.say(id, "news").await;
        }
        let mut door = alice.by(way).await;
        let all = door.call("conversation.list", json!({})).await;
        assert_eq!(ids(&all)[..3], [made[0], made[5], made[2]], "{all}");
        let first = &all["conversations"][0];
        assert_eq!((&first["unread"], &first["last_seq"]), (&json!(1), &json!(1)));
        assert_eq!(first["last_message"]["body"]["text"], "news");

        let (mut paged, mut before) = (Vec::new(), Value::Null);
        loop {
            let mut ask = json!({ "limit": 3 });
            if !before.is_null() {
                ask["before"] = before;
            }
            let page = door.call("conversation.list", ask).await;
            paged.extend(ids(&page));
            before = page["next"].clone();
            if before.is_null() {
                break;
            }
        }
        assert_eq!(paged, ids(&all));
        assert_eq!(paged.len(), 7);
        door.refused("conversation.list", json!({ "limit": 101 }))
            .await
            .is("bad_field")
            .blames("limit");
        door.refused("conversation.list", json!({ "before": "nonsense" }))
            .await
            .is("bad_field")
            .blames("before");
    }
}

#[tokio::test]
async fn opening_answers_the_conversation() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let id = alice.conversation("direct", &[&bob]).await;
        let opened = alice
            .by(way)
            .await
            .call("conversation.open", json!({ "conversation": id }))
            .await;
        assert_eq!((&opened["id"], &opened["peer"]), (&json!(id), &json!("bob")));
    }
}
