//! A server for tests: it numbers the writes of a call and answers those of a call that is made again as it did before, it
//! can end a call at any question, and it can let several calls take turns in any order.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Condvar, Mutex, MutexGuard};

use serde_json::{Value, json};

use crate::agent::Agent;
use crate::host::{Entry, Host, Outcome, Person, Room, Trouble, Words};
use crate::ticket::Ticket;

#[derive(Default)]
pub struct FakeRoom {
    pub kind: String,
    pub owner: String,
    pub members: BTreeSet<String>,
    pub desk: Value,
    /// Nonce, kind and body.
    pub said: Vec<(String, String, String)>,
    pub last_word: u64,
    pub seq: u64,
}

#[derive(Clone, Copy, PartialEq)]
enum Known {
    Kv(bool),
    Timer,
}

#[derive(Clone)]
pub struct FakeTimer {
    pub at: u64,
    pub payload: String,
    pub generation: u64,
}

#[derive(Default)]
pub struct State {
    pub now: u64,
    pub kv: BTreeMap<String, Entry>,
    pub timers: BTreeMap<String, FakeTimer>,
    pub rooms: BTreeMap<String, FakeRoom>,
    pub people: HashMap<String, Person>,
    pub online: BTreeSet<String>,
    pub pushed: Vec<(String, String, Value)>,
    pub calls: u64,
    counter: u64,
    effects: HashMap<(String, u32), Known>,
}

#[derive(Default)]
pub struct World {
    pub state: Mutex<State>,
    gate: Gate,
}

impl World {
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn ticket(&self, conversation: &str) -> Option<Ticket> {
        let state = self.lock();
        let entry = state.kv.get(&Ticket::key(conversation))?;
        Some(serde_json::from_str(&entry.value).unwrap())
    }

    pub fn agent(&self, uid: &str) -> Agent {
        serde_json::from_str(&self.lock().kv[&Agent::key(uid)].value).unwrap()
    }

    pub fn texts(&self, conversation: &str) -> Vec<String> {
        let state = self.lock();
        let said = state.rooms[conversation].said.iter();
        let text = |body: &str| {
            serde_json::from_str::<Value>(body).unwrap()["text"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        said.map(|(_, _, body)| text(body)).collect()
    }

    /// A direct conversation.
    pub fn direct(&self, conversation: &str, a: &str, b: &str) {
        self.room(conversation, a);
        let mut state = self.lock();
        let room = state.rooms.get_mut(conversation).unwrap();
        room.kind = "direct".to_owned();
        room.members.insert(b.to_owned());
    }

    /// The cases of a direct conversation.
    pub fn cases(&self, direct: &str) -> Vec<String> {
        let state = self.lock();
        let cases = state.rooms.iter().filter(|(_, room)| room.desk["of"] == direct);
        cases.map(|(id, _)| id.clone()).collect()
    }

    pub fn room(&self, conversation: &str, owner: &str) {
        let room = FakeRoom {
            kind: "group".to_owned(),
            owner: owner.to_owned(),
            members: BTreeSet::from([owner.to_owned()]),
            ..FakeRoom::default()
        };
        self.lock().rooms.insert(conversation.to_owned(), room);
    }

    /// Lets calls take turns, each question a turn, in an order that `pick` chooses.
    pub fn take_turns<'s>(
        &'s self,
        calls: Vec<Box<dyn FnOnce(usize) + Send + 's>>,
        mut pick: impl FnMut(usize) -> usize,
    ) {
        std::thread::scope(|scope| {
            self.gate.turns.lock().unwrap().running = calls.len();
            for (number, call) in calls.into_iter().enumerate() {
                scope.spawn(move || {
                    call(number);
                    self.gate.turns.lock().unwrap().running -= 1;
                    self.gate.changed.notify_all();
                });
            }
            let mut turns = self.gate.turns.lock().unwrap();
            loop {
                while turns.running > 0 || turns.granted.is_some() {
                    turns = self.gate.changed.wait(turns).unwrap();
                }
                let waiting: Vec<usize> = turns.waiting.iter().copied().collect();
                if waiting.is_empty() {
                    break;
                }
                turns.granted = Some(waiting[pick(waiting.len())]);
                self.gate.changed.notify_all();
            }
        });
    }
}

#[derive(Default)]
struct Gate {
    turns: Mutex<Turns>,
    changed: Condvar,
}

#[derive(Default)]
struct Turns {
    waiting: BTreeSet<usize>,
    running: usize,
    granted: Option<usize>,
}

/// One call of the plugin.
pub struct Caller<'w> {
    pub world: &'w World,
    /// Its id: the same when it is made again.
    pub call: String,
    /// Whether the server remembers its writes.
    pub durable: bool,
    /// After how many questions it ends, if it does.
    pub fuel: Cell<Option<u32>>,
    /// Its number among those who take turns.
    pub turn: Option<usize>,
    next: Cell<u32>,
}

