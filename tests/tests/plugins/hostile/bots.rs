//! What would go on for ever: bots that answer each other, in every way there is, and a policy that sends while it judges.
//! The host counts how many plugin-made messages follow from one another, and at `max_depth` nobody hears any more.

use serde_json::{Value, json};

use super::{SETTINGS, Scene};
use crate::harness::{Server, eventually};
use crate::plugins::figures::figures;

/// One message of a human's leads to `max_depth` of each bot's chain, which begins with it, and no more.
const DEPTH: usize = 4;

/// Bots that answer in this way, and what was said after `hello`, when nothing is left to be done.
async fn talked(way: &str, bots: &[&str]) -> (Scene, Vec<String>) {
    let scene = Scene::on(&Server::start(&SETTINGS)).await;
    for bot in bots {
        scene.install(bot, json!({ "at": way })).await;
    }
    scene.ann.say(scene.room, "hello").await;
    let mut ended = 0;
    eventually("silence", async || {
        // A job is there from the moment its cause is until it is done: none at all means that nothing will follow.
        let timers = timers(&scene, bots).await;
        let waiting = figures(&scene.app.server).await["switchboard_jobs_waiting"];
        ended = if timers == 0 && waiting == 0.0 { ended + 1 } else { 0 };
        (ended == 2).then_some(())
    })
    .await;
    let said = scene.ann.texts(scene.room).await;
    (scene, said)
}

async fn timers(scene: &Scene, bots: &[&str]) -> usize {
    let mut sum = 0;
    for bot in bots {
        let path = format!("/plugins/{bot}/timers");
        let page = scene.app.admin("GET", &path, Value::Null).await.ok();
        sum += page["timers"].as_array().unwrap().len();
    }
    sum
}

#[tokio::test]
async fn two_bots_that_answer_each_other_come_to_an_end() {
    for way in ["observers", "timers"] {
        let (_scene, said) = talked(way, &["one", "two"]).await;
        assert_eq!(said.len(), 1 + 2 * DEPTH, "{way}: {said:?}");
    }
}

#[tokio::test]
async fn two_bots_that_edit_each_others_edits_come_to_an_end() {
    let (scene, said) = talked("edits", &["one", "two"]).await;
    let mut calls = 0;
    for bot in ["one", "two"] {
        calls += scene.app.counters(bot, "observer").await["calls"].as_u64().unwrap();
    }
    assert_eq!((said.len(), calls), (1, 2 * DEPTH as u64), "{said:?}");
}

#[tokio::test]
async fn two_policies_that_send_while_they_judge_come_to_an_end() {
    let (scene, said) = talked("policies", &["one", "two"]).await;
    assert_eq!(said.len(), 1 + 2 * DEPTH, "{said:?}");
    for bot in ["one", "two"] {
        let log = scene.app.plugin_log(bot).await;
        assert!(
            log.contains("write 0 of an accepted message was not done: too_deep"),
            "{bot}: {log}"
        );
    }
}

#[tokio::test]
async fn a_policy_is_not_asked_about_what_it_sends_itself() {
    let (scene, said) = talked("policies", &["hostile"]).await;
    assert_eq!(said, ["hello", "and another thing"]);
    assert_eq!(scene.app.counters("hostile", "policy").await["calls"], 1);
    assert_eq!(scene.outcome("sent while judging").await, "Sent::Queued");
}
