//! The desk on a fake server, told one call after another with a clock of the test's own.

use serde_json::{Value, json};

use super::fake::{Caller, World};
use crate::agent::Duty;
use crate::arrivals::Ask;
use crate::command::Typed;
use crate::config::Config;
use crate::console::Request;
use crate::desk::{Call, Desk, Done, phase_name};
use crate::events::Message;
use crate::moves::Refused;

pub struct Stage {
    pub world: World,
    pub config: Config,
}

impl Stage {
    /// Customers `c1` to `c5` own the conversations `1` to `5`; the agents `ann` and `bob` are there, one each.
    pub fn new(config: Value) -> Self {
        let mut full = json!({
            "agents": [{ "uid": "ann" }, { "uid": "bob" }], "cap": 1, "accept_seconds": 10,
            "queue": { "every_seconds": 5 }, "away": { "offline_seconds": 0 }, "survey": { "as": "text" },
        });
        full.as_object_mut()
            .unwrap()
            .extend(config.as_object().unwrap().clone());
        let stage = Self {
            world: World::default(),
            config: Config::parse(&full.to_string()).unwrap(),
        };
        stage.world.lock().now = 1_000_000;
        for number in 1..=5 {
            stage.world.room(&number.to_string(), &format!("c{number}"));
        }
        stage
    }

    pub fn do_<T>(&self, again: bool, what: impl FnOnce(&Desk<'_, Caller<'_>>) -> T) -> T {
        let (now, call) = {
            let mut state = self.world.lock();
            state.calls += 1;
            (state.now, format!("call{}", state.calls))
        };
        let caller = Caller::new(&self.world, call, again);
        what(&Desk::new(&caller, &self.config, Call { now, again }))
    }

    pub fn back(&self, uids: &[&str]) {
        for uid in uids {
            self.do_(false, |desk| desk.turns(uid, Duty::Online)).unwrap();
        }
    }

    pub fn ask(&self, conversation: &str) -> &'static str {
        self.world.lock().rooms.get_mut(conversation).unwrap().desk["wanted"] = json!({ "reason": "x" });
        let ask = Ask {
            conversation,
            room: &self.kind(conversation),
            customer: None,
            team: None,
            reason: "x",
            asked: true,
            seq: 0,
        };
        self.do_(true, |desk| desk.arrives(&ask)).unwrap();
        assert_eq!(self.world.lock().rooms[conversation].desk["wanted"], Value::Null);
        self.phase(conversation)
    }

    pub fn say(&self, conversation: &str, uid: &str, text: &str) {
        let (seq, at) = {
            let mut state = self.world.lock();
            let now = state.now;
            let room = state.rooms.get_mut(conversation).unwrap();
            room.seq += 1;
            room.last_word = now;
            (room.seq, now)
        };
        let message = Message {
            conversation,
            room: &self.kind(conversation),
            seq,
            uid: Some(uid),
            automatic: false,
            text: Some(text),
            at,
        };
        self.do_(true, |desk| desk.heard(&message)).unwrap();
    }

    /// Time passes, and all that is due fires.
    pub fn pass(&self, millis: u64) {
        let end = self.world.lock().now + millis;
        loop {
            let due = {
                let mut state = self.world.lock();
                let due = state
                    .timers
                    .iter()
                    .min_by_key(|(_, timer)| timer.at)
                    .map(|(name, timer)| (name.clone(), timer.clone()));
                let Some((name, timer)) = due.filter(|(_, timer)| timer.at <= end) else {
                    state.now = end;
                    return;
                };
                state.now = state.now.max(timer.at);
                (name, timer)
            };
            self.do_(true, |desk| desk.fires(&due.0)).unwrap();
            let mut state = self.world.lock();
            if state
                .timers
                .get(&due.0)
                .is_some_and(|timer| timer.generation == due.1.generation)
            {
                state.timers.remove(&due.0);
            }
        }
    }

    fn kind(&self, conversation: &str) -> String {
        self.world.lock().rooms[conversation].kind.clone()
    }

    /// What a conversation's data say of the desk.
    pub fn desk(&self, conversation: &str, name: &str) -> Value {
        self.world.lock().rooms[conversation].desk[name].clone()
    }

    pub fn phase(&self, conversation: &str) -> &'static str {
        self.world
            .ticket(conversation)
            .map_or("none", |ticket| phase_name(&ticket.phase))
    }

    pub fn agent_of(&self, conversation: &str) -> String {
        let ticket = self.world.ticket(conversation).unwrap();
        ticket.agent().unwrap_or("nobody").to_owned()
    }

    pub fn accept(&self, uid: &str, conversation: &str) {
        self.do_(false, |desk| desk.accepts(uid, conversation)).unwrap();
    }

    pub fn close(&self, uid: &str, conversation: &str) {
        self.do_(false, |desk| desk.closes(Some(uid), conversation)).unwrap();
    }

    pub fn type_(&self, uid: &str, conversation: &str, line: &str) -> Done<String> {
        let (name, arguments) = line.split_once(' ').unwrap_or((line, ""));
        let room = self.kind(conversation);
        self.do_(false, |desk| {
            desk.runs(&Typed {
                uid,
                conversation,
                room: &room,
                name,
                arguments,
            })
        })
    }

    pub fn serve(&self, uid: Option<&str>, method: &str, path: &str, body: Value) -> (u16, Value) {
        let body = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        let request = Request {
            method,
            path,
            query: &[],
            key: None,
            body: &body,
            uid,
        };
        self.do_(false, |desk| desk.serves(&request))
    }

    pub fn refused<T: std::fmt::Debug>(done: Done<T>, refused: Refused) {
        assert_eq!(done.unwrap_err(), refused.into());
    }
}
