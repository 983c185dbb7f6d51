use serde_json::json;

use crate::harness::{App, Way};

#[tokio::test]
async fn a_blocked_user_does_not_reach_who_has_blocked() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob, carol] = app.users(["alice", "bob", "carol"]).await;
        let direct = alice.conversation("direct", &[&bob]).await;
        let group = alice.conversation("group", &[&bob, &carol]).await;
        let (mut blocker, mut blocked) = (alice.by(way).await, bob.by(way).await);
        let say = |conversation: u64| json!({ "conversation": conversation, "kind": "text", "body": { "text": "hi" } });

        blocked.call("message.send", say(direct)).await;
        blocker.call("block.add", json!({ "user": "bob" })).await;
        blocker.call("block.add", json!({ "user": "bob" })).await;
        assert_eq!(blocker.call("block.list", json!({})).await["users"], json!(["bob"]));
        assert_eq!(
            blocked.call("block.list", json!({})).await["users"],
            json!([]),
            "it is nobody else's business"
        );
        blocked.refused("message.send", say(direct)).await.is("blocked");
        blocked.call("message.send", say(group)).await;
        blocker
            .refused("block.add", json!({ "user": "alice" }))
            .await
            .is("bad_field")
            .blames("user");
        blocker.call("block.remove", json!({ "user": "bob" })).await;
        assert_eq!(blocker.call("block.list", json!({})).await["users"], json!([]));
        assert_eq!(blocked.call("message.send", say(direct)).await["seq"], 2);
    }
}
