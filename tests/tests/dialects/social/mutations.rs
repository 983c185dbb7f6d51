//! Valid frames and requests, broken at random: each is answered in the protocol's words, and nobody is thrown out.

use serde_json::{Value, json};

use super::club::{Club, Person};
use super::line::Line;
use crate::harness::{Chance, request};

const FRAMES: usize = 7_000;
const REQUESTS: usize = 3_000;
/// Frames between two looks at the answers.
const BATCH: usize = 20;

struct Scene {
    a: Person,
    group: String,
    line: Line,
    message: u64,
    packet: u64,
}

async fn scene() -> Scene {
    let club = Club::new().await;
    let [a, b] = club.people(["a", "b"]).await;
    let group = a.group("g", &[&b]).await;
    let mut line = a.line().await;
    let message = line.say("b", "hello").await;
    let packet = json!({ "action": "groupChat", "type": 5, "content": "", "extra": { "total": 100, "count": 9 }, "group_id": group });
    let packet = line.done(packet).await["msg_id"].as_u64().unwrap();
    Scene {
        a,
        group,
        line,
        message,
        packet,
    }
}

fn frames(scene: &Scene) -> Vec<String> {
    let (group, message) = (&scene.group, scene.message);
    let frames = [
        json!({ "action": "chat", "nonce": "n1", "type": 1, "content": "x", "extra": { "a": [1] }, "to_app_user_id": "b" }),
        json!({ "action": "chat", "nonce": "n2", "type": 3, "extra": { "url": "/a.png", "width": 6, "is_original": 1 }, "to_app_user_id": "b" }),
        json!({ "action": "groupChat", "nonce": "n3", "type": 7, "extra": { "video_url": "/v", "weight": 4 }, "group_id": group }),
        json!({ "action": "groupChat", "nonce": "n4", "type": 5, "extra": { "total": 9, "count": 2, "mode": 2 }, "group_id": group }),
        json!({ "action": "ack", "nonce": "n5", "msg_id": message, "status": 2, "app_user_ids": "b" }),
        json!({ "action": "claim", "nonce": "n6", "msg_id": scene.packet }),
        json!({ "action": "heartbeat", "nonce": "n7" }),
    ];
    frames.iter().map(Value::to_string).collect()
}

#[tokio::test]
async fn broken_frames_hurt_nobody() {
    let mut scene = scene().await;
    let frames = frames(&scene);
    let mut chance = Chance::new(1);
    for batch in 0..FRAMES / BATCH {
        let mut sent = Vec::new();
        for at in 0..BATCH {
            let mut frame = chance.pick(&frames).clone();
            // Nonces that were not sent before, so that there is something to be done.
            frame = frame.replace("\"nonce\":\"n", &format!("\"nonce\":\"{batch}-{at}-"));
            let frame = chance.broken(&frame);
            scene.line.send_text(&frame).await;
            sent.push(frame);
        }
        let end = scene.line.ask(json!({ "action": "heartbeat" })).await;
        assert_eq!(end["code"], 200, "after {sent:#?}");
        for answer in scene.line.so_far().await {
            let code = answer["code"].as_u64();
            let known = code.is_some_and(|code| [0, 200, 400, 401, 811, 831].contains(&code));
            assert!(
                known && answer["msg"] != "something went wrong",
                "{answer} to one of {sent:#?}"
            );
        }
    }
    scene.a.club.app.server.complain();
}

#[tokio::test]
async fn broken_requests_hurt_nobody() {
    let scene = scene().await;
    let group = &scene.group;
    let requests = [
        (
            "/user/register",
            json!({ "app_id": scene.a.club.app.id, "app_user_id": "new", "nickname": "n", "head": "h" }),
        ),
        ("/user/update", json!({ "nickname": "n", "head": "http://x" })),
        ("/blacklist/add", json!({ "app_user_id": "b" })),
        ("/blacklist/remove", json!({ "app_user_id": "b" })),
        ("/group/create", json!({ "group_name": "g", "app_user_ids": ["b"] })),
        (
            "/group/edit",
            json!({ "group_id": group, "group_name": "h", "notice": "n", "invite_mode": 1, "banned_to_post": 0 }),
        ),
        ("/group/invite", json!({ "group_id": group, "app_user_ids": ["b"] })),
        ("/group/join", json!({ "group_id": group, "inviter": "b" })),
        ("/group/info", json!({ "group_id": group })),
    ];
    let mut chance = Chance::new(2);
    let club = &scene.a.club;
    for _ in 0..REQUESTS {
        let (path, body) = chance.pick(&requests);
        let body = chance.broken(&body.to_string());
        let whole = format!("{}{path}?token={}", club.prefix, scene.a.token);
        let kind = *chance.pick(&[
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
        ]);
        let answer = request(club.address(), "POST", &whole)
            .header("content-type", kind.to_owned())
            .bytes(body.clone())
            .send()
            .await;
        assert_eq!(answer.status, 200, "{path} {body}: {}", answer.text());
        let answer: Value = serde_json::from_slice(&answer.body).unwrap();
        let known = answer["code"]
            .as_u64()
            .is_some_and(|code| [0, 200, 400, 401].contains(&code));
        assert!(
            known && answer["msg"] != "something went wrong",
            "{path} {body}: {answer}"
        );
    }
    club.app.server.complain();
}
