//! Stored messages as rows of the protocol's lists.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use switchboard_plugin::host::types::{Message, User};

use crate::clock::Clock;
use crate::content::{self, SYSTEM_TYPE, Shown};
use crate::people::{Person, number, uid};
use crate::words;

/// The kind in which changes of groups are stored.
pub const SYSTEM_KIND: &str = "system";

/// Who is who in a list, by uid.
#[derive(Debug, Default)]
pub struct People(BTreeMap<String, Person>);

impl People {
    /// These users.
    pub fn of(users: &[User]) -> Self {
        Self(users.iter().map(|user| (user.uid.clone(), Person::of(user))).collect())
    }

    /// One of them; who is unknown is called by uid.
    pub fn get(&self, uid: &str) -> Person {
        self.0.get(uid).cloned().unwrap_or_else(|| Person::called(uid))
    }

    fn name(&self, uid: &str) -> String {
        let name = self.get(uid).nickname().to_owned();
        if name.is_empty() { uid.to_owned() } else { name }
    }
}

/// Everyone whose name the rows of these messages need.
pub fn uids_of<'a>(messages: impl IntoIterator<Item = &'a Message>) -> Vec<String> {
    let mut uids: Vec<String> = Vec::new();
    for message in messages {
        uids.extend(message.sender.uid.clone());
        if message.kind == SYSTEM_KIND {
            uids.extend(words::named(&serde_json::from_str(&message.body).unwrap_or_default()));
        }
    }
    uids.sort_unstable();
    uids.dedup();
    uids
}

/// The two sides of a direct conversation as one of them sees it; without a peer it is a room.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    pub viewer: &'a str,
    pub peer: Option<&'a str>,
}

/// A message as the lists of sessions show it.
#[derive(Debug, Serialize)]
pub struct Line {
    id: Value,
    #[serde(flatten)]
    shown: Shown,
    from_uid: Value,
    to_uid: Value,
    create_time: String,
    time: String,
}

/// A message as the lists of messages show it.
#[derive(Debug, Serialize)]
pub struct Row {
    #[serde(flatten)]
    line: Line,
    from_user: Person,
}

impl Line {
    /// Of a stored message.
    pub fn of(message: &Message, sides: Sides<'_>, people: &People, clock: Clock) -> Self {
        let from = message.sender.uid.as_deref();
        Self {
            id: number(&message.id),
            shown: shown(message, people),
            from_uid: from.map_or(Value::from(0), uid),
            to_uid: receiver(from, sides),
            create_time: clock.full(message.created_at),
            time: clock.short(message.created_at),
        }
    }

    /// Of a session in which nothing was said yet: clients read these fields without looking whether they are there.
    pub fn none(since: u64, clock: Clock) -> Self {
        Self {
            id: Value::from(0),
            shown: Shown::text(SYSTEM_TYPE, ""),
            from_uid: Value::from(0),
            to_uid: Value::from(0),
            create_time: clock.full(since),
            time: clock.short(since),
        }
    }
}

impl Row {
    /// Of a stored message.
    pub fn of(message: &Message, sides: Sides<'_>, people: &People, clock: Clock) -> Self {
        let from = message.sender.uid.as_deref();
        Self {
            line: Line::of(message, sides, people, clock),
            from_user: from.map_or_else(Person::system, |uid| people.get(uid)),
        }
    }
}

/// To whom a message went: the other one of two; rooms have no uid.
pub fn receiver(from: Option<&str>, sides: Sides<'_>) -> Value {
    match sides.peer {
        None => Value::from(0),
        Some(peer) if from == Some(peer) => uid(sides.viewer),
        Some(_) if from.is_none() => uid(sides.viewer),
        Some(peer) => uid(peer),
    }
}

