//! A message on its way down: the `msg.new` frame and the item of a list.
//!
//! An absent `attr`, `url` and `mention_client_ids` are the text `"null"` in a frame, and so are the last two in a list:
//! that is how the document prints them. Messages of other protocols keep everything they carry in `attr`.

use crate::answer::{Outcome, frame};
use crate::ids::{self, Prints, Thing};
use crate::up;
use serde::Serialize;
use serde_json::{Map, Value, json};
use switchboard_plugin::host::types::Message;

/// The text that stands for an absent value.
const NULL: &str = "null";

/// A message in this protocol's terms.
struct Down {
    id: String,
    kind: i8,
    text: Value,
    attr: Value,
    url: Value,
    mentions: Value,
    from: Value,
    sync: bool,
}

#[derive(Serialize)]
struct New {
    from_client: Value,
    conv_id: String,
    msg_id: String,
    ctime: u64,
    #[serde(rename = "type")]
    kind: i8,
    text: Value,
    attr: Value,
    url: Value,
    transient: &'static str,
    mention_all: u8,
    mention_client_ids: Value,
}

/// The frame that tells of a message.
///
/// # Errors
/// If its ids cannot be made now.
pub fn new(prints: &impl Prints, message: &Message) -> Outcome<String> {
    let down = Down::of(prints, message)?;
    let new = New {
        from_client: down.from,
        conv_id: ids::seal(prints, Thing::Conversation, &message.conversation_id)?,
        msg_id: down.id,
        ctime: message.created_at,
        kind: down.kind,
        text: down.text,
        attr: if down.attr.is_null() { NULL.into() } else { down.attr },
        url: down.url,
        transient: if message.id == "0" { "1" } else { "0" },
        mention_all: message.mention_all.into(),
        mention_client_ids: down.mentions,
    };
    Ok(frame("msg.new", None, new))
}

/// A message of a list.
#[derive(Serialize)]
pub struct Item {
    msg_id: String,
    conv_id: String,
    #[serde(rename = "type")]
    kind: i8,
    text: Value,
    attr: Value,
    url: Value,
    ctime: u64,
    msg_status: u8,
    no_sync: u8,
    mention_all: u8,
    mention_client_ids: Value,
    transient: u8,
    mtime: Option<u64>,
    client_id: Option<String>,
}

/// A message as a list of a conversation shows it, which clients see under this id.
///
/// # Errors
/// If its id cannot be made now.
pub fn item(prints: &impl Prints, conv_id: &str, message: &Message) -> Outcome<Item> {
    let down = Down::of(prints, message)?;
    Ok(Item {
        msg_id: down.id,
        conv_id: conv_id.to_owned(),
        kind: down.kind,
        text: down.text,
        attr: down.attr,
        url: down.url,
        ctime: message.created_at,
        msg_status: message.recalled_at.is_none().into(),
        no_sync: down.sync.into(),
        mention_all: message.mention_all.into(),
        mention_client_ids: down.mentions,
        transient: 0,
        mtime: message.edited_at,
        client_id: message.sender.uid.clone(),
    })
}

impl Down {
    fn of(prints: &impl Prints, message: &Message) -> Outcome<Self> {
        let mut body: Map<String, Value> = serde_json::from_str(&message.body).unwrap_or_default();
        let marks = body.remove("imrest");
        let mark = |name: &str| marks.as_ref().and_then(|marks| marks.get(name));
        let uid = message.sender.uid.as_deref();
        let number = uid
            .and_then(ids::as_number)
            .filter(|_| mark("numeric") == Some(&Value::Bool(true)));
        let id = match mark("id").and_then(Value::as_str) {
            Some(id) if message.id == "0" => id.to_owned(),
            // Without one of its own, a transient message has its time.
            _ if message.id == "0" => ids::seal(prints, Thing::Moment, &message.created_at.to_string())?,
            _ => ids::seal(prints, Thing::Message, &message.id)?,
        };
        let sync = mark("sync").is_some();
        let kind = up::number(&message.kind);
        let text = body.remove("text").filter(|text| text.is_string() && *text != "");
        let text = match kind {
            Some(_) => text.unwrap_or_default(),
            None => words(&message.kind, text.as_ref().and_then(Value::as_str), &body).into(),
        };
        let url = body
            .remove("url")
            .filter(Value::is_string)
            .unwrap_or_else(|| NULL.into());
        let attr = attr(body, marks.is_some(), (kind.is_none()).then_some(message.kind.as_str()));
        let mentions = match message.mentions.as_slice() {
            [] => NULL.into(),
            named => json!(named),
        };
        Ok(Self {
            id,
            kind: kind.unwrap_or(-1),
            text,
            attr,
            url,
            mentions,
            from: number.map_or_else(|| json!(uid), Value::from),
            sync,
        })
    }
}

/// What the sender here has put into `attr`; of a message from elsewhere everything it carries, so that nothing is lost.
fn attr(mut body: Map<String, Value>, ours: bool, foreign_kind: Option<&str>) -> Value {
    let own = body.remove("attr").unwrap_or_default();
    if ours {
        return own;
    }
    if let Some(kind) = foreign_kind {
        body.insert("kind".to_owned(), kind.into());
    }
    match own {
        Value::Null if body.is_empty() => Value::Null,
        own if body.is_empty() => own,
        Value::Object(own) => {
            for (name, value) in own {
                body.entry(name).or_insert(value);
            }
            body.into()
        }
        Value::Null => body.into(),
        own => {
            body.insert("attr".to_owned(), own);
            body.into()
        }
    }
}

/// Words for a kind that this protocol has no type for.
fn words(kind: &str, text: Option<&str>, body: &Map<String, Value>) -> String {
    let field = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let (label, what) = match kind {
        "card" => ("Card", field("nickname")),
        "link" => ("Link", field("title")),
        "red-packet" => ("Red packet", ""),
        "system" => ("System", field("event")),
        _ => return text.map_or_else(|| format!("[{kind}]"), str::to_owned),
    };
    let what = text.unwrap_or(what);
    format!("[{label}] {what}").trim_end().to_owned()
}

#[cfg(test)]
mod tests;
