//! What ends a call, by hook: the call ends by its bound, the caller is answered as the hook's contract says, the failure
//! is counted and in the plugin's log, and after some of them the hook is left alone.

use std::sync::{Arc, LazyLock};

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::{SETTINGS, SUSPENDED_AFTER, Scene};
use crate::harness::{Guest, Server, eventually, guest, request, text_to};

/// A misdeed, what it is counted as, and the words in the log that say why.
struct Misdeed {
    mode: &'static str,
    reason: &'static str,
    says: &'static str,
}

const LOOP: Misdeed = misdeed("loop", "cpu", "it used up its CPU time (deadline_ms)");
const MEMORY: Misdeed = misdeed(
    "memory",
    "memory",
    "it wanted more memory than it may have (memory_bytes)",
);
const RECURSE: Misdeed = misdeed("recurse", "trap", "wasm trap: ");
const TRAP: Misdeed = misdeed("trap", "trap", "hostile on purpose");
const FLOOD: Misdeed = misdeed("flood", "host_calls", "it called the host too often (host_calls)");
const HUGE: Misdeed = misdeed("huge", "output", "it handed over too much at once (output_bytes)");
const NAP: Misdeed = misdeed("nap", "wall", "it took too long (wall_ms, http_wait_ms)");

const fn misdeed(mode: &'static str, reason: &'static str, says: &'static str) -> Misdeed {
    Misdeed { mode, reason, says }
}

/// A hook, and what who waits for it is told when it fails and when it is suspended: nothing (it passes), or a status
/// over HTTP and a code.
struct Place {
    hook: &'static str,
    component: Guest,
    failed: Told,
    suspended: Told,
    /// What fails is done again by itself.
    retried: bool,
}