fn shown(message: &Message, people: &People) -> Shown {
    if message.recalled_at.is_some() {
        return Shown::text(SYSTEM_TYPE, "[消息已撤回]");
    }
    if message.kind == SYSTEM_KIND {
        let body = serde_json::from_str(&message.body).unwrap_or_default();
        return Shown::text(SYSTEM_TYPE, words::of_change(&body, |uid| people.name(uid)));
    }
    content::shown(&message.kind, &message.body)
}

/// What a message says in one text, for `sys_message`.
pub fn text_of(message: &Message) -> String {
    match shown(message, &People::default()).content {
        content::Content::Text(text) => text,
        content::Content::Card(card) => card.get().to_owned(),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use serde_json::json;
    use switchboard_plugin::host::types::ConversationKind;

    const CLOCK: Clock = Clock {
        now: 1_700_000_000_000,
        offset_minutes: 480,
    };

    pub fn message(from: Option<&str>, kind: &str, body: &str) -> Message {
        let mut sender = switchboard_plugin::testing::sender(from.unwrap_or_default());
        sender.uid = from.map(str::to_owned);
        Message {
            id: "77".to_owned(),
            seq: 3,
            conversation_id: "5".to_owned(),
            conversation_kind: ConversationKind::Direct,
            sender,
            kind: kind.to_owned(),
            body: body.to_owned(),
            mentions: Vec::new(),
            mention_all: false,
            reply_to: None,
            nonce: "~1".to_owned(),
            created_at: 1_700_000_000_000,
            edited_at: None,
            recalled_at: None,
            attrs: Vec::new(),
        }
    }

    #[test]
    fn a_row_has_the_documents_fields() {
        let users = [User {
            uid: "1".to_owned(),
            nickname: "测试".to_owned(),
            avatar: "/a.png".to_owned(),
            attributes: "{}".to_owned(),
            banned: false,
            attrs: Vec::new(),
        }];
        let sides = Sides {
            viewer: "1",
            peer: Some("2"),
        };
        let row = Row::of(
            &message(Some("1"), "text", r#"{"text":"hi"}"#),
            sides,
            &People::of(&users),
            CLOCK,
        );
        assert_eq!(
            serde_json::to_value(&row).unwrap(),
            json!({
                "id": 77, "type": 1, "content": "hi", "from_uid": 1, "to_uid": 2,
                "create_time": "2023-11-15 06:13:20", "time": "06:13",
                "from_user": { "id": 1, "uid": 1, "nickname": "测试", "remark": "", "avatar": "/a.png", "room_owner_uid": 0 },
            })
        );
    }

    #[test]
    fn a_card_is_an_object_in_a_row() {
        let sides = Sides {
            viewer: "1",
            peer: Some("2"),
        };
        let card = message(Some("2"), "link", r#"{"attr":{"title":"x", "n":1.0}}"#);
        let row = serde_json::to_string(&Row::of(&card, sides, &People::default(), CLOCK)).unwrap();
        assert!(row.contains(r#""content":{"title":"x", "n":1.0}"#), "{row}");
        assert!(row.contains(r#""to_uid":1,"#), "{row}");
    }

    #[test]
    fn what_the_app_says_has_a_sender_to_show() {
        let sides = Sides {
            viewer: "1",
            peer: None,
        };
        let body = r#"{"event":"members_joined","users":["2"],"by":null}"#;
        let row = message(None, SYSTEM_KIND, body);
        assert_eq!(uids_of([&row]), ["2"]);
        let row = serde_json::to_value(Row::of(&row, sides, &People::default(), CLOCK)).unwrap();
        assert_eq!(
            (&row["type"], &row["content"], &row["from_uid"], &row["to_uid"]),
            (&json!(0), &json!("2加入群聊"), &json!(0), &json!(0))
        );
        assert_eq!(row["from_user"]["nickname"], "系统消息");
        let mut gone = message(Some("2"), "text", "{}");
        gone.recalled_at = Some(1);
        assert_eq!(text_of(&gone), "[消息已撤回]");
    }
}
