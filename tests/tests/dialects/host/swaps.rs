use serde_json::json;

use super::parrot::{Cage, GRANTS};
use crate::harness::{Guest, guest, variant};

const SWAPS: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn swapping_under_load_drops_no_connection_and_no_frame() {
    let cage = Cage::new().await;
    let [ann, bob] = cage.app.users(["ann", "bob"]).await;
    let id = ann.conversation("direct", &[&bob]).await;
    let mut witness = cage.bound("bob").await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut talkers = Vec::new();
    for n in 0..3 {
        let (mut talk, stopped) = (cage.bound(&format!("user{n}")).await, stopped.clone());
        talkers.push(tokio::spawn(async move {
            let mut said = 0;
            while !*stopped.borrow() {
                assert_eq!(talk.ask(&format!("{n}:{said}")).await, format!("echo {n}:{said}"));
                said += 1;
            }
            assert_eq!(talk.ask("keep me").await, "kept");
            said
        }));
    }
    for swap in 0..SWAPS {
        if swap % 2 == 0 {
            let next = variant(guest(Guest::Parrot), &format!("v{swap}"));
            cage.app.upload("parrot", next).grants(GRANTS).install().await;
        } else {
            let reuse = json!({ "reuse": 1 + swap * 10 });
            cage.app.change_plugin("parrot", reuse).await;
        }
        ann.say(id, &format!("text {swap}")).await;
        assert_eq!(
            witness.next().await,
            format!("message {id} {} ann+bob text {swap}", swap + 1)
        );
    }
    stop.send(true).unwrap();
    for talker in talkers {
        assert!(talker.await.unwrap() > 0);
    }
    witness.is_quiet().await;
}

/// Calls of the dialect's hook so far: in the version that runs, and in its canary.
async fn calls(cage: &Cage) -> [u64; 2] {
    let plugin = cage.app.plugin("parrot").await;
    [&plugin["counters"], &plugin["canary"]["counters"]].map(|counters| {
        let hooks = counters.as_array().unwrap().iter();
        let dialect = hooks.filter(|hook| hook["hook"] == "dialect");
        dialect.map(|hook| hook["calls"].as_u64().unwrap()).sum()
    })
}

#[tokio::test]
async fn a_canary_has_its_share_of_the_connections_and_of_the_requests() {
    let cage = Cage::new().await;
    let canary = variant(guest(Guest::Parrot), "canary");
    cage.app
        .upload("parrot", canary)
        .grants(GRANTS)
        .canary(50)
        .install()
        .await;
    // Kept, so that no call is that of an end.
    let (mut met, mut talks) = ([0, 0], Vec::new());
    for _ in 0..24 {
        let mut talk = cage.talk().await;
        let before = calls(&cage).await;
        for number in 0..5 {
            assert_eq!(talk.ask(&format!("{number}")).await, format!("echo {number}"));
        }
        let after = calls(&cage).await;
        match [after[0] - before[0], after[1] - before[1]] {
            [5, 0] => met[0] += 1,
            [0, 5] => met[1] += 1,
            other => panic!("a connection met both versions: {other:?}"),
        }
        talks.push(talk);
    }
    assert!(met[0] > 0 && met[1] > 0, "{met:?}");
    // A request belongs to an address where no connection is, and all of these come from one.
    let before = calls(&cage).await;
    for _ in 0..5 {
        assert_eq!(cage.get("/echo").await.0, 200);
    }
    let after = calls(&cage).await;
    let met = [after[0] - before[0], after[1] - before[1]];
    assert!([[5, 0], [0, 5]].contains(&met), "{met:?}");
}
