//! A WebSocket client that keeps what it did not ask for, so that replies and events can be awaited in any order.

use std::collections::VecDeque;
use std::fmt::Write;
use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Response;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::failure::Failure;
use super::within;

/// A connection to be made.
pub struct Connect {
    to: SocketAddr,
    query: String,
    name: String,
    receive_buffer: Option<u32>,
    forwarded: Option<String>,
}

impl Connect {
    /// Without a token.
    pub fn new(to: SocketAddr) -> Self {
        Self {
            to,
            query: String::new(),
            name: "nobody".to_owned(),
            receive_buffer: None,
            forwarded: None,
        }
    }

    pub fn token(self, token: &str) -> Self {
        self.query("token", token)
    }

    pub fn device(self, device: &str) -> Self {
        self.query("device", device)
    }

    pub fn cursor(self, cursor: u64) -> Self {
        self.query("cursor", &cursor.to_string())
    }

    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// With a small receive buffer of the system, so that a reader that does not read is soon a slow one.
    pub fn receive_buffer(mut self, bytes: u32) -> Self {
        self.receive_buffer = Some(bytes);
        self
    }

    /// As a proxy would, for a client at this address.
    pub fn forwarded(mut self, address: &str) -> Self {
        self.forwarded = Some(address.to_owned());
        self
    }

    fn query(mut self, name: &str, value: &str) -> Self {
        write!(self.query, "&{name}={value}").unwrap();
        self
    }

    /// Connects and waits for `session.ready`, whose data is kept in [`Socket::ready`].
    pub async fn open(self) -> Socket {
        let mut socket = self.handshake().await;
        socket.ready = socket.event("session.ready").await["data"].clone();
        socket
    }

    /// Connects and does not wait for anything.
    pub async fn handshake(self) -> Socket {
        match self.try_handshake().await {
            Ok(socket) => socket,
            Err((status, body)) => panic!("the handshake was answered with {status}: {body}"),
        }
    }

    /// Connects, or answers the status and body of the refusal.
    pub async fn try_handshake(self) -> Result<Socket, (u16, Value)> {
        let (to, name) = (self.to, self.name.clone());
        match within("the handshake", self.dial()).await {
            Ok(socket) => Ok(socket),
            Err(Error::Http(response)) => Err(refusal(&response)),
            Err(error) => panic!("{name} cannot connect to {to}: {error}"),
        }
    }

    /// Connects, or not: for servers that are killed.
    pub async fn dial(self) -> Result<Socket, Error> {
        let socket = TcpSocket::new_v4()?;
        if let Some(bytes) = self.receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        let stream = socket.connect(self.to).await?;
        stream.set_nodelay(true)?;
        let url = format!("ws://{}/v1/ws?{}", self.to, self.query.trim_start_matches('&'));
        let mut request = url.into_client_request()?;
        if let Some(address) = self.forwarded {
            request
                .headers_mut()
                .insert("x-forwarded-for", address.parse().unwrap());
        }
        let (stream, _) = tokio_tungstenite::client_async(request, stream).await?;
        Ok(Socket {
            stream,
            name: self.name,
            ready: Value::Null,
            kept: VecDeque::new(),
            next: 0,
        })
    }
}

fn refusal(response: &Response) -> (u16, Value) {
    let body = response.body().as_deref().unwrap_or_default();
    (
        response.status().as_u16(),
        serde_json::from_slice(body).unwrap_or_default(),
    )
}

/// A connection.
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    name: String,
    /// The data of `session.ready`.
    pub ready: Value,
    kept: VecDeque<Value>,
    next: u64,
}

impl Socket {
    /// A command and its answer.
    pub async fn call(&mut self, kind: &str, data: Value) -> Value {
        match self.attempt(kind, data).await {
            Ok(reply) => reply,
            Err(failure) => panic!("{kind} of {} was refused: {failure:?}", self.name),
        }
    }

    /// A command and its answer or refusal.
    pub async fn attempt(&mut self, kind: &str, data: Value) -> Result<Value, Failure> {
        let id = self.begin(kind, data).await;
        self.answer(id).await
    }

    /// Sends a command and does not wait.
    pub async fn begin(&mut self, kind: &str, data: Value) -> u64 {
        self.next += 1;
        self.send_text(&json!({ "id": self.next, "type": kind, "data": data }).to_string())
            .await;
        self.next
    }

    /// The answer to a command.
    pub async fn answer(&mut self, id: u64) -> Result<Value, Failure> {
        let frame = self
            .find(&format!("the answer to {id}"), |frame| frame["id"] == id)
            .await;
        outcome(&frame)
    }

