//! Users as the protocol shows them.

use serde::Serialize;
use serde_json::Value;
use switchboard_plugin::host::types::User;
use switchboard_plugin::number_of;

/// A uid as the protocol writes it: a number where it is one, else the text. Clients send back what they were shown.
pub fn uid(uid: &str) -> Value {
    let number = number_of(uid);
    if number.to_string() == uid {
        Value::from(number)
    } else {
        Value::from(uid)
    }
}

/// An app's id or a message's: a number, as they all are.
pub fn number(id: &str) -> Value {
    id.parse::<u64>().map_or_else(|_| Value::from(id), Value::from)
}

/// A user as others see one; also a room, which the protocol shows in a user's place.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct Person {
    id: Value,
    nickname: String,
    remark: String,
    avatar: String,
    uid: Value,
    room_owner_uid: Value,
}

/// What a user's attributes may say to this protocol.
struct Attributes(Value);

impl Attributes {
    fn of(user: &User) -> Self {
        Self(serde_json::from_str(&user.attributes).unwrap_or_default())
    }

    fn text(&self, name: &str) -> String {
        self.0[name].as_str().unwrap_or_default().to_owned()
    }
}

impl Person {
    /// A user.
    pub fn of(user: &User) -> Self {
        Self {
            remark: Attributes::of(user).text("remark"),
            nickname: user.nickname.clone(),
            avatar: user.avatar.clone(),
            ..Self::called(&user.uid)
        }
    }

    /// A user of whom nothing is known but the uid.
    pub fn called(name: &str) -> Self {
        Self {
            id: Value::from(number_of(name)),
            nickname: name.to_owned(),
            remark: String::new(),
            avatar: String::new(),
            uid: uid(name),
            room_owner_uid: Value::from(0),
        }
    }

    /// What to call it; may be empty.
    pub fn nickname(&self) -> &str {
        &self.nickname
    }

    /// The app itself, which speaks without being a user.
    pub fn system() -> Self {
        Self {
            id: Value::from(0),
            nickname: "系统消息".to_owned(),
            remark: String::new(),
            avatar: String::new(),
            uid: Value::from(0),
            room_owner_uid: Value::from(0),
        }
    }

    /// A room.
    pub fn room(id: &str, name: &str, cover: &str, owner: Option<&str>, ext: &str) -> Self {
        let ext: Value = serde_json::from_str(ext).unwrap_or_default();
        Self {
            id: number(id),
            nickname: name.to_owned(),
            remark: ext["remark"].as_str().unwrap_or_default().to_owned(),
            avatar: cover.to_owned(),
            uid: Value::from(0),
            room_owner_uid: owner.map_or(Value::from(0), uid),
        }
    }
}

/// A user as it sees itself.
#[derive(Debug, Serialize)]
pub struct Oneself {
    #[serde(flatten)]
    person: Person,
    app_id: Value,
    auto_reply: String,
    auto_reply_offline: String,
}

impl Oneself {
    /// A user of an app.
    pub fn of(user: &User, app_id: &str) -> Self {
        let attributes = Attributes::of(user);
        Self {
            person: Person::of(user),
            app_id: number(app_id),
            auto_reply: attributes.text("auto_reply"),
            auto_reply_offline: attributes.text("auto_reply_offline"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn user(uid: &str, attributes: &str) -> User {
        User {
            uid: uid.to_owned(),
            nickname: "测试".to_owned(),
            avatar: String::new(),
            attributes: attributes.to_owned(),
            banned: false,
            attrs: Vec::new(),
        }
    }

    #[test]
    fn decimal_uids_are_numbers() {
        assert_eq!(uid("100164"), json!(100_164));
        for other in ["007", "alice", "9007199254740993", "-1", ""] {
            assert_eq!(uid(other), json!(other));
        }
    }

    #[test]
    fn users_of_other_systems_are_shown_too() {
        let shown = serde_json::to_value(Person::of(&user("1", r#"{"remark":"备注","phone":7}"#))).unwrap();
        assert_eq!(
            shown,
            json!({ "id": 1, "uid": 1, "nickname": "测试", "remark": "备注", "avatar": "", "room_owner_uid": 0 })
        );
        for attributes in ["", "[]", "null", r#"{"remark":7}"#] {
            let shown = serde_json::to_value(Oneself::of(&user("alice", attributes), "10001")).unwrap();
            assert_eq!((&shown["uid"], &shown["remark"]), (&json!("alice"), &json!("")));
            assert_eq!(shown["app_id"], 10_001);
        }
    }
}
