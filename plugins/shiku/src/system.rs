//! Changes of a room as messages of the system: one stored message, or one event, becomes an object for each member or
//! field that it is about. Pure; the words of the document's own types (907, 915) are the document's.

use serde_json::{Map, Value, json};

use crate::object::Said;
use crate::people;

/// The room that something happened in.
#[derive(Debug, Clone)]
pub struct Room {
    /// What clients call it.
    pub jid: String,
    /// Its 24 hex digits.
    pub id: String,
    /// Its name now.
    pub name: String,
}

/// What is told of one member or field.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Type, content, and the fields that come with them.
    pub said: Said,
    /// Who did it; none: the system.
    pub by: Option<String>,
    /// Whom it is about.
    pub about: Option<String>,
}

/// The room's settings as the document's 907 prints them.
const SETTINGS: &str = r#"{"lsLook":1,"allowSendCard":1,"isSecretGroup":0,"joinSeqNo":0,"isNeedVerify":0,"showMember":1,"showRead":0,"maxUserSize":1000}"#;

/// What the body of a system message tells, in order; never nothing.
pub fn told(body: &Value, room: &Room) -> Vec<Told> {
    let by = body["by"].as_str().map(str::to_owned);
    let mut told: Vec<Told> = match body["event"].as_str().unwrap_or_default() {
        "conversation_created" | "members_joined" => newcomers(body, room),
        "members_left" => people_of(body)
            .into_iter()
            .map(|uid| about(by.clone(), uid, said(904, room.name.as_str(), room)))
            .collect(),
        "conversation_updated" => changes(body)
            .into_iter()
            .map(|(kind, content)| plain(by.clone(), said(kind, content, room)))
            .collect(),
        "announced" => vec![plain(by.clone(), said(905, text(&body["text"]), room))],
        "owner_changed" => vec![about(
            by.clone(),
            text(&body["user"]),
            said(925, room.name.as_str(), room),
        )],
        "member_muted" => {
            let until = body["until"].as_u64().unwrap_or_default() / 1_000;
            vec![about(
                by.clone(),
                text(&body["user"]),
                said(906, until.to_string(), room),
            )]
        }
        "admin_made" => vec![about(by.clone(), text(&body["user"]), said(913, "1", room))],
        _ => Vec::new(),
    };
    if told.is_empty() {
        told.push(plain(by, said(10, words(body), room)));
    }
    told
}

/// One entry for each new member. Who made the room is new only if nobody else is.
fn newcomers(body: &Value, room: &Room) -> Vec<Told> {
    let by = body["by"].as_str();
    let mut uids = people_of(body);
    if body["event"] == "conversation_created" && uids.iter().any(|uid| Some(uid.as_str()) != by) {
        uids.retain(|uid| Some(uid.as_str()) != by);
    }
    if uids.is_empty() {
        uids.extend(by.map(str::to_owned));
    }
    let entry = |uid| {
        let mut said = said(907, room.name.as_str(), room);
        said.rest.insert("fileName".to_owned(), room.id.as_str().into());
        said.rest.insert("other".to_owned(), SETTINGS.into());
        about(by.map(str::to_owned), uid, said)
    };
    uids.into_iter().map(entry).collect()
}

/// The changed fields of a room, each as its type and content.
fn changes(body: &Value) -> Vec<(i64, String)> {
    let switch = |value: &Value| if *value == true || *value == 1 { "1" } else { "0" }.to_owned();
    let mut changes = Vec::new();
    if let Some(name) = body["name"].as_str() {
        changes.push((902, name.to_owned()));
    }
    if !body["muted"].is_null() {
        changes.push((920, switch(&body["muted"])));
    }
    if !body["members_invite"].is_null() {
        changes.push((921, switch(&body["members_invite"])));
    }
    if body.get("ext").is_some() {
        changes.push((915, switch(&body["ext"]["showRead"])));
    }
    changes
}

/// The room is gone.
pub fn dissolved(room: &Room, by: Option<String>) -> Told {
    plain(by, said(903, room.name.as_str(), room))
}

fn said(kind: i64, content: impl Into<String>, room: &Room) -> Said {
    let mut said = Said::new(kind, content);
    said.rest.insert("objectId".to_owned(), room.jid.as_str().into());
    said
}

fn plain(by: Option<String>, said: Said) -> Told {
    Told { said, by, about: None }
}

fn about(by: Option<String>, uid: String, said: Said) -> Told {
    Told {
        said,
        by,
        about: Some(uid),
    }
}

