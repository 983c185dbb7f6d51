//! Stored messages as the records that the document prints: in the history of a room, in a user's own copy of a direct
//! history, and as the last entry of a list of chats. The object inside `message` is also the frame of the socket.

use serde_json::{Map, Value, json};
use switchboard_plugin::host::types::Message;
use switchboard_plugin::number_of;

use crate::ids;
use crate::object::{OTHER, Said};
use crate::people;
use crate::system::{self, Room};

/// Where a message is.
#[derive(Debug, Clone)]
pub enum Place {
    /// Between two users; what nobody says is said to the first.
    Direct {
        /// Who looks.
        viewer: String,
        /// The other one.
        peer: String,
    },
    /// In a room.
    Room(Room),
}

/// One entry that a message makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// 24 hex digits.
    pub record: String,
    /// When the server stored it.
    pub at: u64,
    /// The place of the message in its conversation.
    pub seq: u64,
    /// The object of the socket.
    pub object: Map<String, Value>,
}

/// The entries of a message, in order. One that was taken back has none.
pub fn shown(message: &Message, place: &Place, name_of: impl Fn(&str) -> String) -> Vec<Shown> {
    if message.recalled_at.is_some() {
        return Vec::new();
    }
    let body: Value = serde_json::from_str(&message.body).unwrap_or_default();
    let entry = |n: usize, object| Shown {
        record: ids::record(&message.id, n),
        at: message.created_at,
        seq: message.seq,
        object,
    };
    if let ("system", Place::Room(room)) = (message.kind.as_str(), place) {
        let told = system::told(&body, room).into_iter().enumerate();
        let object = |n, told| {
            let name = ids::entry(&message.id, n);
            system::object(&told, room, &name_of, (&name, message.created_at))
        };
        return told.map(|(n, told)| entry(n, object(n, told))).collect();
    }
    vec![entry(0, spoken(message, &body, place, name_of))]
}

/// The object of what a user, or the app, has said.
fn spoken(message: &Message, body: &Value, place: &Place, name_of: impl Fn(&str) -> String) -> Map<String, Value> {
    let mut said = Said::of(&message.kind, body);
    if said.kind == 8 && message.kind != OTHER {
        let user = said.rest.get("objectId").and_then(Value::as_str).map(number_of);
        said.rest
            .extend(user.map(|number| ("objectId".to_owned(), number.to_string().into())));
    }
    let from = message.sender.uid.as_deref();
    let (chat, to, to_name) = match place {
        Place::Direct { viewer, peer } => {
            let to = if from == Some(viewer.as_str()) { peer } else { viewer };
            (1, people::number(Some(to)), name_of(to))
        }
        Place::Room(room) => (2, room.jid.clone(), room.name.clone()),
    };
    let mut object = said.object();
    let fields = [
        ("fromUserId", json!(people::number(from))),
        ("fromUserName", json!(from.map(name_of).unwrap_or_default())),
        (
            "messageHead",
            json!({ "chatType": chat, "from": address(from), "messageId": ids::message(&message.id, &message.nonce),
                "offline": false, "to": to }),
        ),
        ("timeSend", json!(message.created_at)),
        ("toUserId", json!(to)),
        ("toUserName", json!(to_name)),
    ];
    object.extend(fields.map(|(key, value)| (key.to_owned(), value)));
    object
}

/// Who speaks, with the device; the server's own for nobody.
pub fn address(uid: Option<&str>) -> String {
    match uid {
        Some(_) => format!("{}/web", people::number(uid)),
        None => format!("{}/Server", people::SERVER),
    }
}

impl Shown {
    /// As it stands in the history of a room.
    pub fn in_room(&self, jid: &str, read_count: usize) -> Value {
        json!({
            "_id": self.record, "message": Value::from(self.object.clone()).to_string(), "room_jid": jid,
            "sender_jid": self.head("from"), "sender": self.object["fromUserId"], "ts": self.at,
            "contentType": self.object["type"], "messageId": self.head("messageId"), "timeSend": self.at,
            "deleteTime": 0, "content": self.object["content"], "readCount": read_count,
        })
    }

    /// As it stands in a user's own copy of a direct history. `read` is how far the viewer, and how far the other has
    /// read.
    pub fn in_copy(&self, viewer: &str, peer: &str, read: (u64, u64)) -> Value {
        let viewer = people::number(Some(viewer));
        let own = self.object["fromUserId"] == viewer;
        let reached = if own { read.1 } else { read.0 };
        json!({
            "_id": self.record, "message": Value::from(self.object.clone()).to_string(), "direction": u8::from(!own),
            "sender": viewer, "receiver": people::number(Some(peer)), "sender_jid": self.head("from"),
            "receiver_jid": self.head("to"), "ts": self.at, "contentType": self.object["type"],
            "messageId": self.head("messageId"), "timeSend": self.at, "deleteTime": 0,
            "isRead": u8::from(self.seq <= reached), "isEncrypt": false, "content": self.object["content"],
        })
    }

    /// As the last entry of a chat in the list of a user.
    pub fn last_of(&self, viewer: &str, place: &Place) -> Value {
        let (jid, is_room) = match place {
            Place::Direct { peer, .. } => (people::number(Some(peer)), 0),
            Place::Room(room) => (room.jid.clone(), 1),
        };
        let name = |key: &str| self.object.get(key).cloned().unwrap_or_else(|| json!(""));
        json!({
            "_id": self.record, "type": self.object["type"], "messageId": self.head("messageId"),
            "timeSend": self.at, "content": self.object["content"], "userId": people::number(Some(viewer)),
            "jid": jid, "isRoom": is_room, "isEncrypt": false, "encryptType": 0, "from": self.head("from"),
            "to": self.head("to"), "fromUserName": name("fromUserName"), "toUserName": name("toUserName"),
        })
    }

    fn head(&self, key: &str) -> &Value {
        &self.object["messageHead"][key]
    }
}

/// Everyone a message's entries name.
pub fn named(message: &Message) -> Vec<String> {
    if message.kind != "system" {
        return message.sender.uid.iter().cloned().collect();
    }
    system::named(&serde_json::from_str(&message.body).unwrap_or_default())
}

#[cfg(test)]
mod tests;
