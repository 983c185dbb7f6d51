//! What happens to groups and users, and its `data` in a system message: 10 profile, 12 edited, 13 dissolved, 14 removed,
//! 16 joined, 17 invited, 19 sync.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use switchboard_plugin::host::types::Conversation;

use crate::frames::Card;

/// Something that happened to a group.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Its data: the fields of `extra` that changed.
    Edited(Map<String, Value>),
    /// Someone brought these users in; none: the app itself.
    Invited {
        /// Who did.
        by: Option<String>,
        /// Whom.
        users: Vec<String>,
    },
    /// Someone came in, by oneself.
    Joined {
        /// Who.
        user: String,
    },
    /// These were put out by someone, or one went (`by` is the one).
    Left {
        /// Who did it; none: the app itself.
        by: Option<String>,
        /// Who is out.
        users: Vec<String>,
    },
}

/// The body of a stored message of kind `system`.
#[derive(Deserialize)]
struct Body {
    event: String,
    #[serde(default)]
    users: Vec<String>,
    by: Option<String>,
    name: Option<String>,
    cover: Option<String>,
    muted: Option<bool>,
    members_invite: Option<bool>,
    text: Option<String>,
    user: Option<String>,
}

impl Change {
    /// What a stored system message tells; none if this protocol has no word for it.
    #[must_use]
    pub fn of_body(body: &str) -> Option<Self> {
        let body: Body = serde_json::from_str(body).ok()?;
        match body.event.as_str() {
            "conversation_created" => Some(Self::Invited {
                by: body.by,
                users: body.users,
            }),
            "members_joined" => Self::joined(body.users, body.by),
            "members_left" => Self::left(body.users, body.by),
            "conversation_updated" => Self::updated(&body),
            "announced" => Some(Self::announced(body.text.as_deref())),
            "owner_changed" => Some(Self::handed_over(&body.user?)),
            _ => None,
        }
    }

    /// Users are in: by themselves, or brought in. One whom the app itself brings in is taken to have come by itself.
    #[must_use]
    pub fn joined(mut users: Vec<String>, by: Option<String>) -> Option<Self> {
        let alone = users.len() == 1 && by.as_ref().is_none_or(|by| *by == users[0]);
        if alone {
            return users.pop().map(|user| Self::Joined { user });
        }
        (!users.is_empty()).then_some(Self::Invited { by, users })
    }

    /// Users are out.
    #[must_use]
    pub fn left(users: Vec<String>, by: Option<String>) -> Option<Self> {
        (!users.is_empty()).then_some(Self::Left { by, users })
    }

    /// There is a new announcement.
    #[must_use]
    pub fn announced(text: Option<&str>) -> Self {
        Self::Edited(one("notice", text.unwrap_or_default().into()))
    }

    /// There is a new owner.
    #[must_use]
    pub fn handed_over(owner: &str) -> Self {
        Self::Edited(one("app_user_id", owner.into()))
    }

    fn updated(body: &Body) -> Option<Self> {
        let mut extra = Map::new();
        if let Some(name) = &body.name {
            extra.insert("group_name".to_owned(), name.as_str().into());
        }
        if let Some(cover) = &body.cover {
            extra.insert("cover".to_owned(), cover.as_str().into());
        }
        if let Some(muted) = body.muted {
            extra.insert("banned_to_post".to_owned(), u8::from(muted).into());
        }
        if let Some(members_invite) = body.members_invite {
            // A new group is opened to its members by this dialect itself: that is no edit to tell of.
            if extra.is_empty() && body.by.is_none() && members_invite {
                return None;
            }
            extra.insert("invite_mode".to_owned(), invite_mode(members_invite));
        }
        (!extra.is_empty()).then_some(Self::Edited(extra))
    }

    /// All of a group's data, where nobody says what changed.
    #[must_use]
    pub fn now(group: &Conversation) -> Self {
        let mut extra = Map::new();
        extra.insert("group_name".to_owned(), group.name.as_str().into());
        extra.insert("cover".to_owned(), group.cover.as_str().into());
        extra.insert("banned_to_post".to_owned(), u8::from(group.muted).into());
        extra.insert("invite_mode".to_owned(), invite_mode(group.members_invite));
        Self::Edited(extra)
    }
}

/// In invite mode only the owner and admins bring users in.
#[must_use]
pub fn invite_mode(members_invite: bool) -> Value {
    u8::from(!members_invite).into()
}

fn one(name: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), value)])
}

/// A group as its details are shown.
#[must_use]
pub fn group_info(group: &Conversation) -> Value {
    json!({
        "group_id": group.id, "group_name": group.name, "cover": group.cover,
        "notice": group.notice.as_ref().map_or("", |notice| notice.text.as_str()),
        "banned_to_post": u8::from(group.muted), "invite_mode": invite_mode(group.members_invite),
        "app_user_id": group.owner.as_deref().unwrap_or_default(),
        "member_count": group.member_count, "create_time": group.created_at,
    })
}

/// 10: a user's profile is another.
#[must_use]
pub fn profile(user: &Card) -> Value {
    json!({ "content": "", "type": 10, "extra": user.full() })
}

/// 12: a group is edited.
#[must_use]
pub fn edited(group: &str, mut fields: Map<String, Value>) -> Value {
    fields.insert("group_id".to_owned(), group.into());
    json!({ "group_id": group, "content": "", "type": 12, "extra": fields })
}

/// 13: a group is over.
#[must_use]
pub fn dissolved(group: &str, name: &str) -> Value {
    json!({ "group_id": group, "content": "", "type": 13, "extra": { "group_id": group, "group_name": name } })
}

