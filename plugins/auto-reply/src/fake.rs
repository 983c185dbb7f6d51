//! A server of a few users and one conversation, for tests.

use crate::host::{Host, Mark, PAST, Past, Person, Say, Trouble};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

#[derive(Default)]
pub struct Fake {
    /// So many writes of the record come too late.
    pub lose_races: Cell<usize>,
    pub fail_say: Cell<Option<Trouble>>,
    pub fail_merge: Cell<Option<Trouble>>,
    /// What was said anew: a name that is known says nothing.
    pub said: RefCell<Vec<Say>>,
    pub merged: RefCell<Vec<Value>>,
    pub armed: RefCell<Vec<(String, u64, Value)>>,
    pub writes: RefCell<Vec<&'static str>>,
    pub ext: RefCell<Value>,
    nonces: RefCell<HashSet<String>>,
    people: HashMap<String, Person>,
    online: Vec<String>,
    members: Vec<String>,
    past: RefCell<Vec<Past>>,
    marks: RefCell<HashMap<String, Mark>>,
}

impl Fake {
    /// A user whose nickname is the uid with a capital.
    pub fn user(mut self, uid: &str, auto_reply: &str, auto_reply_offline: &str) -> Fake {
        let nickname = uid[..1].to_uppercase() + &uid[1..];
        let person = Person {
            uid: uid.to_owned(),
            nickname,
            auto_reply: auto_reply.to_owned(),
            auto_reply_offline: auto_reply_offline.to_owned(),
            attributes: Value::Null,
        };
        self.people.insert(uid.to_owned(), person);
        self
    }

    pub fn attributes(mut self, uid: &str, attributes: Value) -> Fake {
        self.people.get_mut(uid).unwrap().attributes = attributes;
        self
    }

    pub fn online(mut self, uid: &str) -> Fake {
        self.online.push(uid.to_owned());
        self
    }

    pub fn members(mut self, uids: &[&str]) -> Fake {
        self.members = uids.iter().map(|uid| (*uid).to_owned()).collect();
        self
    }

    pub fn ext(self, ext: Value) -> Fake {
        *self.ext.borrow_mut() = ext;
        self
    }

    pub fn past(self, past: Past) -> Fake {
        self.happens(past);
        self
    }

    /// A message, after all others.
    pub fn happens(&self, past: Past) {
        self.past.borrow_mut().insert(0, past);
    }
}

impl Host for Fake {
    fn name(&self) -> &'static str {
        "auto-reply"
    }

    fn person(&self, uid: &str) -> Result<Option<Person>, Trouble> {
        Ok(self.people.get(uid).cloned())
    }

    fn online(&self, uid: &str) -> Result<bool, Trouble> {
        Ok(self.online.iter().any(|online| online == uid))
    }

    fn others(&self, _conversation: &str, uid: &str) -> Result<Vec<String>, Trouble> {
        Ok(self.members.iter().filter(|member| *member != uid).cloned().collect())
    }

    fn past(&self, _conversation: &str, before: Option<u64>) -> Result<Vec<Past>, Trouble> {
        let past = self.past.borrow();
        let past = past.iter().filter(|past| before.is_none_or(|before| past.seq < before));
        Ok(past.take(PAST).cloned().collect())
    }

    fn ext(&self, _conversation: &str) -> Result<Value, Trouble> {
        Ok(self.ext.borrow().clone())
    }

    fn merge(&self, _conversation: &str, patch: &Value) -> Result<(), Trouble> {
        self.writes.borrow_mut().push("merge");
        if let Some(trouble) = self.fail_merge.take() {
            return Err(trouble);
        }
        self.merged.borrow_mut().push(patch.clone());
        Ok(())
    }

    fn mark(&self, key: &str) -> Result<Option<Mark>, Trouble> {
        Ok(self.marks.borrow().get(key).cloned())
    }

    fn put_mark(&self, key: &str, expect: u64, text: &str, _ttl_seconds: u32) -> Result<bool, Trouble> {
        self.writes.borrow_mut().push("record");
        let mut marks = self.marks.borrow_mut();
        let version = marks.get(key).map_or(0, |mark| mark.version);
        if self.lose_races.get() > 0 || version != expect {
            self.lose_races.set(self.lose_races.get().saturating_sub(1));
            return Ok(false);
        }
        marks.insert(
            key.to_owned(),
            Mark {
                text: text.to_owned(),
                version: version + 1,
            },
        );
        Ok(true)
    }

    fn say(&self, say: &Say) -> Result<(), Trouble> {
        self.writes.borrow_mut().push("say");
        if let Some(trouble) = self.fail_say.take() {
            return Err(trouble);
        }
        let known = say
            .nonce
            .as_ref()
            .is_some_and(|nonce| !self.nonces.borrow_mut().insert(nonce.clone()));
        if !known {
            self.said.borrow_mut().push(say.clone());
        }
        Ok(())
    }

    fn arm(&self, name: &str, at: u64, payload: &Value) -> Result<(), Trouble> {
        self.writes.borrow_mut().push("arm");
        self.armed.borrow_mut().push((name.to_owned(), at, payload.clone()));
        Ok(())
    }

    fn warn(&self, text: &str) {
        panic!("{text}");
    }
}
