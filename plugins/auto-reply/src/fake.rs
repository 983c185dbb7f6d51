//! A server of a few users and one conversation, for tests.

use crate::host::{Host, Mark, Past, Person, Say, Trouble};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

#[derive(Default)]
pub struct Fake {
    pub lose_races: bool,
    pub fail_say: Cell<Option<Trouble>>,
    pub said: RefCell<Vec<Say>>,
    pub writes: RefCell<Vec<&'static str>>,
    people: HashMap<String, Person>,
    online: Vec<String>,
    members: Vec<String>,
    past: Vec<Past>,
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
        };
        self.people.insert(uid.to_owned(), person);
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

    pub fn past(mut self, past: Past) -> Fake {
        self.past.push(past);
        self
    }
}

impl Host for Fake {
    fn person(&self, uid: &str) -> Result<Option<Person>, Trouble> {
        Ok(self.people.get(uid).cloned())
    }

    fn online(&self, uid: &str) -> Result<bool, Trouble> {
        Ok(self.online.iter().any(|online| online == uid))
    }

    fn others(&self, _conversation: &str, uid: &str) -> Result<Vec<String>, Trouble> {
        Ok(self.members.iter().filter(|member| *member != uid).cloned().collect())
    }

    fn past(&self, _conversation: &str) -> Result<Vec<Past>, Trouble> {
        Ok(self.past.clone())
    }

    fn mark(&self, key: &str) -> Result<Option<Mark>, Trouble> {
        Ok(self.marks.borrow().get(key).cloned())
    }

    fn put_mark(&self, key: &str, expect: u64, text: &str, _ttl_seconds: u32) -> Result<bool, Trouble> {
        self.writes.borrow_mut().push("mark");
        let mut marks = self.marks.borrow_mut();
        let version = marks.get(key).map_or(0, |mark| mark.version);
        if self.lose_races || version != expect {
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

    fn clear_mark(&self, key: &str) -> Result<(), Trouble> {
        self.marks.borrow_mut().remove(key);
        Ok(())
    }

    fn say(&self, say: &Say) -> Result<(), Trouble> {
        self.writes.borrow_mut().push("say");
        if let Some(trouble) = self.fail_say.take() {
            return Err(trouble);
        }
        self.said.borrow_mut().push(say.clone());
        Ok(())
    }

    fn warn(&self, text: &str) {
        panic!("{text}");
    }
}