impl<'w> Caller<'w> {
    pub fn new(world: &'w World, call: impl Into<String>, durable: bool) -> Self {
        Self {
            world,
            call: call.into(),
            durable,
            fuel: Cell::new(None),
            turn: None,
            next: Cell::new(0),
        }
    }

    fn ask(&self) -> Outcome<MutexGuard<'w, State>> {
        if let Some(number) = self.turn {
            let gate = &self.world.gate;
            let mut turns = gate.turns.lock().unwrap();
            turns.waiting.insert(number);
            turns.running -= 1;
            gate.changed.notify_all();
            while turns.granted != Some(number) {
                turns = gate.changed.wait(turns).unwrap();
            }
            turns.granted = None;
            turns.waiting.remove(&number);
            turns.running += 1;
        }
        match self.fuel.get() {
            Some(0) => return Err(Trouble::Passing("killed".to_owned())),
            Some(left) => self.fuel.set(Some(left - 1)),
            None => {}
        }
        let mut state = self.world.lock();
        state.calls += 1;
        Ok(state)
    }

    fn write(&self) -> (String, u32) {
        let index = self.next.get();
        self.next.set(index + 1);
        (self.call.clone(), index)
    }

    /// A write of a key that the server remembers.
    fn keyed(&self, change: impl FnOnce(&mut State) -> bool) -> Outcome<bool> {
        let mut state = self.ask()?;
        let effect = self.write();
        if let Some(known) = state.effects.get(&effect) {
            return Ok(*known == Known::Kv(true));
        }
        let done = change(&mut state);
        if self.durable {
            state.effects.insert(effect, Known::Kv(done));
        }
        Ok(done)
    }
}

fn store(state: &mut State, key: &str, value: &str) {
    if key.starts_with("a/") {
        let agent: Agent = serde_json::from_str(value).unwrap();
        assert!(agent.load.len() <= agent.cap as usize, "more than its cap: {agent:?}");
    }
    state.counter += 1;
    let entry = Entry {
        value: value.to_owned(),
        version: state.counter,
    };
    state.kv.insert(key.to_owned(), entry);
}

