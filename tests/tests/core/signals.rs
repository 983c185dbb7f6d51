use serde_json::{Value, json};

use crate::harness::{App, Way};

#[tokio::test]
async fn typing_is_told_to_the_others() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob, eve] = app.users(["alice", "bob", "eve"]).await;
        let id = alice.conversation("direct", &[&bob]).await;
        let mut hears = bob.connect().await;
        let mut door = alice.by(way).await;
        door.call("typing", json!({ "conversation": id })).await;
        let event = hears.event("typing").await;
        assert_eq!(
            event["data"],
            json!({ "conversation": id, "user": "alice", "typing": true })
        );
        assert!(event.get("cursor").is_none(), "{event}");
        door.call("typing", json!({ "conversation": id, "typing": false }))
            .await;
        assert_eq!(hears.event("typing").await["data"]["typing"], false);
        eve.by(way)
            .await
            .refused("typing", json!({ "conversation": id }))
            .await
            .is("not_found");
    }
}

#[tokio::test]
async fn presence_is_asked_for() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let mut door = alice.by(way).await;
        let ask = json!({ "users": ["bob", "nobody"] });
        let away = |user: &str| json!({ "user": user, "online": false, "devices": [] });
        assert_eq!(
            door.call("presence.get", ask.clone()).await["presence"],
            json!([away("bob"), away("nobody")])
        );
        let (phone, _tablet) = (bob.on("phone").open().await, bob.on("tablet").open().await);
        let both = door.call("presence.get", ask.clone()).await["presence"][0].clone();
        let mut devices: Vec<&str> = both["devices"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        devices.sort_unstable();
        assert_eq!((&both["online"], devices), (&json!(true), vec!["phone", "tablet"]));
        phone.close().await;
        let left = crate::harness::eventually("one device to be gone", async || {
            let presence = door.call("presence.get", ask.clone()).await["presence"][0].clone();
            (presence["devices"].as_array().unwrap().len() == 1).then_some(presence)
        })
        .await;
        assert_eq!(left["devices"], json!(["tablet"]));
        let many: Vec<String> = (0..101).map(|n| format!("u{n}")).collect();
        door.refused("presence.get", json!({ "users": many }))
            .await
            .is("bad_field")
            .blames("users");
    }
}

#[tokio::test]
async fn presence_is_watched_until_something_else_is() {
    let app = App::new().await;
    let [alice, bob, carol] = app.users(["alice", "bob", "carol"]).await;
    let mut watcher = alice.connect().await;
    let now = watcher.call("presence.watch", json!({ "users": ["bob"] })).await;
    assert_eq!(
        now["presence"],
        json!([{ "user": "bob", "online": false, "devices": [] }])
    );
    let first = bob.on("phone").open().await;
    assert_eq!(
        watcher.event("presence.changed").await["data"],
        json!({ "user": "bob", "online": true })
    );
    // A second device changes nothing: bob is there as long as one of them is.
    let second = bob.on("tablet").open().await;
    second.close().await;
    first.close().await;
    assert_eq!(
        watcher.event("presence.changed").await["data"],
        json!({ "user": "bob", "online": false })
    );

    watcher.call("presence.watch", json!({ "users": ["carol"] })).await;
    let _bob = bob.connect().await;
    let _carol = carol.connect().await;
    assert_eq!(
        watcher.event("presence.changed").await["data"],
        json!({ "user": "carol", "online": true })
    );
    assert_eq!(watcher.events_so_far("presence.changed").await, [Value::Null; 0]);
}
