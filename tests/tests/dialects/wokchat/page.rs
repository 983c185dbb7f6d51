//! A page of the tenant's site: a socket, frames up by `action`, frames down by `do_action`.

use std::collections::VecDeque;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::shop::Shop;
use crate::harness::{PATIENCE, within};

/// A connected page.
pub struct Page {
    stream: WebSocketStream<TcpStream>,
    kept: VecDeque<Value>,
}

impl Page {
    /// A socket at `/chat/`, not logged in.
    pub async fn open(shop: &Shop) -> Self {
        Self::at(shop, "/chat/").await
    }

    /// A socket at a path below the mount.
    pub async fn at(shop: &Shop, path: &str) -> Self {
        let stream = TcpStream::connect(shop.address()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let url = format!("ws://{}{}{path}", shop.address(), shop.prefix);
        let opened = within("the handshake", tokio_tungstenite::client_async(url, stream)).await;
        let (stream, _) = opened.unwrap_or_else(|error| panic!("no socket at {path}: {error}"));
        Self {
            stream,
            kept: VecDeque::new(),
        }
    }

    pub async fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string()).await;
    }

    pub async fn send_text(&mut self, text: &str) {
        within("a frame to be sent", self.stream.send(Message::text(text)))
            .await
            .unwrap();
    }

    /// Sends a frame and waits for what it makes the page do.
    pub async fn ask(&mut self, frame: Value, do_action: &str) -> Value {
        self.send(frame).await;
        self.expect(do_action).await
    }

    /// Sends a frame that must fail, and answers what the toast says.
    pub async fn refused(&mut self, frame: Value) -> String {
        let toast = self.ask(frame, "show_toast").await;
        toast["text"].as_str().unwrap().to_owned()
    }

    /// The next frame with this `do_action`.
    pub async fn expect(&mut self, do_action: &str) -> Value {
        if let Some(at) = self.kept.iter().position(|frame| frame["do_action"] == do_action) {
            return self.kept.remove(at).unwrap();
        }
        loop {
            match self.read().await {
                Some(frame) if frame["do_action"] == do_action => return frame,
                Some(frame) if frame["do_action"] == "show_toast" => panic!("instead of {do_action}: {frame}"),
                Some(frame) => self.kept.push_back(frame),
                None => panic!("closed before {do_action}; what else came: {:?}", self.kept),
            }
        }
    }

    /// Everything that has come before the answer to a question asked now.
    pub async fn so_far(&mut self) -> Vec<Value> {
        self.send(json!({ "action": "get_session_list", "pagesize": 1 })).await;
        let end = self.expect("get_session_list_success").await;
        drop(end);
        self.kept.drain(..).collect()
    }

    /// The next frame; none when the server has closed.
    pub async fn read(&mut self) -> Option<Value> {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.stream.next()).await;
            match next.unwrap_or_else(|_| panic!("waited in vain; what came: {:?}", self.kept)) {
                Some(Ok(Message::Text(text))) => {
                    return Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")));
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Everything until the server closes.
    pub async fn until_closed(&mut self) -> Vec<Value> {
        let mut all: Vec<Value> = self.kept.drain(..).collect();
        while let Some(frame) = self.read().await {
            all.push(frame);
        }
        all
    }
}