/// 14: users are out of a group.
#[must_use]
pub fn removed(group: &str, users: &[Card], admin: &Card) -> Value {
    let users: Vec<Value> = users.iter().map(Card::pictured).collect();
    json!({
        "group_id": group, "content": "", "type": 14,
        "extra": { "removed_member_list": users, "group_id": group },
        "admin": admin.short(),
    })
}

/// 16: a user is in a group, by oneself.
#[must_use]
pub fn joined(group: &str, joiner: &Card, inviter: &Card) -> Value {
    json!({
        "group_id": group, "content": "", "type": 16,
        "extra": { "inviter": inviter.short(), "joiner": joiner.pictured() },
    })
}

/// 17: users were brought into a group.
#[must_use]
pub fn invited(group: &Conversation, inviter: &Card, invited: &[Card], members: &[Value]) -> Value {
    let invited: Vec<Value> = invited.iter().map(Card::pictured).collect();
    json!({
        "group_id": group.id, "content": "", "type": 17,
        "extra": {
            "inviter": inviter.short(), "invited_list": invited, "member_list": members, "group_info": group_info(group),
        },
    })
}

/// 19: what is not read, on connecting. Without anything a list is `{}`, as the document prints it.
#[must_use]
pub fn sync(user: &str, friends: Vec<Value>, groups: Vec<Value>) -> Value {
    let list = |items: Vec<Value>| if items.is_empty() { json!({}) } else { items.into() };
    json!({
        "to_app_user_id": user, "content": "", "type": 19,
        "extra": { "friendList": list(friends), "groupList": list(groups) },
        "sub_type": "personal",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(body: Value) -> Option<Change> {
        Change::of_body(&body.to_string())
    }

    #[test]
    fn who_comes_by_oneself_joins_and_who_is_brought_is_invited() {
        let joined = |user: &str| Some(Change::Joined { user: user.into() });
        assert_eq!(
            change(json!({ "event": "members_joined", "users": ["a"], "by": null })),
            joined("a")
        );
        assert_eq!(
            change(json!({ "event": "members_joined", "users": ["a"], "by": "a" })),
            joined("a")
        );
        for (users, by) in [
            (json!(["a"]), json!("b")),
            (json!(["a", "c"]), json!(null)),
            (json!(["a", "b"]), json!("b")),
        ] {
            let body = json!({ "event": "members_joined", "users": users, "by": by });
            assert!(matches!(change(body), Some(Change::Invited { .. })));
        }
    }

    #[test]
    fn only_what_changed_is_told() {
        let edited = |body: Value| match change(body) {
            Some(Change::Edited(extra)) => Value::Object(extra),
            other => panic!("{other:?}"),
        };
        let updated = json!({ "event": "conversation_updated", "by": "a", "name": "n", "muted": true, "ext": {} });
        assert_eq!(edited(updated), json!({ "group_name": "n", "banned_to_post": 1 }));
        let invite =
            |by: Value, open: bool| json!({ "event": "conversation_updated", "by": by, "members_invite": open });
        assert_eq!(edited(invite(json!("a"), true)), json!({ "invite_mode": 0 }));
        assert_eq!(edited(invite(json!(null), false)), json!({ "invite_mode": 1 }));
        assert_eq!(change(invite(json!(null), true)), None);
        assert_eq!(
            edited(json!({ "event": "announced", "text": "t", "notice_id": "1" })),
            json!({ "notice": "t" })
        );
        assert_eq!(
            edited(json!({ "event": "owner_changed", "user": "b" })),
            json!({ "app_user_id": "b" })
        );
    }

    #[test]
    fn what_has_no_word_is_not_told() {
        for body in [
            json!({ "event": "member_muted", "user": "a", "until": 5 }),
            json!({ "event": "conversation_updated", "ext": {} }),
            json!({ "event": "something_new" }),
            json!({ "event": "owner_changed" }),
            json!({ "event": "members_left", "users": [] }),
            json!({ "users": [] }),
            json!([]),
        ] {
            assert_eq!(change(body), None);
        }
    }

    #[test]
    fn an_empty_sync_is_as_the_document_prints_it() {
        assert_eq!(
            sync("572402b0988e33369ad8ff0d3cd440a9", Vec::new(), Vec::new()),
            json!({
                "to_app_user_id": "572402b0988e33369ad8ff0d3cd440a9", "content": "", "type": 19,
                "extra": { "friendList": {}, "groupList": {} }, "sub_type": "personal"
            })
        );
    }

    #[test]
    fn a_joiner_is_as_the_document_prints_it() {
        let card = |uid: &str| Card {
            uid: uid.into(),
            nickname: "小白挨饿的时候".into(),
            head: "http://img.xmfish.com/attachment/upload/middle/67/2233367.jpg".into(),
        };
        let data = joined(
            "3",
            &card("jianjianxianshen1g"),
            &card("572f02b0988e3x369ad8ff0d3cd440a9"),
        );
        let printed = r#"{"group_id":"3","content":"","type":16,"extra":{"inviter":{"nickname":"\u5c0f\u767d\u6328\u997f\u7684\u65f6\u5019","app_user_id":"572f02b0988e3x369ad8ff0d3cd440a9"},"joiner":{"nickname":"\u5c0f\u767d\u6328\u997f\u7684\u65f6\u5019","app_user_id":"jianjianxianshen1g","head":"http:\/\/img.xmfish.com\/attachment\/upload\/middle\/67\/2233367.jpg"}}}"#;
        assert_eq!(data, serde_json::from_str::<Value>(printed).unwrap());
    }

    proptest::proptest! {
        #[test]
        fn any_body_can_be_read(body in ".{0,80}") {
            let _ = Change::of_body(&body);
        }
    }
}