type Told = Option<(u16, &'static str)>;

const PASSES: Told = None;
const FAILED: Told = Some((503, "plugin_failed"));

const PLACES: [Place; 9] = [
    place("policy", PASSES, PASSES),
    closed("policy"),
    closed("message-type"),
    closed("message-action"),
    place("command", FAILED, FAILED),
    place("endpoint", Some((502, "plugin_failed")), FAILED),
    place("opened", PASSES, PASSES),
    retried("observer"),
    retried("timer"),
];

const fn place(hook: &'static str, failed: Told, suspended: Told) -> Place {
    Place {
        hook,
        component: Guest::Hostile,
        failed,
        suspended,
        retried: false,
    }
}

/// Nothing passes without it.
const fn closed(hook: &'static str) -> Place {
    Place {
        component: Guest::HostileClosed,
        ..place(hook, FAILED, FAILED)
    }
}

const fn retried(hook: &'static str) -> Place {
    Place {
        retried: true,
        ..place(hook, PASSES, PASSES)
    }
}

static SERVER: LazyLock<Arc<Server>> = LazyLock::new(|| Server::lasting(&SETTINGS));

/// Lets the hook be called once. Answers what whoever waits for it is told.
async fn provoke(scene: &Scene, hook: &str, message: &Value) -> Option<(u16, String)> {
    let Scene { app, ann, room } = scene;
    let room = *room;
    let kind = json!({ "conversation": room, "kind": "hostile", "body": {} });
    let (command, data) = match hook {
        "message-type" => ("message.send", kind),
        "message-action" => ("message.act", json!({ "message": message, "data": {} })),
        "command" => ("message.send", text_to(room, "/attack")),
        "opened" => ("conversation.open", json!({ "conversation": room })),
        "timer" => ("message.send", text_to(room, "arm")),
        "endpoint" => {
            let path = format!("/apps/{}/plugins/hostile/x", app.id);
            let answer = request(app.server.address, "GET", &path).send().await;
            let told: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let code = told["error"]["code"].as_str().map(str::to_owned);
            return code.map(|code| (answer.status, code));
        }
        _ => ("message.send", text_to(room, "hello")),
    };
    let refused = ann.attempt(command, data).await.err()?;
    Some((refused.status.unwrap_or_default(), refused.code))
}

/// One misdeed in one hook, from the first call to the one that is not made any more.
async fn committed(server: &Arc<Server>, misdeed: &Misdeed, place: &Place) {
    let Misdeed { mode, reason, says } = *misdeed;
    let hook = place.hook;
    let what = format!("{mode} in {hook} of {:?}", place.component);
    let scene = Scene::on(server).await;
    let message = if matches!(place.component, Guest::Hostile) {
        scene.install("hostile", json!({})).await;
        Value::Null
    } else {
        let upload = scene.app.upload("hostile", guest(place.component));
        upload.install().await;
        let kind = json!({ "conversation": scene.room, "kind": "hostile", "body": {} });
        scene.ann.call("message.send", kind).await["id"].clone()
    };
    let calls_before = calls(&scene, hook).await;
    let config = json!({ "mode": mode, "at": hook });
    scene.app.change_plugin("hostile", json!({ "config": config })).await;

    let times = if place.retried { 1 } else { SUSPENDED_AFTER };
    let told = |told: Told| told.map(|(status, code)| (status, code.to_owned()));
    for _ in 0..times {
        let seen = provoke(&scene, hook, &message).await;
        assert_eq!(seen, told(place.failed), "{what}: failed");
    }
    let plugin = eventually(&format!("{what} to be suspended"), async || {
        let plugin = scene.app.plugin("hostile").await;
        (plugin["state"] == "suspended").then_some(plugin)
    })
    .await;
    let why = plugin["reason"].as_str().unwrap();
    assert!(why.starts_with(hook) && why.contains(says), "{what}: {plugin}");
    let seen = provoke(&scene, hook, &message).await;
    assert_eq!(seen, told(place.suspended), "{what}: suspended");

    assert_eq!(
        calls(&scene, hook).await - calls_before,
        SUSPENDED_AFTER,
        "{what}: it is called no more"
    );
    let label = format!(",hook=\"{hook}\",reason=\"{reason}\"");
    let counted = scene.figure("switchboard_plugin_failures_total", &label).await;
    assert_eq!(counted, SUSPENDED_AFTER as f64, "{what}: counted");
    let lines = scene.app.plugin_lines("hostile").await;
    let begin = format!("{hook} failed: ");
    let told = lines
        .iter()
        .filter(|line| line.starts_with(&begin) && line.contains(says));
    assert_eq!(told.count() as u64, SUSPENDED_AFTER, "{what}: {lines:#?}");
    if hook == "command" {
        let texts = scene.ann.texts(scene.room).await;
        assert!(
            texts.iter().all(|text| text != "/attack"),
            "a command is not stored: {texts:?}"
        );
    }
}

/// How often the hook was called.
async fn calls(scene: &Scene, hook: &str) -> u64 {
    scene.app.counters("hostile", hook).await["calls"].as_u64().unwrap()
}

/// A misdeed in every hook.
async fn everywhere(server: &Arc<Server>, misdeed: Misdeed) {
    /// More at a time would only wait for each other.
    const AT_ONCE: usize = 3;
    let places = stream::iter(&PLACES).map(|place| committed(server, &misdeed, place));
    places.buffer_unordered(AT_ONCE).collect::<()>().await;
}

#[tokio::test]
async fn a_loop_ends_by_its_cpu_time() {
    everywhere(&SERVER, LOOP).await;
}

#[tokio::test]
async fn a_memory_bomb_ends_by_its_memory() {
    everywhere(&SERVER, MEMORY).await;
}

#[tokio::test]
async fn a_stack_overflow_is_a_trap() {
    everywhere(&SERVER, RECURSE).await;
}

#[tokio::test]
async fn a_trap_on_every_call_is_counted_on_every_call() {
    everywhere(&SERVER, TRAP).await;
}

#[tokio::test]
async fn a_flood_of_host_calls_ends_by_their_number() {
    everywhere(&SERVER, FLOOD).await;
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_taken() {
    everywhere(&SERVER, HUGE).await;
}

#[tokio::test]
async fn a_guest_that_sleeps_ends_by_the_clock_on_the_wall() {
    let settings = [&SETTINGS[..], &["plugins.wall_ms=1000"]].concat();
    everywhere(&Server::start(&settings), NAP).await;
}

#[test]
fn every_hook_that_a_guest_can_be_called_by_is_tried() {
    let tried: Vec<&str> = PLACES.iter().map(|place| place.hook).collect();
    let contract =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../plugin-sdk/wit/hooks.wit")).unwrap();
    let hooks = contract.lines().filter_map(|line| line.strip_prefix("world hook-"));
    for hook in hooks.filter_map(|rest| rest.split(' ').next()) {
        // What a plugin says about itself is asked once, at its admission; dialects have sockets of their own.
        assert!(tried.contains(&hook) || ["about", "dialect"].contains(&hook), "{hook}");
    }
}
