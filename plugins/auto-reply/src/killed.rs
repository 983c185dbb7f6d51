//! Calls that are killed at any write and made again, in front of a server that names writes as the real one does: what is
//! said, merged and set in the end is what a server that was never killed would have done.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::answer::{Heard, hear};
use crate::config::Config;
use crate::fake::Fake;
use crate::greeting::{Opening, greet};
use crate::host::{Call, Host, Mark, Past, Person, Say, Trouble};
use crate::idle::{Waiting, fire};

/// One try of a call.
struct Attempt<'f> {
    fake: &'f Fake,
    /// What writes gave: by call and place.
    effects: &'f RefCell<HashMap<(String, u32), bool>>,
    call: String,
    /// Whether the call is made again, so that its writes are named.
    durable: bool,
    next: Cell<u32>,
    /// The write at which the server is killed, and whether that write is done.
    kill: Option<(u32, bool)>,
    dead: Cell<bool>,
}

impl Attempt<'_> {
    fn alive(&self) -> Result<(), Trouble> {
        if self.dead.get() {
            return Err(Trouble::Passing("killed".into()));
        }
        Ok(())
    }

    /// A write that is done once by its call and place.
    fn write(&self, named: bool, write: impl FnOnce() -> Result<bool, Trouble>) -> Result<bool, Trouble> {
        self.alive()?;
        let place = self.next.replace(self.next.get() + 1);
        let killed = self.kill.filter(|(at, _)| *at == place);
        if killed.is_some_and(|(_, done)| !done) {
            self.dead.set(true);
            return self.alive().map(|()| false);
        }
        let key = (self.call.clone(), place);
        let known = self
            .effects
            .borrow()
            .get(&key)
            .copied()
            .filter(|_| named && self.durable);
        let outcome = match known {
            Some(outcome) => outcome,
            None => write()?,
        };
        self.effects.borrow_mut().insert(key, outcome);
        if killed.is_some() {
            self.dead.set(true);
        }
        self.alive().map(|()| outcome)
    }
}

impl Host for Attempt<'_> {
    fn name(&self) -> &str {
        self.fake.name()
    }
    fn person(&self, uid: &str) -> Result<Option<Person>, Trouble> {
        self.alive().and_then(|()| self.fake.person(uid))
    }
    fn online(&self, uid: &str) -> Result<bool, Trouble> {
        self.alive().and_then(|()| self.fake.online(uid))
    }
    fn others(&self, conversation: &str, uid: &str) -> Result<Vec<String>, Trouble> {
        self.alive().and_then(|()| self.fake.others(conversation, uid))
    }
    fn past(&self, conversation: &str, before: Option<u64>) -> Result<Vec<Past>, Trouble> {
        self.alive().and_then(|()| self.fake.past(conversation, before))
    }
    fn ext(&self, conversation: &str) -> Result<Value, Trouble> {
        self.alive().and_then(|()| self.fake.ext(conversation))
    }
    fn mark(&self, key: &str) -> Result<Option<Mark>, Trouble> {
        self.alive().and_then(|()| self.fake.mark(key))
    }
    fn merge(&self, conversation: &str, patch: &Value) -> Result<(), Trouble> {
        // The only write without a name.
        self.write(false, || self.fake.merge(conversation, patch).map(|()| true))
            .map(drop)
    }
    fn put_mark(&self, key: &str, expect: u64, text: &str, ttl: u32) -> Result<bool, Trouble> {
        self.write(true, || self.fake.put_mark(key, expect, text, ttl))
    }
    fn say(&self, say: &Say) -> Result<(), Trouble> {
        self.write(true, || self.fake.say(say).map(|()| true)).map(drop)
    }
    fn arm(&self, name: &str, at: u64, payload: &Value) -> Result<(), Trouble> {
        self.write(true, || self.fake.arm(name, at, payload).map(|()| true))
            .map(drop)
    }
    fn warn(&self, text: &str) {
        panic!("{text}");
    }
}

fn config() -> Config {
    let config = json!({
        "quiet_minutes": 0,
        "menu": { "words": ["menu"], "text": "?", "unknown": "what?", "choices": [
            { "label": "In", "menu": { "text": "??", "choices": [
                { "label": "Deeper", "menu": { "text": "???", "choices": [{ "label": "End", "reply": "end" }] } }] } },
            { "label": "Person", "reply": "wait", "hand_off": "chosen" }] },
        "rules": [
            { "name": "count", "keywords": ["x"], "cooldown_seconds": 0, "when": { "remembered": { "x": null } },
              "actions": [{ "text": "first" }, { "set": { "x": 1 } }, { "text": "once" }, { "remember": { "name": "x" } }] },
            { "name": "again", "keywords": ["x"], "cooldown_seconds": 45, "reply": "again" },
            { "name": "soon", "on": "idle", "idle_seconds": 60, "cooldown_seconds": 0, "reply": "soon" },
            { "name": "late", "on": "idle", "idle_seconds": 90, "actions": [{ "text": "late" }, { "hand_off": "late" }] }
        ]
    });
    Config::parse(&config.to_string()).unwrap()
}

