//! The server behind the trait: contract types in, contract types out, nothing decided here.

use serde::Deserialize;
use serde_json::Value;
use switchboard_plugin::host::messages_send::{Delivery, Echo};
use switchboard_plugin::host::{conversations_write, timers};
use switchboard_plugin::prelude::*;

use crate::answer::NOTICE;
use crate::host::{Host, Mark, PAST, Past, Person, Say, Trouble};

/// This call's server.
pub struct Live {
    /// The name of this install.
    pub name: String,
}

fn trouble(error: Error) -> Trouble {
    if error.passes() {
        Trouble::Passing(error.into())
    } else {
        Trouble::Final(error.into())
    }
}

/// Whether the app has no such kind of message.
fn is_unknown(error: &Error) -> bool {
    matches!(error, Error::Refused(refusal) if refusal.code == "unknown_kind")
}

impl Host for Live {
    fn name(&self) -> &str {
        &self.name
    }

    fn person(&self, uid: &str) -> Result<Option<Person>, Trouble> {
        Ok(users::get(uid).map_err(trouble)?.map(person))
    }

    fn online(&self, uid: &str) -> Result<bool, Trouble> {
        connections::online(uid).map_err(trouble)
    }

    fn others(&self, conversation: &str, uid: &str) -> Result<Vec<String>, Trouble> {
        // Three tell a pair from more.
        let members = conversations::members(conversation, None, 3).map_err(trouble)?;
        Ok(members
            .into_iter()
            .map(|member| member.uid)
            .filter(|other| other != uid)
            .collect())
    }

    fn past(&self, conversation: &str, before: Option<u64>) -> Result<Vec<Past>, Trouble> {
        let limit = u32::try_from(PAST).unwrap_or(u32::MAX);
        let messages = messages::history(conversation, before, limit).map_err(trouble)?;
        let past = |message: Message| Past {
            seq: message.seq,
            uid: message.sender.uid,
            automatic: message.sender.origin.is_some() || message.kind == NOTICE,
            at: message.created_at,
        };
        Ok(messages.into_iter().map(past).collect())
    }

    fn ext(&self, conversation: &str) -> Result<Value, Trouble> {
        let found = conversations::get(conversation).map_err(trouble)?;
        Ok(found.map_or(Value::Null, |found| {
            serde_json::from_str(&found.ext).unwrap_or_default()
        }))
    }

    fn merge(&self, conversation: &str, patch: &Value) -> Result<(), Trouble> {
        let patch = conversations_write::Patch {
            name: None,
            cover: None,
            ext: None,
            merge: Some(patch.to_string()),
            muted: None,
            members_invite: None,
        };
        let done = conversations_write::update(None, conversation, &patch);
        done.map(drop).map_err(trouble)
    }

    fn mark(&self, key: &str) -> Result<Option<Mark>, Trouble> {
        let mark = |entry: kv::Entry| Mark {
            text: String::from_utf8_lossy(&entry.value).into_owned(),
            version: entry.version,
        };
        Ok(kv::get(key).map_err(trouble)?.map(mark))
    }

    fn put_mark(&self, key: &str, expect: u64, text: &str, ttl_seconds: u32) -> Result<bool, Trouble> {
        kv::compare_and_set(key, expect, text.as_bytes(), Some(ttl_seconds)).map_err(trouble)
    }

    fn say(&self, say: &Say) -> Result<(), Trouble> {
        if let Some(content) = &say.message {
            let message = Outgoing::new(&say.conversation, &content.kind, content.body.to_string());
            match send(say, message) {
                // The words are for apps without such a kind.
                Err(error) if is_unknown(&error) && !say.text.is_empty() => {}
                done => return done.map_err(trouble),
            }
        }
        send(say, reply(&say.conversation, &say.text)).map_err(trouble)
    }

    fn arm(&self, name: &str, at: u64, payload: &Value) -> Result<(), Trouble> {
        let once = timers::Schedule {
            first_at: at,
            every: None,
            runs: None,
        };
        timers::set(name, once, &payload.to_string()).map(drop).map_err(trouble)
    }

    fn warn(&self, text: &str) {
        warn!("{text}");
    }
}

fn send(say: &Say, message: Outgoing) -> Result<(), Error> {
    let message = Outgoing {
        as_user: say.as_user.clone(),
        reply_to: say.reply_to.clone(),
        ..message
    };
    let Some(nonce) = &say.nonce else {
        return message.send().map(drop);
    };
    let delivery = Delivery {
        nonce: Some(nonce.clone()),
        mention_all: false,
        echo: Echo::Others,
    };
    messages_send::submit(&message, &delivery).map(drop)
}

/// A user's greetings are attributes; anything but a text counts as none.
fn person(user: User) -> Person {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Greetings {
        auto_reply: Value,
        auto_reply_offline: Value,
    }
    let attributes: Value = serde_json::from_str(&user.attributes).unwrap_or_default();
    let greetings = Greetings::deserialize(&attributes).unwrap_or_default();
    let text = |value: Value| value.as_str().unwrap_or_default().trim().to_owned();
    Person {
        uid: user.uid,
        nickname: user.nickname,
        auto_reply: text(greetings.auto_reply),
        auto_reply_offline: text(greetings.auto_reply_offline),
        attributes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said once a day would be lost for the day.
    #[test]
    fn what_a_minute_has_no_more_room_for_is_said_later() {
        let quota = |name: &str| trouble(Error::Quota(name.to_owned()));
        assert!(matches!(quota("messages_per_minute"), Trouble::Passing(_)));
        assert!(matches!(quota("timers"), Trouble::Final(_)));
    }

    #[test]
    fn greetings_are_texts_among_the_attributes() {
        let user = |attributes: &str| {
            person(User {
                uid: "u".into(),
                nickname: String::new(),
                avatar: String::new(),
                attributes: attributes.into(),
                banned: false,
                attrs: Vec::new(),
            })
        };
        let found = user(r#"{"auto_reply":" hi ","auto_reply_offline":null,"x":1}"#);
        assert_eq!(
            (found.auto_reply.as_str(), &found.attributes["x"]),
            ("hi", &Value::from(1))
        );
        assert!(!user(r#"{"auto_reply":" ","auto_reply_offline":7}"#).greets());
        assert!(!user("").greets());
    }
}
