use serde_json::{Value, json};

use crate::harness::{App, Door, Way};

async fn friends(door: &mut Door, page: Value) -> (Vec<(String, String)>, u64) {
    let list = door.call("friend.list", page).await;
    let friends = list["friends"]
        .as_array()
        .unwrap_or_else(|| panic!("no friends: {list}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let friend = |friend: &Value| {
        assert!(friend["since"].as_u64() > Some(1_600_000_000_000), "{friend}");
        (text(&friend["user"]), text(&friend["remark"]))
    };
    (friends.iter().map(friend).collect(), list["total"].as_u64().unwrap())
}

fn pair(user: &str, remark: &str) -> (String, String) {
    (user.to_owned(), remark.to_owned())
}

#[tokio::test]
async fn friendship_has_two_sides_and_each_its_own_remark() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob, carol] = app.users(["alice", "bob", "carol"]).await;
        let (mut alice, mut bob, mut carol) = (alice.by(way).await, bob.by(way).await, carol.by(way).await);
        let user = |user: &str| json!({ "user": user });
        assert_eq!(alice.call("friend.add", user("bob")).await["changed"], true);
        assert_eq!(bob.call("friend.add", user("alice")).await["changed"], false);
        assert_eq!(carol.call("friend.add", user("alice")).await["changed"], true);
        alice
            .call("friend.remark", json!({ "user": "bob", "remark": "小鲍 \"B\"" }))
            .await;
        let all = vec![pair("bob", "小鲍 \"B\""), pair("carol", "")];
        assert_eq!(friends(&mut alice, json!({})).await, (all, 2));
        assert_eq!(friends(&mut bob, json!({})).await, (vec![pair("alice", "")], 1));
        let second = friends(&mut alice, json!({ "skip": 1, "limit": 1 })).await;
        assert_eq!(second, (vec![pair("carol", "")], 2));
        assert_eq!(friends(&mut alice, json!({ "skip": 2 })).await, (vec![], 2));

        assert_eq!(bob.call("friend.remove", user("alice")).await["changed"], true);
        assert_eq!(alice.call("friend.remove", user("bob")).await["changed"], false);
        assert_eq!(friends(&mut alice, json!({})).await, (vec![pair("carol", "")], 1));
        assert_eq!(friends(&mut bob, json!({})).await, (vec![], 0));
    }
}

#[tokio::test]
async fn nobody_befriends_oneself_a_stranger_or_who_wants_no_word() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let (mut alice, mut bob) = (alice.by(way).await, bob.by(way).await);
        alice
            .refused("friend.add", json!({ "user": "alice" }))
            .await
            .is("bad_field")
            .blames("user");
        alice
            .refused("friend.add", json!({ "user": "nobody" }))
            .await
            .is("not_found");
        let remark = |text: &str| json!({ "user": "bob", "remark": text });
        alice.refused("friend.remark", remark("B")).await.is("not_found");
        bob.call("block.add", json!({ "user": "alice" })).await;
        alice
            .refused("friend.add", json!({ "user": "bob" }))
            .await
            .is("blocked");
        bob.call("block.remove", json!({ "user": "alice" })).await;
        alice.call("friend.add", json!({ "user": "bob" })).await;
        alice.call("friend.remark", remark(&"你".repeat(100))).await;
        alice
            .refused("friend.remark", remark(&"你".repeat(101)))
            .await
            .is("bad_field")
            .blames("remark");
        alice
            .refused("friend.list", json!({ "limit": 1001 }))
            .await
            .is("bad_field")
            .blames("limit");
    }
}

#[tokio::test]
async fn a_phone_belongs_to_one_user_of_an_app() {
    for way in Way::BOTH {
        let (app, other) = (App::new().await, App::new().await);
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let (mut alice, mut bob) = (alice.by(way).await, bob.by(way).await);
        let phone = |phone: &str| json!({ "attributes": { "phone": phone } });
        alice.call("user.update", phone("123")).await;
        alice.call("user.update", phone("123")).await;
        bob.refused("user.update", phone("123"))
            .await
            .is("conflict")
            .blames("phone");
        other.user("bob").await.call("user.update", phone("123")).await;
        alice.call("user.update", phone("124")).await;
        bob.call("user.update", phone("123")).await;
        app.admin("PUT", "/users/carol", phone("124"))
            .await
            .refused()
            .is("conflict")
            .blames("phone");
        app.admin("GET", "/users/carol", Value::Null)
            .await
            .refused()
            .is("not_found");
    }
}
