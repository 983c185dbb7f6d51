//! A server of one conversation and a model that answers by the book, for tests. It can be killed in the middle of a call,
//! and like the real one it answers a repeated write of a call as it did the first time.

use crate::config::Config;
use crate::gate::Heard;
use crate::host::{Answer, Host, Past, Room, Say, Trouble};
use crate::settings::Endpoint;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};

/// A configuration with all that is needed, and more.
pub fn config(more: Value) -> Config {
    let mut config = json!({ "bot": "bot", "endpoint": { "url": "https://llm/v1", "model": "m" } });
    config
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    Config::parse(&config.to_string()).unwrap()
}

/// A customer's message to the bot.
pub fn heard(text: &str) -> Heard<'_> {
    Heard {
        id: "41",
        seq: 10,
        conversation: "7",
        place: "direct",
        uid: Some("ann"),
        automatic: false,
        mentions: &[],
        text,
        at: 86_400_000,
    }
}

/// What an endpoint answers.
pub fn completion(content: &str, tokens: i64) -> Result<Answer, Trouble> {
    answer(
        200,
        &json!({ "choices": [{ "message": { "content": content } }], "usage": { "total_tokens": tokens } }).to_string(),
    )
}

pub fn answer(status: u16, body: &str) -> Result<Answer, Trouble> {
    Ok(Answer {
        status,
        body: body.as_bytes().to_vec(),
    })
}

fn full() -> Trouble {
    Trouble::Final("quota used up: key-value bytes".to_owned())
}

pub struct Fake {
    pub room: RefCell<Option<Room>>,
    /// What the room becomes while the model is asked.
    pub meanwhile: RefCell<Option<Room>>,
    pub past: Vec<Past>,
    /// What the model answers, the last one again and again.
    pub answers: RefCell<VecDeque<Result<Answer, Trouble>>>,
    pub asked: RefCell<Vec<Value>>,
    pub said: RefCell<Vec<Say>>,
    pub fail_say: Cell<Option<Trouble>>,
    pub merged: RefCell<Vec<Value>>,
    pub typing: RefCell<Vec<bool>>,
    pub warned: RefCell<Vec<String>>,
    /// How many bytes of decisions there is room for; 0: nothing can be counted either.
    pub room_for: Cell<usize>,
    counters: RefCell<HashMap<String, i64>>,
    decisions: RefCell<HashMap<String, String>>,
    /// What the writes of the call have answered, by their index.
    effects: RefCell<HashMap<usize, i64>>,
    next: Cell<usize>,
    /// How many steps are left before the server is killed.
    left: Cell<usize>,
}

impl Default for Fake {
    fn default() -> Self {
        Fake {
            room: RefCell::new(Some(Room::default())),
            meanwhile: RefCell::default(),
            past: Vec::new(),
            answers: RefCell::new([completion("Hello!", 12)].into()),
            asked: RefCell::default(),
            said: RefCell::default(),
            fail_say: Cell::default(),
            merged: RefCell::default(),
            typing: RefCell::default(),
            warned: RefCell::default(),
            room_for: Cell::new(usize::MAX),
            counters: RefCell::default(),
            decisions: RefCell::default(),
            effects: RefCell::default(),
            next: Cell::new(0),
            left: Cell::new(usize::MAX),
        }
    }
}

impl Fake {
    pub fn with_ext(self, ext: Value) -> Self {
        *self.room.borrow_mut() = Some(Room {
            ext: ext.to_string(),
            last: None,
        });
        self
    }

    pub fn answering(self, answers: impl IntoIterator<Item = Result<Answer, Trouble>>) -> Self {
        *self.answers.borrow_mut() = answers.into_iter().collect();
        self
    }

    /// What is kept about the message.
    pub fn decided(&self) -> Option<String> {
        self.decisions.borrow().get("41").cloned()
    }

    pub fn counted(&self, key: &str) -> i64 {
        self.counters.borrow().get(key).copied().unwrap_or(0)
    }

