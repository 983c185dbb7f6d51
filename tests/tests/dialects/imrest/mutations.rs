//! Valid requests and frames, broken at random: each is answered in the protocol's words, and nobody is thrown out.

use serde_json::{Value, json};

use super::conversations::encoded;
use super::scene::Scene;
use crate::harness::{Chance, request};

/// Requests and frames.
const REQUESTS: usize = 4_000;
const FRAMES: usize = 6_000;
/// Frames between two looks at the answers.
const BATCH: usize = 20;

#[tokio::test]
async fn broken_requests_hurt_nobody() {
    let scene = Scene::new().await;
    let conv = scene.conversation("Tom", &["Jerry"], 3).await;
    let path = format!("/im/conversations/{conv}");
    let filter = json!([["conv_id", "=", conv]]);
    let requests = [
        (
            "POST",
            "/im/conversations".to_owned(),
            json!({ "client_id": "Tom", "to_client_ids": ["Jerry"], "conv_type": 2, "conv_extend": { "conv_name": "x" } }),
        ),
        (
            "PUT",
            "/im/conversations".to_owned(),
            json!({ "where": filter, "update": { "conv_extend": { "conv_name": "y" } } }),
        ),
        (
            "POST",
            format!("{path}/members"),
            json!({ "client_ids": ["Tom", "Iron"] }),
        ),
        ("DELETE", format!("{path}/members"), json!({ "client_ids": ["Iron"] })),
        ("GET", format!("{path}/members"), Value::Null),
        (
            "POST",
            format!("{path}/message"),
            json!({ "from_client": "Tom", "type": -2, "url": "/a.png", "attr": { "width": 3 }, "no_sync": 1, "mention_client_ids": ["Jerry"] }),
        ),
        ("GET", format!("{path}/message"), json!({ "page": 1, "size": 5 })),
        (
            "GET",
            format!("/im/conversations?where={}", encoded(&filter.to_string())),
            Value::Null,
        ),
    ];
    let mut chance = Chance::new(666_666);
    let (id, key) = (scene.app.id.to_string(), scene.app.secret.clone());
    for _ in 0..REQUESTS {
        let (method, path, body) = chance.pick(&requests).clone();
        let path = match chance.below(4) {
            0 => path.replace(&conv, &encoded(&chance.broken(&conv))),
            _ => path,
        };
        let body = if body.is_null() {
            String::new()
        } else {
            chance.broken(&body.to_string())
        };
        let asked = request(scene.app.server.address, method, &format!("/t{id}{path}"));
        let asked = asked.header("app-id", id.clone()).header("app-key", key.clone());
        let answer = asked.bytes(body.clone()).send().await;
        let envelope: Value = serde_json::from_str(&answer.text())
            .unwrap_or_else(|error| panic!("{error}: {method} {path} {body}: {}", answer.text()));
        assert!(
            answer.status == 200 && envelope["code"].is_u64(),
            "{method} {path} {body}: {} {envelope}",
            answer.status
        );
        assert_ne!(
            envelope["message"], "Internal server error. No information available",
            "{method} {path} {body}"
        );
    }
    scene.app.server.complain();
}

#[tokio::test]
async fn broken_frames_hurt_nobody() {
    let scene = Scene::new().await;
    let login = scene.login_frame("Tom", "d").to_string();
    let ping = json!({ "type": "ping", "data": { "x": [1, 2, 3] } }).to_string();
    let mut chance = Chance::new(999);
    let mut wire = scene.login("Jerry", "d").await;
    for batch in 0..FRAMES / BATCH {
        for _ in 0..BATCH {
            let frame = if chance.below(3) == 0 { &ping } else { &login };
            wire.send(chance.broken(frame)).await;
        }
        for at in 0..BATCH {
            let answer = wire.read().await;
            let answer = answer.unwrap_or_else(|| panic!("the connection ended at {at} of batch {batch}"));
            assert!(answer["type"].is_string(), "{answer}");
        }
    }
    scene.app.server.complain();
}
