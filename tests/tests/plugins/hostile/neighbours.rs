//! What the other apps notice of an app that attacks: nothing that matters. How much later their messages come to the
//! percent is measured by the benchmark's scenario `hostile`; here it must not be worse by an order.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{SETTINGS, Scene};
use crate::harness::{App, Guest, Server, Socket, craft, eventually, guest, request, text_to};

/// A hostile app is never left alone here: each of its calls does its worst.
const UNTIRING: [&str; 3] = [
    "plugins.breaker_failures=1000000",
    "plugins.deadline_ms=50",
    "plugins.host_calls=200",
];

/// How long each of some messages takes, the longest last.
async fn latencies(socket: &mut Socket, room: u64, count: usize) -> Vec<Duration> {
    let mut took = Vec::new();
    for _ in 0..count {
        let begun = Instant::now();
        socket.say(room, "on time").await;
        took.push(begun.elapsed());
    }
    took.sort();
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_apps_messages_go_on_while_every_misdeed_is_done_at_once() {
    let server = Server::start(&UNTIRING);
    let other = Scene::on(&server).await;
    let mut socket = other.ann.connect().await;
    latencies(&mut socket, other.room, 20).await;
    let quiet = latencies(&mut socket, other.room, 200).await;

    let (ended, watch) = tokio::sync::watch::channel(false);
    let mut attacks = Vec::new();
    for mode in ["loop", "memory", "recurse", "trap", "flood", "huge", "log", "drip"] {
        let scene = Scene::on(&server).await;
        let config = json!({ "mode": mode, "at": "policy", "millis": 40 });
        scene.install("hostile", config).await;
        for _ in 0..2 {
            let (ann, room, watch) = (scene.ann.clone(), scene.room, watch.clone());
            attacks.push(tokio::spawn(async move {
                while !*watch.borrow() {
                    ann.say(room, "attack").await;
                }
            }));
        }
    }
    let loud = latencies(&mut socket, other.room, 200).await;
    ended.send(true).unwrap();
    for attack in attacks {
        attack.await.unwrap();
    }
    let of = |took: &[Duration], percent: usize| took[took.len() * percent / 100];
    for (percent, at_least) in [(50, Duration::from_millis(100)), (99, Duration::from_secs(3))] {
        let (alone, beside) = (of(&quiet, percent), of(&loud, percent));
        let bound = at_least + alone * 5;
        assert!(beside < bound, "{percent} %: {alone:?} alone, {beside:?} beside them");
    }
}

/// An app in which a policy that fails closed has to answer for every message.
async fn judged(server: &Arc<Server>) -> (App, crate::harness::User, u64) {
    let app = App::on(server, json!({})).await;
    app.upload("hostile", guest(Guest::HostileClosed)).install().await;
    let ann = app.user("ann").await;
    let room = ann.conversation("group", &[]).await;
    (app, ann, room)
}

#[tokio::test]
async fn many_installs_of_one_app_leave_instances_for_the_others() {
    let settings = [
        "plugins.instances=20",
        "plugins.instances_per_app=12",
        "plugins.instances_per_install=8",
        "plugins.wall_ms=3000",
    ];
    let server = Server::start(&settings);
    let (other, bob, theirs) = judged(&server).await;
    let scene = Scene::on(&server).await;
    let mut visits = Vec::new();
    for number in 0..4 {
        let name = format!("nap-{number}");
        scene.install(&name, json!({ "mode": "nap", "at": "endpoint" })).await;
        let path = format!("/apps/{}/plugins/{name}/x", scene.app.id);
        for _ in 0..8 {
            let (address, path) = (server.address, path.clone());
            visits.push(tokio::spawn(async move {
                request(address, "GET", &path).send().await.status
            }));
        }
    }
    // As long as they sleep, and a while after the last of them has fallen asleep.
    let begun = Instant::now();
    let mut said = 0;
    while begun.elapsed() < Duration::from_secs(2) {
        bob.say(theirs, "awake").await;
        said += 1;
    }
    let answers: Vec<u16> = join_all(visits).await.into_iter().map(Result::unwrap).collect();
    assert!(answers.iter().all(|status| [502, 503].contains(status)), "{answers:?}");
    let counters = other.counters("hostile", "policy").await;
    assert_eq!((&counters["failures"], &counters["calls"]), (&json!({}), &json!(said)));
}

#[tokio::test]
async fn components_of_many_parts_leave_parts_for_the_others() {
    let server = Server::start(&[&UNTIRING[..], &["plugins.instances=16"]].concat());
    let (other, bob, theirs) = judged(&server).await;
    let app = App::on(&server, json!({})).await;
    let many = craft::with_parts(craft::closed("", "(loop (br 0)) unreachable"), "(module)", 63);
    app.upload("parts", many).install().await;
    let ann = app.user("ann").await;
    let room = ann.conversation("group", &[]).await;
    let attack = join_all((0..12).map(|_| ann.attempt("message.send", text_to(room, "attack"))));
    let traffic = async {
        for _ in 0..50 {
            bob.say(theirs, "hello").await;
        }
    };
    let (attacks, ()) = tokio::join!(attack, traffic);
    assert!(attacks.iter().all(Result::is_err));
    let counters = other.counters("hostile", "policy").await;
    assert_eq!(counters["failures"], json!({}), "{counters}");
    let counters = app.counters("parts", "policy").await;
    assert_eq!(counters["failures"]["pool_full"], Value::Null, "{counters}");
}

#[tokio::test]
async fn memory_comes_back() {
    /// What bombs that go off at the same time may take, and what may stay of it.
    const BOMB_KIB: u64 = 64 << 10;
    const AT_ONCE: usize = 8;
    const STAYS_KIB: u64 = BOMB_KIB;
    let server = Server::start(&[&SETTINGS[..], &UNTIRING, &["plugins.deadline_ms=2000"]].concat());
    let scene = Scene::on(&server).await;
    scene
        .install("hostile", json!({ "mode": "memory", "at": "policy" }))
        .await;
    let round = || join_all((0..AT_ONCE).map(|_| scene.ann.say(scene.room, "boom")));
    // What is set up once is not what the bombs take.
    round().await;
    let before = eventually("the memory of the first round to be given back", async || {
        let now = server.memory_kib();
        (now < BOMB_KIB * 4).then_some(now)
    })
    .await;
    for _ in 0..4 {
        round().await;
    }
    let counters = scene.app.counters("hostile", "policy").await;
    assert_eq!(counters["failures"], json!({ "memory": AT_ONCE * 5 }), "{counters}");
    let peak = server.peak_memory_kib();
    assert!(
        peak > before + BOMB_KIB / 2,
        "bombs went off: {before} KiB, {peak} at most"
    );
    eventually("the memory to be given back", async || {
        (server.memory_kib() < before + STAYS_KIB).then_some(())
    })
    .await;
}
