//! What the server itself says about the changes of a group: the bodies of messages of the kind `system`.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{Body, ConversationPatch, Millis, Notice, UserId};

/// A change of a group, as it is told in its history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemChange<'a> {
    /// It was made, with these in it.
    Created(&'a [UserId]),
    /// These came in.
    Joined(&'a [UserId]),
    /// These went, or were put out.
    Left(&'a [UserId]),
    /// Its data changed.
    Updated(&'a ConversationPatch),
    /// Something was announced.
    Announced(&'a Notice),
    /// It is somebody else's.
    OwnerChanged(&'a UserId),
    /// A member may not speak until a time, or may again.
    MemberMuted(&'a UserId, Option<Millis>),
}

#[derive(Serialize, Default)]
struct Told<'a> {
    event: &'static str,
    users: Vec<&'a str>,
    by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cover: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    muted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    members_invite: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ext: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notice_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Option<i64>>,
}

impl<'a> SystemChange<'a> {
    /// The message's body; `by` is who did it, none: the app itself.
    #[must_use]
    pub fn body(self, by: Option<&UserId>) -> Body {
        let told = Told {
            by: by.map(UserId::as_str),
            ..self.told()
        };
        serde_json::to_string(&told).map_or_else(|_| Body::empty(), |json| Body::trusted(&json))
    }

    fn told(self) -> Told<'a> {
        let about = |event, users: &'a [UserId]| Told {
            event,
            users: users.iter().map(UserId::as_str).collect(),
            ..Told::default()
        };
        match self {
            Self::Created(users) => about("conversation_created", users),
            Self::Joined(users) => about("members_joined", users),
            Self::Left(users) => about("members_left", users),
            Self::Updated(patch) => Told {
                name: patch.name.as_deref(),
                cover: patch.cover.as_deref(),
                muted: patch.muted,
                members_invite: patch.members_invite,
                ext: patch
                    .ext
                    .as_ref()
                    .and_then(|ext| serde_json::from_str(ext.as_str()).ok()),
                ..about("conversation_updated", &[])
            },
            Self::Announced(notice) => Told {
                notice_id: Some(notice.id.to_string()),
                text: Some(&notice.text),
                ..about("announced", &[])
            },
            Self::OwnerChanged(user) => Told {
                user: Some(user.as_str()),
                ..about("owner_changed", &[])
            },
            Self::MemberMuted(user, until) => Told {
                user: Some(user.as_str()),
                until: Some(until.map(|at| at.0)),
                ..about("member_muted", &[])
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_as_promised() {
        let (ann, bob) = (UserId::new("ann").unwrap(), UserId::new("bob").unwrap());
        let notice = Notice {
            id: 7,
            text: "hi".into(),
            by: None,
            created_at: Millis(1),
        };
        let patch = ConversationPatch {
            name: Some("n".into()),
            ext: Some(Body::trusted("{ \"a\":1.0}")),
            muted: Some(false),
            ..ConversationPatch::default()
        };
        let both = [ann.clone(), bob.clone()];
        for (change, by, body) in [
            (
                SystemChange::Created(&both),
                None,
                r#"{"event":"conversation_created","users":["ann","bob"],"by":null}"#,
            ),
            (
                SystemChange::Left(&both[..1]),
                Some(&ann),
                r#"{"event":"members_left","users":["ann"],"by":"ann"}"#,
            ),
            (
                SystemChange::Updated(&patch),
                Some(&ann),
                r#"{"event":"conversation_updated","users":[],"by":"ann","name":"n","muted":false,"ext":{ "a":1.0}}"#,
            ),
            (
                SystemChange::Announced(&notice),
                None,
                r#"{"event":"announced","users":[],"by":null,"notice_id":"7","text":"hi"}"#,
            ),
            (
                SystemChange::OwnerChanged(&bob),
                None,
                r#"{"event":"owner_changed","users":[],"by":null,"user":"bob"}"#,
            ),
            (
                SystemChange::MemberMuted(&bob, Some(Millis(5))),
                None,
                r#"{"event":"member_muted","users":[],"by":null,"user":"bob","until":5}"#,
            ),
            (
                SystemChange::MemberMuted(&bob, None),
                None,
                r#"{"event":"member_muted","users":[],"by":null,"user":"bob","until":null}"#,
            ),
        ] {
            assert_eq!(change.body(by).as_str(), body);
        }
    }
}
