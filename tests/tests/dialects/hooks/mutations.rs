//! Valid requests and frames, broken at random: each is answered in the protocol's words, and nobody is thrown out.

use serde_json::{Value, json};

use super::scene::{Scene, URL};
use crate::harness::{Chance, request};

/// Requests and frames.
const REQUESTS: usize = 4_000;
const FRAMES: usize = 6_000;
/// Frames between two looks at the answers.
const BATCH: usize = 20;

#[tokio::test]
async fn broken_requests_hurt_nobody() {
    let scene = Scene::new().await;
    let ticket = &scene.ticket;
    let requests = [
        ("/ticket", scene.signed("x")),
        (
            "/register",
            json!({ "ticket": ticket, "modeType": "add", "attach": { "a": 1 }, "eventName": "T-1", "token": "t", "notifyUrl": URL }),
        ),
        (
            "/register",
            json!({ "ticket": ticket, "uid": "1", "gids": ["A", "B"], "token": "u", "notifyUrl": URL }),
        ),
        (
            "/send",
            json!({ "ticket": ticket, "serviceType": "event", "eventName": "T-1", "toUser": ["t"], "data": { "a": [1] }, "notifyUrl": URL }),
        ),
        (
            "/cron",
            json!({ "ticket": ticket, "cronType": 2, "cronName": "x", "cronTime": 9_999, "runNum": 2, "start_time": 9_999_999_999_u64, "notifyUrl": URL }),
        ),
    ];
    let mut chance = Chance::new(30_001);
    for _ in 0..REQUESTS {
        let (path, body) = chance.pick(&requests);
        let body = chance.broken(&body.to_string());
        let path = format!("/t{}/hook{path}", scene.app.id);
        let asked = request(scene.app.server.address, "POST", &path);
        let answer = asked.bytes(body.clone()).send().await;
        let envelope: Value = serde_json::from_str(&answer.text())
            .unwrap_or_else(|error| panic!("{error}: {path} {body}: {}", answer.text()));
        assert!(
            answer.status == 200 && envelope["code"].is_u64() && envelope["code"] != 503,
            "{path} {body}: {envelope}"
        );
    }
    scene.app.server.complain();
}

#[tokio::test]
async fn broken_frames_hurt_nobody() {
    let scene = Scene::new().await;
    scene.chatter("u1", json!(["A"]), "token-1", URL).await;
    scene.chatter("u2", json!(["A"]), "token-2", URL).await;
    let frames = [
        json!({ "serviceType": "chat", "uid": "u2", "type": "image", "data": { "url": "/a.png" }, "nonce": "n", "mentions": ["u2"] }),
        json!({ "serviceType": "chat", "gid": "A", "data": "x", "mentionAll": 1 }),
        json!({ "serviceType": "history", "uid": "u2", "before": "5", "num": 3 }),
        json!({ "serviceType": "ping" }),
    ];
    let mut chance = Chance::new(7);
    let mut wire = scene.connect("token-1").await;
    for batch in 0..FRAMES / BATCH {
        for _ in 0..BATCH {
            let frame = chance.pick(&frames).to_string();
            wire.send(chance.broken(&frame)).await;
        }
        for at in 0..BATCH {
            let answer = wire.read().await;
            let answer = answer.unwrap_or_else(|| panic!("the connection ended at {at} of batch {batch}"));
            assert!(answer["code"].is_u64() && answer["code"] != 503, "{answer}");
        }
    }
    scene.app.server.complain();
}
