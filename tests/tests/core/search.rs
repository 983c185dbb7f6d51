use serde_json::{Value, json};

use crate::harness::{App, Door, Way};

async fn texts(door: &mut Door, query: Value) -> Vec<String> {
    let found = door.call("search", query).await;
    let messages = found["messages"]
        .as_array()
        .unwrap_or_else(|| panic!("no messages: {found}"));
    messages
        .iter()
        .map(|message| message["body"]["text"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn messages_are_found_by_words() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob, carol] = app.users(["alice", "bob", "carol"]).await;
        let (group, pair) = (
            alice.conversation("group", &[&bob]).await,
            alice.conversation("direct", &[&carol]).await,
        );
        bob.say(group, "See you at 上海虹桥火车站").await;
        carol.say(pair, "上海 tomorrow").await;
        let mut door = alice.by(way).await;
        assert_eq!(
            texts(&mut door, json!({ "q": "上海" })).await,
            ["上海 tomorrow", "See you at 上海虹桥火车站"]
        );
        assert_eq!(texts(&mut door, json!({ "q": "tomo" })).await, ["上海 tomorrow"]);
        let within = json!({ "q": "海", "conversation": group });
        assert_eq!(texts(&mut door, within).await, ["See you at 上海虹桥火车站"], "{way:?}");
        assert_eq!(
            texts(&mut door, json!({ "q": "虹", "in": "messages", "limit": 1 }))
                .await
                .len(),
            1
        );
        let mut other = bob.by(way).await;
        assert_eq!(texts(&mut other, json!({ "q": "上海" })).await.len(), 1);
        for (query, field) in [
            (json!({ "q": " " }), "q"),
            (json!({ "q": "x".repeat(101) }), "q"),
            (json!({ "q": "x", "in": "files" }), "in"),
            (
                json!({ "q": "x", "in": "users", "conversation": group }),
                "conversation",
            ),
            (json!({ "q": "x", "limit": 101 }), "limit"),
        ] {
            door.refused("search", query).await.is("bad_field").blames(field);
        }
    }
}

#[tokio::test]
async fn users_friends_and_conversations_are_found_by_name() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob, carol] = app.users(["alice", "bob", "carol"]).await;
        for (user, nickname) in [(&bob, "李小明"), (&carol, "张小明")] {
            user.call("user.update", json!({ "nickname": nickname })).await;
        }
        let mut door = alice.by(way).await;
        door.call("friend.add", json!({ "user": "carol" })).await;
        let uids = |found: &Value| -> Vec<String> {
            let users = found["users"].as_array().unwrap();
            users
                .iter()
                .map(|user| user["user"].as_str().unwrap().to_owned())
                .collect()
        };
        let mut all = uids(&door.call("search", json!({ "q": "小明", "in": "users" })).await);
        all.sort();
        assert_eq!(all, ["bob", "carol"]);
        let friends = door.call("search", json!({ "q": "小明", "in": "friends" })).await;
        assert_eq!(uids(&friends), ["carol"]);
        let pair = alice.conversation("direct", &[&bob]).await;
        let made = door
            .call("conversation.create", json!({ "kind": "group", "name": "周末爬山" }))
            .await;
        for (words, id) in [("末爬", &made["id"]), ("李小", &json!(pair))] {
            let found = door.call("search", json!({ "q": words, "in": "conversations" })).await;
            let list = found["conversations"].as_array().unwrap();
            assert_eq!((list.len(), &list[0]["id"]), (1, id), "{words}");
        }
    }
}