    /// Begins a call that is killed after so many steps; of another event if `afresh`.
    pub fn begin(&self, steps: usize, afresh: bool) {
        self.left.set(steps);
        self.next.set(0);
        if afresh {
            self.effects.borrow_mut().clear();
        }
    }

    fn step(&self) -> Result<(), Trouble> {
        let Some(left) = self.left.get().checked_sub(1) else {
            return Err(Trouble::Passing("killed".to_owned()));
        };
        self.left.set(left);
        Ok(())
    }

    fn index(&self) -> usize {
        let index = self.next.get();
        self.next.set(index + 1);
        index
    }
}

impl Host for Fake {
    fn room(&self, _conversation: &str, _bot: &str) -> Result<Option<Room>, Trouble> {
        self.step()?;
        Ok(self.room.borrow().clone())
    }

    fn past(&self, _conversation: &str, limit: u32) -> Result<Vec<Past>, Trouble> {
        self.step()?;
        Ok(self.past.iter().take(limit as usize).cloned().collect())
    }

    fn decision(&self, message: &str) -> Result<Option<String>, Trouble> {
        self.step()?;
        Ok(self.decisions.borrow().get(message).cloned())
    }

    fn decide(&self, message: &str, decision: &str) -> Result<(), Trouble> {
        self.step()?;
        let index = self.index();
        if decision.len() > self.room_for.get() {
            return Err(full());
        }
        if self.effects.borrow_mut().insert(index, 0).is_none() {
            self.decisions
                .borrow_mut()
                .insert(message.to_owned(), decision.to_owned());
        }
        self.step()
    }

    fn count(&self, key: &str, delta: i64) -> Result<i64, Trouble> {
        self.step()?;
        let index = self.index();
        if self.room_for.get() == 0 {
            return Err(full());
        }
        let mut effects = self.effects.borrow_mut();
        let now = *effects.entry(index).or_insert_with(|| {
            let mut counters = self.counters.borrow_mut();
            let counter = counters.entry(key.to_owned()).or_default();
            *counter += delta;
            *counter
        });
        self.step()?;
        Ok(now)
    }

    fn typing(&self, _conversation: &str, _bot: &str, typing: bool) {
        self.index();
        if self.step().is_ok() {
            self.typing.borrow_mut().push(typing);
        }
    }

    fn ask(&self, _endpoint: &Endpoint, body: &str) -> Result<Answer, Trouble> {
        self.step()?;
        self.asked.borrow_mut().push(serde_json::from_str(body).unwrap());
        if let Some(room) = self.meanwhile.take() {
            *self.room.borrow_mut() = Some(room);
        }
        self.step()?;
        let mut answers = self.answers.borrow_mut();
        if answers.len() > 1 {
            return answers.pop_front().unwrap();
        }
        answers[0].clone()
    }

    fn say(&self, say: &Say) -> Result<(), Trouble> {
        self.step()?;
        self.index();
        if let Some(trouble) = self.fail_say.take() {
            return Err(trouble);
        }
        let mut said = self.said.borrow_mut();
        if !said.iter().any(|one| one.message == say.message) {
            said.push(say.clone());
        }
        self.step()
    }

    fn merge(&self, _conversation: &str, ext: &str) -> Result<(), Trouble> {
        self.step()?;
        self.index();
        let merged: Value = serde_json::from_str(ext).unwrap();
        if let Some(room) = self.room.borrow_mut().as_mut() {
            let mut ext: Value = serde_json::from_str(&room.ext).unwrap();
            ext["desk"]["wanted"] = merged["desk"]["wanted"].clone();
            room.ext = ext.to_string();
        }
        self.merged.borrow_mut().push(merged);
        self.step()
    }

    fn writes(&self) -> u32 {
        u32::try_from(self.next.get()).unwrap()
    }

    fn pass(&self) -> Result<(), Trouble> {
        self.step()?;
        let index = self.index();
        self.effects.borrow_mut().entry(index).or_insert(0);
        self.step()
    }

    fn info(&self, _text: &str) {}

    fn warn(&self, text: &str) {
        self.warned.borrow_mut().push(text.to_owned());
    }
}
