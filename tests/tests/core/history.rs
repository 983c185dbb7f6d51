use serde_json::{Value, json};

use crate::harness::{App, Door, Way};

async fn page(door: &mut Door, conversation: u64, from: &[(&str, u64)]) -> (Vec<u64>, bool) {
    let mut ask = json!({ "conversation": conversation });
    for (name, value) in from {
        ask[*name] = json!(value);
    }
    let page = door.call("message.history", ask).await;
    let seqs = |message: &Value| message["seq"].as_u64().unwrap();
    (
        page["messages"].as_array().unwrap().iter().map(seqs).collect(),
        page["has_more"].as_bool().unwrap(),
    )
}

#[tokio::test]
async fn history_is_read_both_ways_by_id_and_by_seq() {
    for way in Way::BOTH {
        let app = App::new().await;
        let [alice, bob] = app.users(["alice", "bob"]).await;
        let id = alice.conversation("group", &[&bob]).await;
        let mut ids = vec![0];
        for n in 1..=7 {
            ids.push(alice.say(id, &n.to_string()).await["id"].as_u64().unwrap());
        }
        let door = &mut bob.by(way).await;
        assert_eq!(page(door, id, &[]).await, (vec![7, 6, 5, 4, 3, 2, 1], false));
        assert_eq!(page(door, id, &[("limit", 3)]).await, (vec![7, 6, 5], true));
        assert_eq!(
            page(door, id, &[("before", ids[5]), ("limit", 2)]).await,
            (vec![4, 3], true)
        );
        assert_eq!(
            page(door, id, &[("before", ids[3]), ("limit", 2)]).await,
            (vec![2, 1], false)
        );
        assert_eq!(page(door, id, &[("before", ids[1])]).await, (vec![], false));
        assert_eq!(
            page(door, id, &[("before_seq", 5), ("limit", 2)]).await,
            (vec![4, 3], true)
        );
        assert_eq!(
            page(door, id, &[("after", ids[2]), ("limit", 3)]).await,
            (vec![3, 4, 5], true)
        );
        assert_eq!(page(door, id, &[("after", ids[4])]).await, (vec![5, 6, 7], false));
        assert_eq!(page(door, id, &[("after", ids[7])]).await, (vec![], false));
        assert_eq!(
            page(door, id, &[("after_seq", 0), ("limit", 2)]).await,
            (vec![1, 2], true)
        );
        assert_eq!(page(door, id, &[("after_seq", 5)]).await, (vec![6, 7], false));
        for limit in [0, 101] {
            let ask = json!({ "conversation": id, "limit": limit });
            door.refused("message.history", ask)
                .await
                .is("bad_field")
                .blames("limit");
        }
        let both = json!({ "conversation": id, "before": 5, "after": 2 });
        door.refused("message.history", both).await.is("bad_field");
    }
}

#[tokio::test]
async fn history_of_other_conversations_does_not_mix_in() {
    let app = App::new().await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let (one, two) = (
        alice.conversation("group", &[&bob]).await,
        alice.conversation("group", &[&bob]).await,
    );
    for n in 0..5 {
        alice.say(one, &format!("one {n}")).await;
        alice.say(two, &format!("two {n}")).await;
    }
    assert_eq!(bob.texts(one).await, ["one 0", "one 1", "one 2", "one 3", "one 4"]);
    assert_eq!(bob.texts(two).await, ["two 0", "two 1", "two 2", "two 3", "two 4"]);
}
