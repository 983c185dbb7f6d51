//! What is bounded by a quota: the guest is told so in words it can rely on, it is counted, no more than that is kept, and
//! the call goes on.

use std::sync::{Arc, LazyLock};

use serde_json::json;

use super::{SETTINGS, Scene};
use crate::harness::{Far, Server, eventually, request};

/// Small quotas.
static SERVER: LazyLock<Arc<Server>> = LazyLock::new(|| {
    let small = [
        "plugins.kv_quota_bytes=20000",
        "plugins.host_calls=5000",
        "quotas.messages_per_minute=5",
        "callbacks.private_networks=[\"127.0.0.1\"]",
    ];
    Server::lasting(&[&SETTINGS[..], &small].concat())
});

/// An install that does this in a hook, after one message.
async fn tried(hook: &str, mode: &str) -> Scene {
    let scene = Scene::on(&SERVER).await;
    let config = json!({ "mode": mode, "at": hook, "room": scene.room.to_string() });
    scene.install("hostile", config).await;
    scene.ann.say(scene.room, "go").await;
    scene
}

/// Nothing has failed, and the plugin goes on.
async fn unharmed(scene: &Scene, hook: &str) {
    let counters = scene.app.counters("hostile", hook).await;
    assert_eq!(counters["failures"], json!({}), "{counters}");
    assert_eq!(scene.app.plugin("hostile").await["state"], "active");
}

/// A mode, the hook it is tried in, what the guest is told, and the quota that is counted.
const EXCESSES: [(&str, &str, &str, Option<&str>); 4] = [
    (
        "kv",
        "observer",
        "19, then quota kv_quota_bytes",
        Some("kv_quota_bytes"),
    ),
    ("one-value", "observer", "invalid", None),
    (
        "messages",
        "observer",
        "5, then quota messages_per_minute",
        Some("messages_per_minute"),
    ),
    ("held", "policy", "17, then quota output_bytes", None),
];

#[tokio::test]
async fn what_is_too_much_is_refused_by_name_and_counted() {
    for (mode, hook, told, quota) in EXCESSES {
        let scene = tried(hook, mode).await;
        assert_eq!(scene.outcome(mode).await, told, "{mode}");
        unharmed(&scene, hook).await;
        if let Some(quota) = quota {
            let label = format!(",quota=\"{quota}\"");
            let hits = scene.figure("switchboard_plugin_quota_hits_total", &label).await;
            assert_eq!(hits, 1.0, "{mode}");
        }
    }
}

#[tokio::test]
async fn no_more_than_the_quota_is_kept() {
    let scene = tried("observer", "messages").await;
    scene.outcome("messages").await;
    assert_eq!(scene.ann.texts(scene.room).await, ["go", "0", "1", "2", "3", "4"]);
    // What a policy holds is done after the verdict, each write within its own quota.
    let scene = tried("policy", "held").await;
    eventually("the writes to be tried", async || {
        let lines = scene.app.plugin_lines("hostile").await;
        lines
            .iter()
            .any(|line| line.contains("write 16 of an accepted message was not done: kv_quota_bytes"))
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn floods_of_words_are_cut_and_counted() {
    for mode in ["print", "log"] {
        let scene = tried("observer", mode).await;
        let dropped = eventually("the flood", async || {
            let dropped = scene.figure("switchboard_plugin_log_dropped_bytes_total", "").await;
            (dropped > 900_000.0).then_some(dropped)
        })
        .await;
        assert!(dropped < 1_010_000.0, "{mode}: {dropped} bytes were dropped of 1 MB");
        let lines = scene.app.plugin_lines("hostile").await;
        let kept: usize = lines.iter().map(String::len).sum();
        assert!(kept <= 64 << 10, "{mode}: {kept} bytes of one call are kept");
        assert!(lines.len() <= 1_000, "{mode}: {} lines", lines.len());
        unharmed(&scene, "observer").await;
    }
}

#[tokio::test]
async fn what_a_guest_holds_of_the_host_is_bounded() {
    let scene = tried("endpoint", "proofs").await;
    let path = format!("/apps/{}/plugins/hostile/x", scene.app.id);
    let answer = request(scene.app.server.address, "GET", &path).send().await;
    assert_eq!(answer.status, 502, "{}", answer.text());
    let failed = eventually("it to be stopped", async || {
        let lines = scene.app.plugin_lines("hostile").await;
        lines.into_iter().find(|line| line.starts_with("endpoint failed"))
    })
    .await;
    assert!(failed.contains("resource"), "{failed}");
}

#[tokio::test]
async fn a_slow_drip_just_under_the_deadline_passes() {
    let scene = Scene::on(&SERVER).await;
    let config = json!({ "mode": "drip", "at": "policy", "millis": 100 });
    scene.install("hostile", config).await;
    for number in 0..6 {
        scene.ann.say(scene.room, &number.to_string()).await;
    }
    assert_eq!(scene.ann.texts(scene.room).await.len(), 6);
    unharmed(&scene, "policy").await;
    let counters = scene.app.counters("hostile", "policy").await;
    assert_eq!(counters["calls"], 6);
    assert!(counters["total_us"].as_u64() >= Some(600_000), "{counters}");
}

#[tokio::test]
async fn forbidden_hosts_private_addresses_and_redirections_to_them_are_not_asked() {
    let (far, other) = (Far::new().await, Far::new().await);
    let neighbour = far.at("127.0.0.2", "/ok");
    let metadata = "http://169.254.169.254/latest/".to_owned();
    for (url, told, outcome, asked) in [
        (far.url("/ok"), "200", "answered", 1),
        (other.url("/ok"), "refused http_forbidden", "forbidden", 0),
        (metadata, "refused http_forbidden", "forbidden", 0),
        (neighbour.clone(), "refused http_private", "private", 0),
        (
            far.url(&format!("/to?{neighbour}")),
            "refused http_private",
            "private",
            1,
        ),
        (
            far.url(&format!("/to?{}", other.url("/ok"))),
            "refused http_forbidden",
            "forbidden",
            1,
        ),
    ] {
        let before = far.asked();
        let scene = Scene::on(&SERVER).await;
        let config = json!({ "mode": "fetch", "at": "observer", "url": url });
        scene.install("hostile", config).await;
        let hosts = json!({ "http_hosts": [far.address.to_string(), "127.0.0.2"] });
        scene.app.change_plugin("hostile", hosts).await;
        scene.ann.say(scene.room, "go").await;
        assert_eq!(scene.outcome("fetch").await, told, "{url}");
        let label = format!(",outcome=\"{outcome}\"");
        let counted = scene.figure("switchboard_plugin_http_requests_total", &label).await;
        assert_eq!(counted, 1.0, "{url}: {outcome}");
        assert_eq!((far.asked() - before, other.asked()), (asked, 0), "{url}");
        unharmed(&scene, "observer").await;
    }
}
