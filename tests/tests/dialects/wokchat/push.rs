//! W14: the tenant's own server hears of what is sent.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::md5::md5;
use super::shop::{Shop, seconds};
use crate::harness::{Server, within};

/// A request as it came: its head in lower case, and its body.
struct Heard {
    head: String,
    body: Value,
}

impl Heard {
    fn header(&self, name: &str) -> &str {
        let line = self
            .head
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}:")));
        line.unwrap_or_else(|| panic!("no {name}: {}", self.head)).trim()
    }
}

/// A tenant's server that takes everything.
struct Tenant(TcpListener);

impl Tenant {
    async fn new() -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (Self(listener), address)
    }

    async fn hear(&self) -> Heard {
        within("a push", async {
            let (mut stream, _) = self.0.accept().await.unwrap();
            let mut bytes = Vec::new();
            loop {
                let mut piece = [0; 4096];
                let read = stream.read(&mut piece).await.unwrap();
                assert!(read > 0, "the push ended early: {}", String::from_utf8_lossy(&bytes));
                bytes.extend(&piece[..read]);
                let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
                    continue;
                };
                let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length:"))
                    .unwrap();
                let length: usize = length.trim().parse().unwrap();
                if bytes.len() >= end + 4 + length {
                    let body = serde_json::from_slice(&bytes[end + 4..]).unwrap();
                    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    return Heard { head, body };
                }
            }
        })
        .await
    }
}

#[tokio::test]
async fn w14_each_send_is_posted_and_signed() {
    let (tenant, address) = Tenant::new().await;
    let server = Server::start(&["callbacks.allow_private=true"]);
    let shop = Shop::on(&server, json!({ "push_url": format!("http://{address}/chat/push") })).await;
    let (customer, agent) = shop.two().await;
    let session = customer.session_with(&agent).await;
    let mut page = customer.page().await;
    let frame = json!({ "action": "send_by_session", "session_id": session, "content": "hello world", "type": 1 });
    page.ask(frame.clone(), "send_success").await;
    let heard = tenant.hear().await;
    assert!(heard.head.starts_with("post /chat/push "), "{}", heard.head);
    assert_eq!(heard.header("appid"), shop.app.id.to_string());
    let time = heard.header("time");
    assert!(time.parse::<u64>().unwrap().abs_diff(seconds()) < 60);
    assert_eq!(heard.header("sign"), md5(&format!("{}{time}", shop.app.secret)));
    assert_eq!(heard.body["user"]["uid"], 1);
    assert_eq!(heard.body["user"].get("token"), None);
    assert_eq!(heard.body["request"], frame);
    let response = &heard.body["response"];
    assert_eq!(
        (&response["code"], &response["session"]["id"]),
        (&json!(1), &json!(session))
    );
    assert_eq!(response["message"]["content"], "hello world");
    // Over HTTP, and what was refused.
    customer.say(session, "again").await;
    let heard = tenant.hear().await;
    assert_eq!(heard.body["request"]["action"], "send_by_session");
    assert_eq!(heard.body["request"].get("sign"), None);
    assert_eq!(heard.body["response"]["message"]["content"], "again");
    page.refused(json!({ "action": "send_by_session", "session_id": session, "content": "x", "type": 0 }))
        .await;
    assert_eq!(tenant.hear().await.body["response"]["code"], 0);
}
