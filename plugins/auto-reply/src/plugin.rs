//! The hooks and the server behind them: contract types in, contract types out, nothing decided here.

use crate::answer::{Heard, answer};
use crate::config::Config;
use crate::greeting::{Opening as Greeted, greet};
use crate::host::{Call, Host, Mark, Past, Person, Say, Trouble};
use crate::schema;
use serde::Deserialize;
use switchboard_plugin::prelude::*;

struct AutoReply;

#[switchboard_plugin::hook]
impl About for AutoReply {
    fn describe() -> Description {
        description!(schema::CONFIG)
    }
}

#[switchboard_plugin::hook]
impl Opened for AutoReply {
    fn handle(ctx: Context, opening: Opening) -> Result<(), String> {
        let (Some(peer), Some(config)) = (&opening.peer, configuration()) else {
            return Ok(());
        };
        let greeted = Greeted {
            conversation: &opening.conversation.id,
            opener: &opening.uid,
            peer,
        };
        settle(greet(
            &Live,
            &config,
            Call {
                id: &ctx.call_id,
                now: ctx.now,
            },
            &greeted,
        ))
    }
}

#[switchboard_plugin::hook]
impl Observer for AutoReply {
    fn interests() -> Interest {
        Interest::in_kinds(["text"])
    }

    fn handle(ctx: Context, event: Event) -> Result<(), String> {
        let Event::MessageSent(message) = event else {
            return Ok(());
        };
        let (Some(text), Some(config)) = (message.text(), configuration()) else {
            return Ok(());
        };
        let heard = Heard {
            id: &message.id,
            conversation: &message.conversation_id,
            pair: matches!(
                message.conversation_kind,
                ConversationKind::Direct | ConversationKind::Temporary
            ),
            uid: message.sender.uid.as_deref(),
            automatic: ctx.depth > 0 || message.sender.origin.is_some(),
            text: &text,
            at: message.created_at,
        };
        settle(answer(
            &Live,
            &config,
            Call {
                id: &ctx.call_id,
                now: ctx.now,
            },
            &heard,
        ))
    }
}

/// The configuration; a broken one is told and stands for none, for calling again would not mend it.
fn configuration() -> Option<Config> {
    Config::parse(&config::get())
        .inspect_err(|error| error!("{error}"))
        .ok()
}

/// Only what may work the next time is an error of the call.
fn settle(done: Result<(), Trouble>) -> Result<(), String> {
    match done {
        Ok(()) => Ok(()),
        Err(Trouble::Final(text)) => {
            warn!("no reply: {text}");
            Ok(())
        }
        Err(Trouble::Passing(text)) => Err(text),
    }
}

fn trouble(error: Error) -> Trouble {
    match error {
        Error::Unavailable(_) => Trouble::Passing(error.into()),
        _ => Trouble::Final(error.into()),
    }
}

/// The most of the past that is looked at for a human's answer.
const PAST: u32 = 100;

struct Live;

impl Host for Live {
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

    fn past(&self, conversation: &str) -> Result<Vec<Past>, Trouble> {
        let messages = messages::history(conversation, None, PAST).map_err(trouble)?;
        let past = |message: Message| Past {
            uid: message.sender.uid,
            automatic: message.sender.origin.is_some(),
            at: message.created_at,
        };
        Ok(messages.into_iter().map(past).collect())
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

    fn clear_mark(&self, key: &str) -> Result<(), Trouble> {
        kv::delete(key).map_err(trouble)
    }

    fn say(&self, say: &Say) -> Result<(), Trouble> {
        let outgoing = Outgoing {
            as_user: say.as_user.clone(),
            reply_to: say.reply_to.clone(),
            ..reply(&say.conversation, &say.text)
        };
        outgoing.send().map(drop).map_err(trouble)
    }

    fn warn(&self, text: &str) {
        warn!("{text}");
    }
}

/// A user's greetings are attributes; anything but a text counts as none.
fn person(user: User) -> Person {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Attributes {
        auto_reply: serde_json::Value,
        auto_reply_offline: serde_json::Value,
    }
    let attributes: Attributes = serde_json::from_str(&user.attributes).unwrap_or_default();
    let text = |value: serde_json::Value| value.as_str().unwrap_or_default().trim().to_owned();
    Person {
        uid: user.uid,
        nickname: user.nickname,
        auto_reply: text(attributes.auto_reply),
        auto_reply_offline: text(attributes.auto_reply_offline),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(
            user(r#"{"auto_reply":" hi ","auto_reply_offline":null,"x":1}"#).auto_reply,
            "hi"
        );
        assert!(!user(r#"{"auto_reply":" ","auto_reply_offline":7}"#).greets());
        assert!(!user("").greets());
    }
}
