//! What a message says: the part of the wire's object that is neither who nor where, to a kind and a body and back. An
//! object that went in comes out with the same type, content and fields.

mod bodies;

use serde_json::{Map, Value, json};

/// The kind of every type that has no kind of its own elsewhere; its body names the type.
pub const OTHER: &str = "shiku.other";

/// Keys of the object that say who, where and when. They never come from a body.
const ENVELOPE: [&str; 9] = [
    "content",
    "fromUserId",
    "fromUserName",
    "messageHead",
    "messageId",
    "timeSend",
    "toUserId",
    "toUserName",
    "type",
];

/// Keys that every object has, with the values they have when nothing was said.
fn defaults() -> [(&'static str, Value); 8] {
    [
        ("deleteTime", json!(0)),
        ("encryptType", json!(0)),
        ("fileSize", json!(0)),
        ("fileTime", json!(0)),
        ("isEncrypt", json!(false)),
        ("isReadDel", json!(false)),
        ("location_x", json!(0.0)),
        ("location_y", json!(0.0)),
    ]
}

/// Type, content, and the fields that say something.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// `1` text, `2` picture, …
    pub kind: i64,
    /// The text, or the address of what is shown.
    pub content: String,
    /// Every other field that differs from its default.
    pub rest: Map<String, Value>,
}

impl Said {
    /// A type with nothing but its content.
    pub fn new(kind: i64, content: impl Into<String>) -> Self {
        Self {
            kind,
            content: content.into(),
            rest: Map::new(),
        }
    }

    /// What an object from the wire says; none without a type.
    pub fn read(object: &Map<String, Value>) -> Option<Self> {
        let kind = number(object.get("type")?)?;
        let rest = object.iter().filter(|(key, value)| means_something(key, value));
        Some(Self {
            kind,
            content: object.get("content").map(text).unwrap_or_default(),
            rest: rest.map(|(key, value)| (key.clone(), value.clone())).collect(),
        })
    }

    /// The object, still without who, where and when.
    pub fn object(&self) -> Map<String, Value> {
        let defaults = defaults().into_iter();
        let mut object: Map<String, Value> = defaults.map(|(key, value)| (key.to_owned(), value)).collect();
        let rest = self.rest.iter().filter(|(key, value)| means_something(key, value));
        object.extend(rest.map(|(key, value)| (key.clone(), value.clone())));
        object.insert("content".to_owned(), self.content.as_str().into());
        object.insert("type".to_owned(), self.kind.into());
        object
    }

    /// The kind and the body that keep it.
    pub fn body(self) -> (&'static str, Value) {
        bodies::body(self)
    }

    /// What a stored body says in this protocol's words. A kind that has none is a text.
    pub fn of(kind: &str, body: &Value) -> Self {
        let mut said = bodies::said(kind, body);
        said.rest.retain(|key, value| means_something(key, value));
        said
    }
}

fn means_something(key: &str, value: &Value) -> bool {
    if ENVELOPE.contains(&key) || value.is_null() || value == "" {
        return false;
    }
    let default = defaults().into_iter().find(|(name, _)| *name == key);
    default.is_none_or(|(_, default)| match (value.as_f64(), default.as_f64()) {
        (Some(value), Some(default)) => value != default,
        _ => *value != default,
    })
}

/// A whole number, or a text that is one.
pub fn number(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        _ => value.as_i64(),
    }
}

/// A text, or what is written of another value.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