struct Server {
    fake: Fake,
    effects: RefCell<HashMap<(String, u32), bool>>,
    config: Config,
    calls: Cell<u32>,
}

impl Server {
    fn new() -> Server {
        let fake = Fake::default().user("c", "", "").user("agent", "hi", "hi");
        Server {
            fake: fake.members(&["agent", "c"]),
            effects: RefCell::default(),
            config: config(),
            calls: Cell::new(0),
        }
    }

    /// Makes a durable call until it is done; it is killed once for each of `kills`.
    fn job(&self, kills: &[(u32, bool)], work: impl Fn(&Attempt<'_>, Call<'_>) -> Result<(), Trouble>, now: u64) {
        self.calls.set(self.calls.get() + 1);
        let id = format!("j{}", self.calls.get());
        for (tries, kill) in (0_u64..).zip(kills.iter().copied().map(Some).chain([None])) {
            let attempt = self.attempt(&id, true, kill);
            // Each try is later than the one before.
            let call = Call {
                id: &id,
                now: now + tries * 7,
            };
            if work(&attempt, call).is_ok() && !attempt.dead.get() {
                return;
            }
        }
        panic!("the last try is not killed");
    }

    fn attempt(&self, id: &str, durable: bool, kill: Option<(u32, bool)>) -> Attempt<'_> {
        Attempt {
            fake: &self.fake,
            effects: &self.effects,
            call: id.to_owned(),
            durable,
            next: Cell::new(0),
            kill,
            dead: Cell::new(false),
        }
    }

    fn message(&self, seq: u64, text: &str, at: u64, kills: &[(u32, bool)]) {
        self.fake.happens(Past {
            seq,
            uid: Some("c".into()),
            automatic: false,
            at,
        });
        let heard = Heard {
            id: "1",
            seq,
            conversation: "7",
            pair: true,
            uid: Some("c"),
            automatic: false,
            kind: "text",
            text: Some(text),
            at,
        };
        self.job(kills, |host, call| hear(host, (&self.config, None), call, &heard), at);
    }

    fn timer(&self, kills: &[(u32, bool)]) {
        let armed = self.fake.armed.borrow().last().cloned();
        let Some((_, at, payload)) = armed else { return };
        let waiting: Waiting = serde_json::from_value(payload).unwrap();
        self.job(kills, |host, call| fire(host, (&self.config, None), call, &waiting), at);
    }

    fn opening(&self, now: u64, kill: Option<(u32, bool)>) {
        self.calls.set(self.calls.get() + 1);
        let id = format!("o{}", self.calls.get());
        let opening = Opening {
            conversation: "7",
            pair: true,
            opener: "c",
            peer: Some("agent"),
        };
        let host = self.attempt(&id, false, kill);
        // It is not made again.
        let _ = greet(&host, (&self.config, None), Call { id: &id, now }, &opening);
    }

    fn said(&self) -> Vec<String> {
        self.fake.said.borrow().iter().map(|say| say.text.clone()).collect()
    }

    /// What was merged; the same twice in a row is as good as once.
    fn merged(&self) -> Vec<Value> {
        let mut merged = self.fake.merged.borrow().clone();
        merged.dedup();
        merged
    }
}

/// A text, or the timer fires; and at which writes its call is killed.
type Happening = (Option<&'static str>, Vec<(u32, bool)>);

fn events() -> impl Strategy<Value = Vec<Happening>> {
    let texts = vec![
        Some("menu"),
        Some("1"),
        Some("1"),
        Some("2"),
        Some("0"),
        Some("x"),
        Some("x"),
        Some("hm"),
        None,
    ];
    let kills = prop::collection::vec((0_u32..6, any::<bool>()), 0..3);
    prop::collection::vec((prop::sample::select(texts), kills), 1..14)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn kills_change_nothing(events in events()) {
        let (killed, whole) = (Server::new(), Server::new());
        for (seq, (text, kills)) in (1_u64..).zip(&events) {
            let at = seq * 40_000;
            for (server, kills) in [(&killed, kills.as_slice()), (&whole, &[])] {
                match text {
                    Some(text) => server.message(seq, text, at, kills),
                    None => server.timer(kills),
                }
            }
        }
        prop_assert_eq!(killed.said(), whole.said());
        prop_assert_eq!(killed.merged(), whole.merged());
        prop_assert_eq!(&*killed.fake.armed.borrow(), &*whole.fake.armed.borrow());
    }

    #[test]
    fn an_opening_that_was_killed_greets_once_by_the_next(place in 0_u32..4, done: bool, more in 0_u32..4) {
        let server = Server::new();
        server.opening(1_000, Some((place, done)));
        server.opening(2_000, (more > 0).then_some((more, done)));
        server.opening(3_000, None);
        prop_assert_eq!(server.said(), ["hi"]);
    }
}
