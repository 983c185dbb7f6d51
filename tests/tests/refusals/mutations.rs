//! Valid requests, broken at random: the server answers each of them, with no fault of its own, and nobody is thrown out.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::commands::Scene;
use crate::harness::{App, Chance, Guest, User, guest, route, within};

const FRAMES: usize = 4_000;
const REQUESTS: usize = 1_000;
/// Frames between two looks at the answers.
const BATCH: usize = 25;

async fn scene() -> (User, Scene) {
    let app = App::new().await;
    let alice = app.user("alice").await;
    let scene = Scene::of(&alice).await;
    (alice, scene)
}

#[tokio::test]
async fn broken_frames_hurt_nobody() {
    let (alice, scene) = scene().await;
    let mut chance = Chance::new(1);
    let mut socket = alice.connect().await;
    let frames: Vec<String> = scene
        .commands()
        .iter()
        .map(|example| json!({ "id": "x", "type": example.kind, "data": example.data }).to_string())
        .collect();
    for batch in 0..FRAMES / BATCH {
        let mut sent = Vec::new();
        for _ in 0..BATCH {
            let picked = chance.pick(&frames).clone();
            // An id comes back as it was, and we could not read one that is out of range.
            let frame = chance.broken(&picked).replace("\"id\":1e", "\"id\":1");
            socket.send_text(&frame).await;
            sent.push(frame);
        }
        let end = format!("end of {batch}");
        socket
            .send_text(&json!({ "id": end, "type": "ping" }).to_string())
            .await;
        let mut answers = 0;
        loop {
            let answer = socket.next_answer().await;
            let code = answer["error"]["code"].as_str().unwrap_or_default();
            assert!(
                !["internal", "storage_unavailable"].contains(&code),
                "{answer} to one of {sent:#?}"
            );
            answers += 1;
            if answers == BATCH + 1 {
                break;
            }
        }
        socket.take_kept();
    }
    alice.server.complain();
}

#[tokio::test]
async fn broken_requests_hurt_nobody() {
    let (alice, scene) = scene().await;
    let mut chance = Chance::new(2);
    let requests: Vec<(&str, String, String)> = scene
        .commands()
        .into_iter()
        .filter(|example| example.kind != "presence.watch")
        .map(|example| {
            let (method, path, body) = route(example.kind, example.data);
            (
                method,
                path,
                if body.is_null() {
                    String::new()
                } else {
                    body.to_string()
                },
            )
        })
        .collect();
    for _ in 0..REQUESTS {
        let (method, path, body) = chance.pick(&requests);
        let path = if chance.below(2) == 0 {
            format!("/v1{}", printable(&chance.broken(&path[3..])))
        } else {
            path.clone()
        };
        let body = if chance.below(3) > 0 {
            chance.broken(body)
        } else {
            body.clone()
        };
        let status = within("an answer", send(&alice, method, &path, &body)).await;
        assert!(
            (200..500).contains(&status),
            "{method} {path} {body} was answered with {status}"
        );
    }
    alice.rest("GET", "/v1/me", Value::Null).await.ok();
    alice.server.complain();
}

#[tokio::test]
async fn broken_admin_requests_hurt_nobody() {
    let app = App::new().await;
    app.user("alice").await;
    app.upload("noop", guest(Guest::Noop)).install().await;
    let tenant = User {
        token: app.secret.clone(),
        ..app.stranger("alice")
    };
    let mut chance = Chance::new(3);
    let requests = [
        (
            "PATCH",
            "",
            json!({ "name": "x", "login": "single", "text_chars": 10, "unowned_kinds": "accept" }),
        ),
        (
            "PUT",
            "/users/alice",
            json!({ "nickname": "x", "attributes": { "a": 1 } }),
        ),
        (
            "POST",
            "/users/alice/tokens",
            json!({ "device": "d", "ttl_seconds": 60 }),
        ),
        ("POST", "/users/alice/ban", json!({ "reason": "x" })),
        ("POST", "/users/alice/unban", json!({})),
        (
            "PATCH",
            "/plugins/noop",
            json!({ "config": { "a": [1] }, "priority": 3, "grants": ["kv"], "reuse": 2 }),
        ),
        ("GET", "/plugins/noop/logs?after=1&limit=10", json!({})),
        ("GET", "/plugins/noop/trace?after=1&limit=10", json!({})),
        ("PUT", "/plugins/noop/trace", json!({ "seconds": 60 })),
        ("GET", "/jobs?state=dead&limit=3", json!({})),
        ("POST", "/jobs/7/retry", json!({})),
    ];
    for _ in 0..500 {
        let (method, path, body) = chance.pick(&requests).clone();
        let path = format!("/admin/api/apps/{}{}", app.id, printable(&chance.broken(path)));
        let body = chance.broken(&body.to_string());
        let status = within("an answer", send(&tenant, method, &path, &body)).await;
        assert!(
            (200..500).contains(&status),
            "{method} {path} {body} was answered with {status}"
        );
    }
    tenant.server.complain();
}

/// What may stand in a request line; the rest is the HTTP parser's to refuse, not ours.
fn printable(path: &str) -> String {
    path.chars()
        .filter(|c| c.is_ascii_graphic() && !"#\"<>\\^`{|}".contains(*c))
        .collect()
}

async fn send(user: &User, method: &str, path: &str, body: &str) -> u16 {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        user.token,
        body.len()
    );
    let mut stream = TcpStream::connect(user.address()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let status = answer
        .get(9..12)
        .map(|status| String::from_utf8_lossy(status).into_owned())
        .unwrap_or_default();
    status.parse().unwrap_or_else(|_| {
        panic!(
            "no answer to {method} {path} {body}: {:?}",
            String::from_utf8_lossy(&answer)
        )
    })
}