/// Words for what this protocol has no type for.
fn words(body: &Value) -> String {
    match text(&body["event"]).as_str() {
        "conversation_updated" if body["cover"].is_string() => "群头像已更新".to_owned(),
        "conversation_updated" => "群资料已更新".to_owned(),
        "" => text(&body["text"]),
        event => format!("[{event}]"),
    }
}

fn people_of(body: &Value) -> Vec<String> {
    let users = body["users"].as_array().map(Vec::as_slice).unwrap_or_default();
    users.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Everyone that the bodies of system messages name.
pub fn named(body: &Value) -> Vec<String> {
    let mut uids = people_of(body);
    uids.extend(body["by"].as_str().map(str::to_owned));
    uids.extend(body["user"].as_str().map(str::to_owned));
    uids
}

/// The object of what is told.
pub fn object(told: &Told, room: &Room, name_of: impl Fn(&str) -> String, head: (&str, u64)) -> Map<String, Value> {
    let (message, at) = head;
    let mut object = told.said.object();
    let by = told.by.as_deref();
    let fields = [
        ("fromUserId", json!(people::number(by))),
        ("fromUserName", json!(by.map(&name_of).unwrap_or_default())),
        (
            "messageHead",
            json!({ "chatType": 2, "from": format!("{}/Server", people::SERVER), "messageId": message,
                "offline": false, "to": room.jid }),
        ),
        ("timeSend", json!(at)),
    ];
    object.extend(fields.map(|(key, value)| (key.to_owned(), value)));
    if let Some(uid) = &told.about {
        object.insert("toUserId".to_owned(), people::number(Some(uid)).into());
        object.insert("toUserName".to_owned(), name_of(uid).into());
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room() -> Room {
        Room {
            jid: "6c1536dbf97540d1b906d76f4272a90d".into(),
            id: "60210278cb36d459fe88c196".into(),
            name: "测试群".into(),
        }
    }

    fn name_of(uid: &str) -> String {
        let name = match uid {
            "100164" => "张益达",
            "100158" => "测试001",
            _ => "朋友001",
        };
        name.to_owned()
    }

    fn printed(at: usize) -> (Value, String, u64) {
        let page: Value = serde_json::from_str(include_str!("../printed/muc.json")).unwrap();
        let object: Value = serde_json::from_str(page["data"][at]["message"].as_str().unwrap()).unwrap();
        let message = object["messageHead"]["messageId"].as_str().unwrap().to_owned();
        let at = object["timeSend"].as_u64().unwrap();
        (object, message, at)
    }

    #[test]
    fn newcomers_are_the_printed_ones() {
        let body = json!({"event": "conversation_created", "users": ["100164", "100158", "100159"], "by": "100164"});
        let told = told(&body, &room());
        assert_eq!(told.len(), 2, "the maker is not new: {told:?}");
        for (told, at) in told.iter().zip([5, 4]) {
            let (object, message, time) = printed(at);
            assert_eq!(
                Value::from(super::object(told, &room(), name_of, (&message, time))),
                object
            );
        }
    }

    #[test]
    fn a_switch_is_the_printed_one() {
        for (at, value) in [(3, 1), (2, 0)] {
            let (object, message, time) = printed(at);
            let body =
                json!({"event": "conversation_updated", "by": "100164", "users": [], "ext": {"showRead": value}});
            let told = told(&body, &room());
            assert_eq!(
                Value::from(super::object(&told[0], &room(), name_of, (&message, time))),
                object
            );
        }
    }

    #[test]
    fn every_change_is_told() {
        let kinds = |body: Value| -> Vec<(i64, String)> {
            let told = told(&body, &room());
            told.into_iter()
                .map(|told| (told.said.kind, told.said.content))
                .collect()
        };
        assert_eq!(
            kinds(json!({"event": "conversation_updated", "name": "新", "muted": true, "members_invite": false})),
            [(902, "新".into()), (920, "1".into()), (921, "0".into())]
        );
        assert_eq!(
            kinds(json!({"event": "announced", "text": "公告"})),
            [(905, "公告".into())]
        );
        assert_eq!(kinds(json!({"event": "members_left", "users": ["1", "2"]})).len(), 2);
        assert_eq!(kinds(json!({"event": "owner_changed", "user": "1"}))[0].0, 925);
        assert_eq!(
            kinds(json!({"event": "member_muted", "user": "1", "until": 5000})),
            [(906, "5".into())]
        );
        assert_eq!(
            kinds(json!({"event": "conversation_created", "users": ["1"], "by": "1"}))[0].0,
            907
        );
        for odd in [
            json!({}),
            json!([]),
            json!({"event": "x"}),
            json!({"event": "members_joined", "users": 3}),
        ] {
            assert!(!kinds(odd).is_empty());
        }
    }
}
