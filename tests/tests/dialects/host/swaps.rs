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
