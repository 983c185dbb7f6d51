//! Messages from a user to another, or into a group.

use serde_json::{Map, Value, json};
use switchboard_plugin::host::conversations;
use switchboard_plugin::host::conversations_write::{self, NewConversation};
use switchboard_plugin::host::messages_send::{self, Delivery, Echo, Outgoing, Receipt};
use switchboard_plugin::host::types::ConversationKind;

use super::{Said, Up};
use crate::answer::{DUPLICATE, Done, Fault};
use crate::content::{Content, Stored, show, store};
use crate::frames::id_number;
use crate::params::Params;
use crate::people::known;

/// Bytes of a nonce.
const NONCE: usize = 64;

/// Fields of a type that may stand beside `extra` instead of in it.
const BESIDE: [(u64, &[&str]); 3] = [
    (2, &["voice_url", "duration"]),
    (3, &["url", "width", "height", "is_original"]),
    (
        7,
        &["video_url", "cover_url", "videoTotalTime", "width", "height", "weight"],
    ),
];

/// To another user: their first message makes their conversation.
pub fn to_user(up: &Up<'_>) -> Done<Said> {
    let to = up.params.need("to_app_user_id")?;
    let (nonce, stored) = read(up.params)?;
    if to == up.uid {
        return Err(Fault::bad("to_app_user_id is the sender"));
    }
    let id = match conversations::direct(up.uid, &to)? {
        Some(direct) => direct.id,
        None => begun(up.uid, &to)?,
    };
    let number = up.params.whole("type")?;
    let receipt = submit(up.uid, &id, nonce, &stored)?;
    Ok(sent(&receipt, &stored, number, json!({ "to_app_user_id": to })))
}

/// Into a group.
pub fn to_group(up: &Up<'_>) -> Done<Said> {
    let id = group_id(up.params)?;
    let (nonce, stored) = read(up.params)?;
    let number = up.params.whole("type")?;
    let receipt = submit(up.uid, &id, nonce, &stored)?;
    Ok(sent(&receipt, &stored, number, json!({ "group_id": id })).with("group_id", id))
}

/// The group a frame is about, which may stand in `extra`.
pub fn group_id(params: &Params) -> Done<String> {
    if let Some(id) = params.text("group_id") {
        return Ok(id);
    }
    Params(params.object("extra")?).need("group_id")
}

fn begun(uid: &str, to: &str) -> Done<String> {
    // The host would make a user of any name.
    known(&[to.to_owned()])?;
    let new = NewConversation {
        kind: ConversationKind::Direct,
        members: vec![to.to_owned()],
        name: String::new(),
        cover: String::new(),
        ext: None,
    };
    Ok(conversations_write::create(Some(uid), &new)?.conversation.id)
}

fn read(params: &Params) -> Done<(String, Stored)> {
    let nonce = params.need("nonce")?;
    if nonce.len() > NONCE || nonce.starts_with('~') || nonce.contains(char::is_control) {
        return Err(Fault::bad(format!(
            "nonce has 1 to {NONCE} bytes and does not begin with ~"
        )));
    }
    let number = params.whole("type")?.ok_or_else(|| Fault::bad("type is missing"))?;
    let mut extra = params.object("extra")?;
    for name in BESIDE
        .iter()
        .filter(|(of, _)| *of == number)
        .flat_map(|(_, names)| *names)
    {
        if let Some(value) = params.0.get(*name).filter(|value| !value.is_null()) {
            extra.entry(*name).or_insert_with(|| value.clone());
        }
    }
    let content = Content {
        number,
        content: params.words("content")?.unwrap_or_default(),
        extra,
    };
    Ok((nonce, store(content)?))
}

fn submit(uid: &str, id: &str, nonce: String, stored: &Stored) -> Done<Receipt> {
    let message = Outgoing::new(id, stored.kind, Value::Object(stored.body.clone()).to_string()).as_user(uid);
    let delivery = Delivery {
        nonce: Some(nonce),
        mention_all: false,
        echo: Echo::Others,
    };
    Ok(messages_send::submit(&message, &delivery)?)
}

/// The result: what was sent comes back with the message's id, and with what was stored in `data`.
fn sent(receipt: &Receipt, stored: &Stored, number: Option<u64>, to: Value) -> Said {
    let body = receipt
        .body
        .clone()
        .unwrap_or_else(|| Value::Object(stored.body.clone()).to_string());
    let Content { content, extra, .. } = show(stored.kind, &body);
    let mut data: Map<String, Value> = to.as_object().cloned().unwrap_or_default();
    data.insert("content".to_owned(), content.into());
    data.insert("type".to_owned(), number.into());
    data.insert("extra".to_owned(), extra.into());
    let said = Said {
        fault: receipt
            .duplicate
            .then(|| Fault::new(DUPLICATE, "this nonce was sent before")),
        more: Map::new(),
    };
    said.with("data", Value::Object(data).to_string())
        .with("msg_id", id_number(&receipt.id))
}
