//! Frames up, all of them ours: the document has none.

use crate::answer::{Failure, Outcome};
use crate::fields::{self, Params};
use serde_json::{Map, Value, json};

/// Bytes of an id, a kind, a nonce.
const ID: usize = 64;
/// Users named in a message.
const MENTIONS: usize = 100;
/// Messages of a history at most, and if the frame does not say.
const PAGE: u64 = 100;
const USUAL: u32 = 20;

/// Where a message goes, or is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A user.
    User(String),
    /// A group, by the id it was registered with.
    Group(String),
    /// A conversation, by the id that frames down carry.
    Conversation(String),
}

/// A frame up.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    /// A sign of life.
    Ping,
    /// A message.
    Chat(Message),
    /// What was said before.
    History {
        /// Where.
        target: Target,
        /// Before this message.
        before: Option<String>,
        /// How many.
        num: u32,
    },
}

/// A message to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// To whom.
    pub target: Target,
    /// The kind, as everywhere on the server: `text`, `image`, `voice`, …
    pub kind: String,
    /// The body of that kind.
    pub body: Map<String, Value>,
    /// The sender's own id for it.
    pub nonce: Option<String>,
    /// Users named in it.
    pub mentions: Vec<String>,
    /// Everyone is named.
    pub mention_all: bool,
}

impl Frame {
    /// Reads a frame.
    ///
    /// # Errors
    /// 400.
    pub fn read(text: &str) -> Outcome<Self> {
        let params = fields::parse(text)?;
        match fields::text(&params, "serviceType")? {
            "ping" => Ok(Self::Ping),
            "chat" => Ok(Self::Chat(message(&params)?)),
            "history" => Ok(Self::History {
                target: target(&params)?,
                before: name(&params, "before")?,
                num: match fields::optional(&params, "num") {
                    None => USUAL,
                    Some(_) => u32::try_from(fields::number(&params, "num", 1, PAGE)?).unwrap_or(USUAL),
                },
            }),
            _ => Err(Failure::malformed("serviceType", "must be chat, history or ping")),
        }
    }
}

fn message(params: &Params) -> Outcome<Message> {
    let kind = name(params, "type")?.unwrap_or_else(|| "text".to_owned());
    let body = match fields::required(params, "data")? {
        Value::Object(body) => body.clone(),
        Value::String(text) if kind == "text" => Map::from_iter([("text".to_owned(), json!(text))]),
        _ => return Err(Failure::malformed("data", "must be an object")),
    };
    let nonce = name(params, "nonce")?;
    if nonce.as_ref().is_some_and(|nonce| nonce.starts_with('~')) {
        return Err(Failure::malformed("nonce", "must not begin with ~"));
    }
    Ok(Message {
        target: target(params)?,
        kind,
        body,
        nonce,
        mentions: match fields::optional(params, "mentions") {
            None => Vec::new(),
            Some(named) => fields::list(named, "mentions", MENTIONS, ID)?,
        },
        mention_all: match fields::optional(params, "mentionAll") {
            None => false,
            Some(Value::Bool(all)) => *all,
            Some(_) => fields::number(params, "mentionAll", 0, 1)? == 1,
        },
    })
}

fn target(params: &Params) -> Outcome<Target> {
    let (uid, gid, id) = (
        name(params, "uid")?,
        name(params, "gid")?,
        name(params, "conversation")?,
    );
    match (uid, gid, id) {
        (Some(uid), None, None) => Ok(Target::User(uid)),
        (None, Some(gid), None) => Ok(Target::Group(gid)),
        (None, None, Some(id)) => Ok(Target::Conversation(id)),
        (None, None, None) => Err(Failure::missing("uid")),
        _ => Err(Failure::malformed("uid", "one of uid, gid and conversation is enough")),
    }
}

fn name(params: &Params, what: &str) -> Outcome<Option<String>> {
    fields::optional(params, what)
        .map(|value| fields::name(value, what, ID))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Value) -> Outcome<Frame> {
        Frame::read(&value.to_string())
    }

    #[test]
    fn each_frame_is_read() {
        let frame = read(json!({ "serviceType": "chat", "uid": 5, "data": "hi", "nonce": "n", "mentionAll": "1" }));
        let Ok(Frame::Chat(message)) = frame else {
            panic!("{frame:?}")
        };
        assert_eq!(
            (message.target, message.kind.as_str()),
            (Target::User("5".to_owned()), "text")
        );
        assert_eq!(Value::from(message.body), json!({ "text": "hi" }));
        assert!(message.mention_all);
        let frame = read(json!({ "serviceType": "history", "gid": "A", "before": "7" }));
        let (target, before) = (Target::Group("A".to_owned()), Some("7".to_owned()));
        assert_eq!(
            frame,
            Ok(Frame::History {
                target,
                before,
                num: 20
            })
        );
        assert_eq!(read(json!({ "serviceType": "ping" })), Ok(Frame::Ping));
    }

    #[test]
    fn mistakes_are_told() {
        for bad in [
            json!([]),
            json!({}),
            json!({ "serviceType": "event" }),
            json!({ "serviceType": "chat", "data": "x" }),
            json!({ "serviceType": "chat", "uid": "a", "gid": "b", "data": "x" }),
            json!({ "serviceType": "chat", "uid": "a" }),
            json!({ "serviceType": "chat", "uid": "a", "type": "image", "data": "x" }),
            json!({ "serviceType": "chat", "uid": "a", "data": "x", "nonce": "~1" }),
            json!({ "serviceType": "chat", "uid": "a", "data": "x", "mentions": [{}] }),
            json!({ "serviceType": "history", "uid": "a", "num": 0 }),
        ] {
            assert_eq!(read(bad.clone()).unwrap_err().code, 400, "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,60}") {
            let _ = Frame::read(&text);
        }
    }
}
