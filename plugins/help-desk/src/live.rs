//! The real server behind [`Host`].

use serde_json::{Value, json};
use switchboard_plugin::host::conversations::Filter;
use switchboard_plugin::host::conversations_write::{self, NewConversation, Patch};
use switchboard_plugin::host::messages_send::{self, Delivery, Echo};
use switchboard_plugin::host::timers::{self, Schedule};
use switchboard_plugin::prelude::*;

use crate::host::{Entry, Host, Outcome as Answer, Person, Room, Trouble, Words};

/// The server.
pub struct Live;

/// How far back a person's last word is looked for.
const PAST: u32 = 50;
/// How many of a customer's newest conversations are looked at for a case that was just made.
const NEWEST: u32 = 100;
/// The most characters of a case's name.
const NAME: usize = 64;
/// How many members are looked at.
const MEMBERS: u32 = 1000;

fn trouble(error: Error) -> Trouble {
    match error {
        Error::Unavailable(_) | Error::Quota(_) => Trouble::Passing(error.into()),
        _ => Trouble::Final(error.into()),
    }
}

/// What is not there any more needs nothing done to it.
fn or_gone<T>(done: Result<T, Error>) -> Answer<()> {
    match done {
        Ok(_) | Err(Error::NotFound) => Ok(()),
        Err(error) => Err(trouble(error)),
    }
}

/// A kind of conversation by its name.
pub const fn kind_name(kind: ConversationKind) -> &'static str {
    match kind {
        ConversationKind::Direct => "direct",
        ConversationKind::Temporary => "temporary",
        ConversationKind::Group => "group",
        ConversationKind::Chatroom => "chatroom",
    }
}

impl Host for Live {
    fn get(&self, key: &str) -> Answer<Option<Entry>> {
        let entry = kv::get(key).map_err(trouble)?;
        Ok(entry.map(|entry| Entry {
            value: String::from_utf8_lossy(&entry.value).into_owned(),
            version: entry.version,
        }))
    }

    fn swap(&self, key: &str, expect: u64, value: &str, ttl_seconds: Option<u32>) -> Answer<bool> {
        kv::compare_and_set(key, expect, value.as_bytes(), ttl_seconds).map_err(trouble)
    }

    fn put(&self, key: &str, value: &str, ttl_seconds: Option<u32>) -> Answer<()> {
        kv::set(key, value.as_bytes(), ttl_seconds).map_err(trouble)
    }

    fn drop_key(&self, key: &str) -> Answer<()> {
        kv::delete(key).map_err(trouble)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: u32) -> Answer<Vec<String>> {
        kv::scan(prefix, after, limit).map_err(trouble)
    }

    fn timer(&self, name: &str) -> Answer<Option<(u64, String)>> {
        let timer = timers::get(name).map_err(trouble)?;
        Ok(timer.map(|timer| (timer.next_at, timer.payload)))
    }

    fn set_timer(&self, name: &str, at: u64, payload: &str) -> Answer<()> {
        let schedule = Schedule {
            first_at: at,
            every: None,
            runs: None,
        };
        timers::set(name, schedule, payload).map(drop).map_err(trouble)
    }

    fn say(&self, words: &Words<'_>) -> Answer<()> {
        let message = Outgoing::new(words.conversation, words.kind, words.body);
        let delivery = Delivery {
            nonce: Some(words.nonce.to_owned()),
            mention_all: false,
            echo: Echo::Others,
        };
        or_gone(messages_send::submit(&message, &delivery))
    }

    fn room(&self, conversation: &str) -> Answer<Option<Room>> {
        let Some(found) = conversations::get(conversation).map_err(trouble)? else {
            return Ok(None);
        };
        let members = conversations::members(conversation, None, MEMBERS).map_err(trouble)?;
        let mut ext: Value = serde_json::from_str(&found.ext).unwrap_or_default();
        Ok(Some(Room {
            kind: kind_name(found.kind).to_owned(),
            desk: ext["desk"].take(),
            owner: found.owner.or(found.creator),
            members: members.into_iter().map(|member| member.uid).collect(),
        }))
    }

    fn note(&self, conversation: &str, merge: &Value) -> Answer<()> {
        let patch = Patch {
            name: None,
            cover: None,
            ext: None,
            merge: Some(merge.to_string()),
            muted: None,
            members_invite: None,
        };
        or_gone(conversations_write::update(None, conversation, &patch))
    }

    fn case_of(&self, customer: &str, direct: &str) -> Answer<Option<String>> {
        let filter = Filter {
            id: None,
            kind: Some(ConversationKind::Group),
            creator: None,
            member: Some(customer.to_owned()),
            name: None,
        };
        let found = conversations::query(&filter, 0, NEWEST).map_err(trouble)?.conversations;
        let is_case = |room: &&Conversation| {
            let ext: Value = serde_json::from_str(&room.ext).unwrap_or_default();
            room.creator.is_none() && ext["desk"]["of"] == direct
        };
        Ok(found.iter().find(is_case).map(|room| room.id.clone()))
    }

    fn open_case(&self, customer: &str, direct: &str, name: &str) -> Answer<String> {
        let new = NewConversation {
            kind: ConversationKind::Group,
            members: vec![customer.to_owned()],
            name: name.chars().take(NAME).collect(),
            cover: String::new(),
            ext: Some(json!({ "desk": { "of": direct } }).to_string()),
        };
        let made = conversations_write::create(None, &new).map_err(trouble)?;
        Ok(made.conversation.id)
    }

    fn bring_in(&self, conversation: &str, uid: &str) -> Answer<()> {
        or_gone(conversations_write::add_members(None, conversation, &[uid.to_owned()]))
    }

    fn put_out(&self, conversation: &str, uid: &str) -> Answer<()> {
        or_gone(conversations_write::remove_members(
            None,
            conversation,
            &[uid.to_owned()],
        ))
    }

    fn person(&self, uid: &str) -> Answer<Option<Person>> {
        let user = users::get(uid).map_err(trouble)?;
        Ok(user.map(|user| Person {
            name: user.nickname,
            attributes: serde_json::from_str(&user.attributes).unwrap_or_default(),
        }))
    }

    fn online(&self, uid: &str) -> Answer<bool> {
        connections::online(uid).map_err(trouble)
    }

    fn push(&self, uid: &str, name: &str, data: &Value) -> Answer<()> {
        or_gone(connections::push(uid, name, &data.to_string()))
    }

    fn last_word(&self, conversation: &str) -> Answer<u64> {
        let past = match messages::history(conversation, None, PAST) {
            Err(Error::NotFound) => return Ok(0),
            past => past.map_err(trouble)?,
        };
        let human = |message: &Message| message.sender.uid.is_some() && message.sender.origin.is_none();
        Ok(past.into_iter().find(human).map_or(0, |message| message.created_at))
    }

    fn warn(&self, text: &str) {
        warn!("{text}");
    }
}