impl Host for Caller<'_> {
    fn get(&self, key: &str) -> Outcome<Option<Entry>> {
        Ok(self.ask()?.kv.get(key).cloned())
    }

    fn swap(&self, key: &str, expect: u64, value: &str, _ttl_seconds: Option<u32>) -> Outcome<bool> {
        self.keyed(|state| {
            let fits = state.kv.get(key).map_or(0, |entry| entry.version) == expect;
            if fits {
                store(state, key, value);
            }
            fits
        })
    }

    fn put(&self, key: &str, value: &str, _ttl_seconds: Option<u32>) -> Outcome<()> {
        self.keyed(|state| {
            store(state, key, value);
            true
        })
        .map(drop)
    }

    fn drop_key(&self, key: &str) -> Outcome<()> {
        self.keyed(|state| {
            state.kv.remove(key);
            true
        })
        .map(drop)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: u32) -> Outcome<Vec<String>> {
        let state = self.ask()?;
        let keys = state
            .kv
            .keys()
            .filter(|key| key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after));
        Ok(keys.take(limit as usize).cloned().collect())
    }

    fn timer(&self, name: &str) -> Outcome<Option<(u64, String)>> {
        Ok(self
            .ask()?
            .timers
            .get(name)
            .map(|timer| (timer.at, timer.payload.clone())))
    }

    fn set_timer(&self, name: &str, at: u64, payload: &str) -> Outcome<()> {
        let mut state = self.ask()?;
        let effect = self.write();
        if state.effects.contains_key(&effect) {
            return Ok(());
        }
        if self.durable {
            state.effects.insert(effect, Known::Timer);
        }
        state.counter += 1;
        let timer = FakeTimer {
            at,
            payload: payload.to_owned(),
            generation: state.counter,
        };
        state.timers.insert(name.to_owned(), timer);
        Ok(())
    }

    fn say(&self, words: &Words<'_>) -> Outcome<()> {
        let mut state = self.ask()?;
        self.write();
        let said = &mut state.rooms.get_mut(words.conversation).unwrap().said;
        match said.iter().find(|(nonce, ..)| nonce == words.nonce) {
            Some((_, _, body)) => assert_eq!(body, words.body, "one nonce, two texts"),
            None => said.push((words.nonce.to_owned(), words.kind.to_owned(), words.body.to_owned())),
        }
        Ok(())
    }

    fn room(&self, conversation: &str) -> Outcome<Option<Room>> {
        Ok(self.ask()?.rooms.get(conversation).map(|room| Room {
            kind: room.kind.clone(),
            desk: room.desk.clone(),
            owner: Some(room.owner.clone()),
            members: room.members.iter().cloned().collect(),
        }))
    }

    fn note(&self, conversation: &str, merge: &Value) -> Outcome<()> {
        let mut state = self.ask()?;
        self.write();
        let desk = &mut state.rooms.get_mut(conversation).unwrap().desk;
        if !desk.is_object() {
            *desk = json!({});
        }
        for (name, value) in merge["desk"].as_object().unwrap() {
            if value.is_null() {
                desk.as_object_mut().unwrap().remove(name);
            } else {
                desk[name] = value.clone();
            }
        }
        Ok(())
    }

    fn case_of(&self, customer: &str, direct: &str) -> Outcome<Option<String>> {
        let state = self.ask()?;
        let mut rooms = state.rooms.iter();
        let found = rooms.find(|(_, room)| room.desk["of"] == direct && room.members.contains(customer));
        Ok(found.map(|(id, _)| id.clone()))
    }

    fn open_case(&self, customer: &str, direct: &str, _name: &str) -> Outcome<String> {
        let mut state = self.ask()?;
        self.write();
        state.counter += 1;
        let id = format!("{}", 1_000 + state.counter);
        let room = FakeRoom {
            kind: "group".to_owned(),
            owner: customer.to_owned(),
            members: BTreeSet::from([customer.to_owned()]),
            desk: json!({ "of": direct }),
            ..FakeRoom::default()
        };
        state.rooms.insert(id.clone(), room);
        Ok(id)
    }

    fn bring_in(&self, conversation: &str, uid: &str) -> Outcome<()> {
        let mut state = self.ask()?;
        self.write();
        let room = state.rooms.get_mut(conversation).unwrap();
        assert!(room.kind != "direct", "to a direct conversation nobody is added");
        room.members.insert(uid.to_owned());
        Ok(())
    }

    fn put_out(&self, conversation: &str, uid: &str) -> Outcome<()> {
        let mut state = self.ask()?;
        self.write();
        state.rooms.get_mut(conversation).unwrap().members.remove(uid);
        Ok(())
    }

    fn person(&self, uid: &str) -> Outcome<Option<Person>> {
        Ok(self.ask()?.people.get(uid).cloned())
    }

    fn online(&self, uid: &str) -> Outcome<bool> {
        Ok(self.ask()?.online.contains(uid))
    }

    fn push(&self, uid: &str, name: &str, data: &Value) -> Outcome<()> {
        let mut state = self.ask()?;
        self.write();
        state.pushed.push((uid.to_owned(), name.to_owned(), data.clone()));
        Ok(())
    }

    fn last_word(&self, conversation: &str) -> Outcome<u64> {
        Ok(self.ask()?.rooms[conversation].last_word)
    }

    fn warn(&self, text: &str) {
        panic!("{text}");
    }
}
