//! The two ways in. A story that is told by commands runs over both: `route` is the protocol's table of paths.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::failure::Failure;
use super::http::request;
use super::socket::Socket;
use super::user::User;

/// How commands reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Socket,
    Rest,
}

impl Way {
    pub const BOTH: [Self; 2] = [Self::Socket, Self::Rest];
}

/// A user's way in.
pub enum Door {
    Socket(Box<Socket>),
    Rest(User),
}

impl Door {
    /// A command and its answer.
    pub async fn call(&mut self, kind: &str, data: Value) -> Value {
        match self.attempt(kind, data).await {
            Ok(reply) => reply,
            Err(failure) => panic!("{kind} was refused: {failure:?}"),
        }
    }

    /// A command that must be refused, and why it was.
    pub async fn refused(&mut self, kind: &str, data: Value) -> Failure {
        match self.attempt(kind, data.clone()).await {
            Err(failure) => failure,
            Ok(reply) => panic!("{kind} {data} was not refused: {reply}"),
        }
    }

    /// A command and its answer or refusal.
    pub async fn attempt(&mut self, kind: &str, data: Value) -> Result<Value, Failure> {
        match self {
            Self::Socket(socket) => socket.attempt(kind, data).await,
            Self::Rest(user) => {
                let (method, path, body) = route(kind, data);
                let request = request(user.address(), method, &path).bearer(&user.token).json(&body);
                request.send().await.outcome()
            }
        }
    }
}

/// Method, path and body of a command.
pub fn route(kind: &str, data: Value) -> (&'static str, String, Value) {
    let Value::Object(mut data) = data else {
        panic!("the data of {kind} is no object: {data}");
    };
    let whole = query(&data);
    let of = format!("/v1/conversations/{}", taken(&mut data, "conversation"));
    let message = format!("/v1/messages/{}", taken(&mut data, "message"));
    match kind {
        "user.get" => ("GET", format!("/v1/users/{}", taken(&mut data, "user")), Value::Null),
        "user.update" => ("PATCH", "/v1/me".to_owned(), data.into()),
        "conversation.create" => ("POST", "/v1/conversations".to_owned(), data.into()),
        "conversation.list" => ("GET", format!("/v1/conversations?{}", query(&data)), Value::Null),
        "conversation.get" => ("GET", of, Value::Null),
        "conversation.open" => ("POST", format!("{of}/open"), Value::Null),
        "conversation.update" => ("PATCH", of, data.into()),
        "conversation.dissolve" => ("DELETE", of, Value::Null),
        "conversation.prefer" => ("PATCH", format!("{of}/preferences"), data.into()),
        "conversation.announce" => ("POST", format!("{of}/notices"), data.into()),
        "conversation.notices" => ("GET", format!("{of}/notices?{}", query(&data)), Value::Null),
        "conversation.clear" => ("POST", format!("{of}/clear"), Value::Null),
        "member.list" => ("GET", format!("{of}/members?{}", query(&data)), Value::Null),
        "member.add" => ("POST", format!("{of}/members"), data.into()),
        "member.remove" => ("POST", format!("{of}/members/remove"), data.into()),
        "member.join" => ("PUT", format!("{of}/members/me"), Value::Null),
        "member.leave" => ("DELETE", format!("{of}/members/me"), Value::Null),
        "member.role" | "member.mute" => {
            let path = format!("{of}/members/{}", taken(&mut data, "user"));
            if let Some(until) = data.remove("until") {
                data.insert("muted_until".to_owned(), until);
            }
            ("PATCH", path, data.into())
        }
        "message.send" => ("POST", format!("{of}/messages"), data.into()),
        "message.history" => ("GET", format!("{of}/messages?{}", query(&data)), Value::Null),
        "message.get" => ("GET", message, Value::Null),
        "message.edit" => ("PATCH", message, data.into()),
        "message.recall" => ("POST", format!("{message}/recall"), Value::Null),
        "message.act" => ("POST", format!("{message}/act"), data.into()),
        "message.delete" => {
            let id = data["messages"][0].clone();
            ("DELETE", format!("/v1/messages/{id}"), Value::Null)
        }
        "message.react" => {
            let method = if data.get("add") == Some(&Value::Bool(false)) {
                "DELETE"
            } else {
                "PUT"
            };
            (
                method,
                format!("{message}/reactions/{}", taken(&mut data, "emoji")),
                Value::Null,
            )
        }
        "receipt.delivered" => ("POST", format!("{of}/receipts"), renamed(data, "delivered_seq")),
        "receipt.read" => ("POST", format!("{of}/receipts"), renamed(data, "read_seq")),
        "receipt.list" => ("GET", format!("{of}/receipts"), Value::Null),
        "typing" => ("POST", format!("{of}/typing"), data.into()),
        "block.add" => ("PUT", format!("/v1/blocks/{}", taken(&mut data, "user")), Value::Null),
        "block.remove" => (
            "DELETE",
            format!("/v1/blocks/{}", taken(&mut data, "user")),
            Value::Null,
        ),
        "block.list" => ("GET", "/v1/blocks".to_owned(), Value::Null),
        "friend.add" => ("PUT", format!("/v1/friends/{}", taken(&mut data, "user")), Value::Null),
        "friend.remark" => (
            "PATCH",
            format!("/v1/friends/{}", taken(&mut data, "user")),
            data.into(),
        ),
        "friend.remove" => (
            "DELETE",
            format!("/v1/friends/{}", taken(&mut data, "user")),
            Value::Null,
        ),
        "friend.list" => ("GET", format!("/v1/friends?{}", query(&data)), Value::Null),
        "command.list" => ("GET", format!("{of}/commands"), Value::Null),
        "command.complete" => ("POST", format!("{of}/commands/complete"), data.into()),
        "search" => ("GET", format!("/v1/search?{whole}"), Value::Null),
        "presence.get" => {
            let users = data["users"].as_array().unwrap().iter().map(plain).collect::<Vec<_>>();
            ("GET", format!("/v1/presence?users={}", users.join(",")), Value::Null)
        }
        _ => panic!("{kind} has no path"),
    }
}

/// A field as a part of a path.
fn taken(data: &mut Map<String, Value>, name: &str) -> String {
    data.remove(name).map(|value| plain(&value)).unwrap_or_default()
}

fn renamed(mut data: Map<String, Value>, to: &str) -> Value {
    let seq = data.remove("seq").unwrap_or_default();
    data.insert(to.to_owned(), seq);
    data.into()
}

fn query(data: &Map<String, Value>) -> String {
    let pairs: Vec<String> = data
        .iter()
        .map(|(name, value)| format!("{name}={}", plain(value)))
        .collect();
    pairs.join("&")
}

/// A value as text, percent-encoded.
fn plain(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            _ => write!(encoded, "%{byte:02X}").unwrap(),
        }
    }
    encoded
}