    /// Sends a text.
    pub async fn say(&mut self, conversation: u64, text: &str) -> Value {
        self.call("message.send", text_to(conversation, text)).await
    }

    /// The next event of a type.
    pub async fn event(&mut self, kind: &str) -> Value {
        self.find(&format!("the event {kind}"), |frame| frame["type"] == kind)
            .await
    }

    /// The next `message.sent`, and its text.
    pub async fn heard(&mut self) -> String {
        let event = self.event("message.sent").await;
        event["data"]["body"]["text"].as_str().unwrap_or_default().to_owned()
    }

    /// Events of a type that have come before the answer to a ping.
    pub async fn events_so_far(&mut self, kind: &str) -> Vec<Value> {
        self.call("ping", Value::Null).await;
        let (found, rest): (Vec<Value>, _) = self.kept.drain(..).partition(|frame| frame["type"] == kind);
        self.kept = rest.into();
        found
    }

    /// The next frame that is not an answer to an earlier call.
    pub async fn next_frame(&mut self) -> Value {
        self.find("a frame", |_| true).await
    }

    /// The next answer, whatever it belongs to.
    pub async fn next_answer(&mut self) -> Value {
        self.find("an answer", |frame| {
            frame["type"] == "reply" || frame["type"] == "error"
        })
        .await
    }

    /// Sends a text as it is.
    pub async fn send_text(&mut self, text: &str) {
        self.send(Message::text(text)).await;
    }

    /// Sends a text if the connection is still there.
    pub async fn try_send(&mut self, text: &str) -> Result<(), Error> {
        self.try_send_message(Message::text(text)).await
    }

    /// Sends a frame of the socket if the connection is still there.
    pub async fn try_send_message(&mut self, message: Message) -> Result<(), Error> {
        within("a frame to be sent", self.stream.send(message)).await
    }

    /// Sends a frame of the socket as it is.
    pub async fn send(&mut self, message: Message) {
        let what = format!("{} to send", self.name);
        if let Err(error) = within(&what, self.stream.send(message)).await {
            panic!("{what}: {error}");
        }
    }

    /// Reads to the end and answers the close code; what came before is kept.
    pub async fn closed(&mut self) -> u16 {
        loop {
            match self.read("the connection to be closed").await {
                Ok(frame) => self.kept.push_back(frame),
                Err(code) => return code,
            }
        }
    }

    /// What has come and was not asked for.
    pub fn take_kept(&mut self) -> Vec<Value> {
        self.kept.drain(..).collect()
    }

    /// Closes it and waits until the server has noticed.
    pub async fn close(mut self) {
        let _ = self.stream.close(None).await;
        while let Ok(frame) = self.read("the close to be answered").await {
            drop(frame);
        }
    }

    /// The next frame as JSON, or the code the connection was closed with (1006: without one).
    pub async fn read(&mut self, what: &str) -> Result<Value, u16> {
        loop {
            let next = tokio::time::timeout(super::PATIENCE, self.stream.next()).await;
            match next {
                Err(_) => {
                    let kept: String = self.kept.iter().map(|frame| format!("\n  {frame}")).collect();
                    panic!("{} waited in vain for {what}; what else came:{kept}", self.name)
                }
                Ok(Some(Ok(Message::Text(text)))) => {
                    return Ok(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")));
                }
                Ok(Some(Ok(Message::Close(frame)))) => return Err(frame.map_or(1005, |frame| frame.code.into())),
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(_)) | None) => return Err(1006),
            }
        }
    }

    async fn find(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.kept.iter().position(&wanted) {
            return self.kept.remove(at).unwrap();
        }
        loop {
            match self.read(what).await {
                Ok(frame) if wanted(&frame) => return frame,
                Ok(frame) => self.kept.push_back(frame),
                Err(code) => panic!("{} was closed with {code} while waiting for {what}", self.name),
            }
        }
    }
}

/// What a reply says, or why there is none.
pub fn outcome(frame: &Value) -> Result<Value, Failure> {
    match frame["type"].as_str() {
        Some("reply") => Ok(frame["data"].clone()),
        Some("error") => Err(Failure::read(&frame["error"], None)),
        _ => panic!("neither a reply nor an error: {frame}"),
    }
}

/// The data of a `message.send`.
pub fn text_to(conversation: u64, text: &str) -> Value {
    json!({ "conversation": conversation, "kind": "text", "body": { "text": text } })
}
