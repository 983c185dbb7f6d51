//! A user of an app, by a token that the test has signed as the tenant's own server would.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::door::{Door, Way};
use super::eventually;
use super::failure::Failure;
use super::http::{Response, request};
use super::server::Server;
use super::socket::{Connect, Socket};

/// A user with a token.
#[derive(Clone)]
pub struct User {
    pub server: Arc<Server>,
    pub uid: String,
    pub token: String,
}

/// What a token claims, each claim as JSON so that it can be wrong.
pub struct Claims(pub Value);

impl Claims {
    /// The right ones, good for an hour.
    pub fn of(app: u64, uid: &str) -> Self {
        Self(json!({ "app": app, "sub": uid, "exp": now_ms() / 1_000 + 3_600 }))
    }

    /// With a claim replaced, or left out if null.
    pub fn with(mut self, name: &str, value: Value) -> Self {
        let claims = self.0.as_object_mut().unwrap();
        if value.is_null() {
            claims.remove(name);
        } else {
            claims.insert(name.to_owned(), value);
        }
        self
    }

    pub fn sign(&self, secret: &str) -> String {
        self.sign_by(Algorithm::HS256, secret)
    }

    pub fn sign_by(&self, algorithm: Algorithm, secret: &str) -> String {
        jsonwebtoken::encode(
            &Header::new(algorithm),
            &self.0,
            &EncodingKey::from_secret(secret.as_bytes()),
        )
        .unwrap()
    }
}

#[expect(clippy::disallowed_methods, reason = "tokens and mutes end at real times")]
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}

impl User {
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// Connects on the default device.
    pub async fn connect(&self) -> Socket {
        self.on("default").open().await
    }

    /// A connection to be made on a device.
    pub fn on(&self, device: &str) -> Connect {
        Connect::new(self.address())
            .token(&self.token)
            .device(device)
            .named(&self.uid)
    }

    /// The way in for this user's commands.
    pub async fn by(&self, way: Way) -> Door {
        match way {
            Way::Socket => Door::Socket(Box::new(self.connect().await)),
            Way::Rest => Door::Rest(self.clone()),
        }
    }

    /// A command over REST.
    pub async fn call(&self, kind: &str, data: Value) -> Value {
        match self.attempt(kind, data).await {
            Ok(reply) => reply,
            Err(failure) => panic!("{kind} of {} was refused: {failure:?}", self.uid),
        }
    }

    /// A command over REST that may be refused.
    pub async fn attempt(&self, kind: &str, data: Value) -> Result<Value, Failure> {
        Door::Rest(self.clone()).attempt(kind, data).await
    }

    /// A request with this user's token.
    pub async fn rest(&self, method: &str, path: &str, body: Value) -> Response {
        request(self.address(), method, path)
            .bearer(&self.token)
            .json(&body)
            .send()
            .await
    }

    /// Makes a conversation with others over REST and answers its id.
    pub async fn conversation(&self, kind: &str, members: &[&User]) -> u64 {
        let members: Vec<&str> = members.iter().map(|user| user.uid.as_str()).collect();
        let made = self
            .call("conversation.create", json!({ "kind": kind, "members": members }))
            .await;
        made["id"].as_u64().unwrap()
    }

    /// Sends a text over REST.
    pub async fn say(&self, conversation: u64, text: &str) -> Value {
        self.call(
            "message.send",
            json!({ "conversation": conversation, "kind": "text", "body": { "text": text } }),
        )
        .await
    }

    /// Waits for so many messages in a conversation and answers the newest of them as texts, oldest first.
    pub async fn heard(&self, conversation: u64, count: usize) -> Vec<String> {
        eventually(&format!("{count} messages"), async || {
            let texts = self.texts(conversation).await;
            (texts.len() >= count).then_some(texts)
        })
        .await
    }

    /// The newest messages as texts, oldest first.
    pub async fn texts(&self, conversation: u64) -> Vec<String> {
        let page = self
            .call("message.history", json!({ "conversation": conversation, "limit": 100 }))
            .await;
        let messages = page["messages"].as_array().unwrap();
        messages
            .iter()
            .rev()
            .map(|message| message["body"]["text"].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}
