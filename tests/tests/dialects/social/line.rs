//! A client's socket: frames up are echoed with a code, frames down are told apart by action and type.

use std::collections::VecDeque;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::club::Club;
use crate::harness::{PATIENCE, within};

/// A connected client.
pub struct Line {
    stream: WebSocketStream<TcpStream>,
    kept: VecDeque<Value>,
    next: u64,
}

/// A socket, or the status and answer it was refused with.
pub async fn dial(club: &Club, query: &str) -> Result<Line, String> {
    let stream = TcpStream::connect(club.address()).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let url = format!("ws://{}{}/ws?{query}", club.address(), club.prefix);
    match within("the handshake", tokio_tungstenite::client_async(url, stream)).await {
        Ok((stream, _)) => Ok(Line {
            stream,
            kept: VecDeque::new(),
            next: 0,
        }),
        Err(Error::Http(response)) => {
            let body = response.body().clone().unwrap_or_default();
            Err(format!(
                "{} {}",
                response.status().as_u16(),
                String::from_utf8_lossy(&body)
            ))
        }
        Err(error) => panic!("no socket: {error}"),
    }
}

/// What stands in a frame's `data`, which is JSON as a text.
pub fn data(frame: &Value) -> Value {
    let text = frame["data"]
        .as_str()
        .unwrap_or_else(|| panic!("data is no text: {frame}"));
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {frame}"))
}

impl Line {
    pub async fn send_text(&mut self, text: &str) {
        within("a frame to be sent", self.stream.send(Message::text(text)))
            .await
            .unwrap();
    }

    /// A nonce that this client has not used.
    pub fn nonce(&mut self) -> String {
        self.next += 1;
        format!("{}-{}", self.next, unique())
    }

    /// Sends a frame, with a nonce if it has none, and waits for its echo.
    pub async fn ask(&mut self, mut frame: Value) -> Value {
        if frame["nonce"].is_null() {
            frame["nonce"] = self.nonce().into();
        }
        self.send_text(&frame.to_string()).await;
        let nonce = frame["nonce"].clone();
        let action = frame["action"].clone();
        self.find("the echo", |echo| echo["nonce"] == nonce && echo["action"] == action)
            .await
    }

    /// A frame that must be done.
    pub async fn done(&mut self, frame: Value) -> Value {
        let echo = self.ask(frame).await;
        assert_eq!((&echo["code"], &echo["msg"]), (&json!(200), &json!("OK")), "{echo}");
        echo
    }

    /// A frame that must not be done, and its code.
    pub async fn refused(&mut self, frame: Value) -> u64 {
        let echo = self.ask(frame.clone()).await;
        assert!(echo["code"] != 200 && echo["msg"].is_string(), "{frame}: {echo}");
        echo["code"].as_u64().unwrap()
    }

    /// A text to a user, and the message's id.
    pub async fn say(&mut self, to: &str, text: &str) -> u64 {
        let frame = json!({ "action": "chat", "type": 1, "content": text, "extra": {}, "to_app_user_id": to });
        self.done(frame).await["msg_id"].as_u64().unwrap()
    }

    /// A text into a group, and the message's id.
    pub async fn say_in(&mut self, group: &str, text: &str) -> u64 {
        let frame = json!({ "action": "groupChat", "type": 1, "content": text, "extra": {}, "group_id": group });
        self.done(frame).await["msg_id"].as_u64().unwrap()
    }

    /// The next frame with this action.
    pub async fn action(&mut self, action: &str) -> Value {
        self.find(&format!("the action {action}"), |frame| frame["action"] == action)
            .await
    }

    /// The next system message of this type.
    pub async fn system(&mut self, number: u64) -> Value {
        self.find(&format!("a system message of type {number}"), |frame| {
            frame["action"] == "systemMessage" && data(frame)["type"] == number
        })
        .await
    }

    /// Everything that has come before the answer to a heartbeat.
    pub async fn so_far(&mut self) -> Vec<Value> {
        self.done(json!({ "action": "heartbeat" })).await;
        self.kept.drain(..).collect()
    }

    /// The next frame; none when the server has closed.
    pub async fn read(&mut self, what: &str) -> Option<Value> {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.stream.next()).await;
            match next.unwrap_or_else(|_| panic!("waited in vain for {what}; what came: {:?}", self.kept)) {
                Some(Ok(Message::Text(text))) => {
                    return Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")));
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Closes and waits until the server has noticed.
    pub async fn close(mut self) {
        let _ = self.stream.close(None).await;
        while self.read("the end").await.is_some() {}
    }

    async fn find(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.kept.iter().position(&wanted) {
            return self.kept.remove(at).unwrap();
        }
        loop {
            match self.read(what).await {
                Some(frame) if wanted(&frame) => return frame,
                Some(frame) => self.kept.push_back(frame),
                None => panic!("closed before {what}; what else came: {:?}", self.kept),
            }
        }
    }
}

/// Nonces of several clients of one user must differ.
fn unique() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    COUNT.fetch_add(1, Ordering::Relaxed)
}
