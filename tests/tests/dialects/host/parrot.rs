//! An app that speaks the dialect, and a client that does.

use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::harness::{App, Guest, PATIENCE, Server, guest, request, within};

pub const GRANTS: &str = "kv,users,proofs,messages-send";

/// An app with a mount of its own on the shared server.
pub struct Cage {
    pub app: App,
    pub prefix: String,
}

impl Cage {
    pub async fn new() -> Self {
        Self::on(&Server::shared(), json!({})).await
    }

    pub async fn on(server: &Arc<Server>, settings: Value) -> Self {
        let app = App::on(server, settings).await;
        app.change(json!({ "open_logins": true })).await;
        let upload = app.upload("parrot", guest(Guest::Parrot)).grants(GRANTS);
        upload.install().await;
        let cage = Self {
            prefix: format!("/p{}", app.id),
            app,
        };
        cage.mount(&cage.prefix).await;
        cage
    }

    /// Mounts it at a prefix.
    pub async fn mount(&self, prefix: &str) {
        let made = mount(&self.app, json!({ "dialect": "parrot", "prefix": prefix })).await;
        assert_eq!(made.0, 201, "{}", made.1);
    }

    pub fn address(&self) -> SocketAddr {
        self.app.server.address
    }

    /// The status and the answer to a request below the mount.
    pub async fn get(&self, path: &str) -> (u16, Value) {
        get(self.address(), &format!("{}{path}", self.prefix)).await
    }

    /// A socket whose request has named the app.
    pub async fn talk(&self) -> Talk {
        let mut talk = Talk::open(self.address(), &format!("{}/talk", self.prefix))
            .await
            .unwrap();
        assert!(talk.next().await.starts_with("hello "));
        talk
    }

    /// A socket that is bound to a user.
    pub async fn bound(&self, user: &str) -> Talk {
        let path = format!("{}/talk?user={user}", self.prefix);
        let mut talk = Talk::open(self.address(), &path).await.unwrap();
        let said = talk.next().await;
        assert!(said.starts_with(&format!("bound {user}")), "{said}");
        talk
    }

    /// What the guest keeps under a key.
    pub async fn kept(&self, key: &str) -> Value {
        self.get(&format!("/do/kv?key={key}")).await.1
    }
}

/// A request of the operator for a mount of this app.
pub async fn mount(app: &App, mount: Value) -> (u16, Value) {
    let answer = app
        .server
        .admin("POST", &format!("/apps/{}/mounts", app.id), mount)
        .await;
    (
        answer.status,
        answer.outcome().unwrap_or_else(|failure| json!(failure.code)),
    )
}

/// The status and the JSON of an answer.
pub async fn get(to: SocketAddr, path: &str) -> (u16, Value) {
    let answer = request(to, "GET", path).send().await;
    (
        answer.status,
        serde_json::from_slice(&answer.body).unwrap_or(Value::Null),
    )
}

/// A socket that speaks the dialect.
pub struct Talk(WebSocketStream<TcpStream>);

impl Talk {
    /// Connects, or answers the status and the body of the refusal.
    pub async fn open(to: SocketAddr, path: &str) -> Result<Self, (u16, Value)> {
        let stream = TcpStream::connect(to).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let url = format!("ws://{to}{path}");
        match within("the handshake", tokio_tungstenite::client_async(url, stream)).await {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(Error::Http(answer)) => {
                let body = answer.body().as_deref().unwrap_or_default();
                Err((
                    answer.status().as_u16(),
                    serde_json::from_slice(body).unwrap_or_default(),
                ))
            }
            Err(error) => panic!("{path}: {error}"),
        }
    }

    pub async fn send(&mut self, frame: &str) {
        self.send_message(Message::text(frame)).await;
    }

    pub async fn send_message(&mut self, message: Message) {
        within("a frame to be sent", self.0.send(message)).await.unwrap();
    }

    /// The next frame.
    pub async fn next(&mut self) -> String {
        match self.read().await {
            Ok(frame) => frame,
            Err(code) => panic!("closed with {code}"),
        }
    }

    /// A frame and its answer.
    pub async fn ask(&mut self, frame: &str) -> String {
        self.send(frame).await;
        self.next().await
    }

    /// What comes before the close, and its code (1006: there was none).
    pub async fn rest(&mut self) -> (Vec<String>, u16) {
        let mut frames = Vec::new();
        loop {
            match self.read().await {
                Ok(frame) => frames.push(frame),
                Err(code) => return (frames, code),
            }
        }
    }

    /// Nothing waits to be read: what is asked now is answered next.
    pub async fn is_quiet(&mut self) {
        assert_eq!(self.ask("quiet?").await, "echo quiet?");
    }

    async fn read(&mut self) -> Result<String, u16> {
        loop {
            match tokio::time::timeout(PATIENCE, self.0.next()).await {
                Err(_) => panic!("waited in vain for a frame"),
                Ok(Some(Ok(Message::Text(text)))) => return Ok(text.to_string()),
                Ok(Some(Ok(Message::Close(frame)))) => return Err(frame.map_or(1005, |frame| frame.code.into())),
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(_)) | None) => return Err(1006),
            }
        }
    }
}
