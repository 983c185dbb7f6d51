use super::*;
use crate::config::Config;
use crate::fake::Fake;
use serde_json::{Value, json};

const SECOND: u64 = 1_000;

fn config() -> Config {
    let rules = json!([
        { "name": "long", "on": "idle", "idle_seconds": 600, "actions": [{ "hand_off": "nobody answers" }] },
        { "name": "soon", "on": "idle", "idle_seconds": 60, "reply": "Please wait, {nickname}." }
    ]);
    Config::parse(&json!({ "rules": rules }).to_string()).unwrap()
}

struct Story {
    host: Fake,
    config: Config,
    seq: u64,
}

impl Story {
    fn new() -> Story {
        let host = Fake::default().user("customer", "", "").user("agent", "hi", "");
        Story {
            host: host.members(&["agent", "customer"]),
            config: config(),
            seq: 0,
        }
    }

    /// Somebody writes; answers what the timer was set to.
    fn writes(&mut self, uid: &str, second: u64) -> Option<(u64, Value)> {
        self.seq += 1;
        let heard = Heard {
            id: "1",
            seq: self.seq,
            conversation: "7",
            pair: true,
            uid: Some(uid),
            automatic: false,
            kind: "text",
            text: Some("x"),
            at: second * SECOND,
        };
        self.host.happens(Past {
            seq: self.seq,
            uid: Some(uid.to_owned()),
            automatic: false,
            at: heard.at,
        });
        listen(&self.host, &self.config, &heard).unwrap();
        self.armed()
    }

    fn fires(&self, id: &str, (at, payload): &(u64, Value)) -> (Vec<String>, Option<(u64, Value)>) {
        let waiting = serde_json::from_value(payload.clone()).unwrap();
        let call = Call { id, now: *at + 3 };
        fire(&self.host, (&self.config, None), call, &waiting).unwrap();
        let said = self.host.said.take().into_iter().map(|say| say.text).collect();
        (said, self.armed())
    }

    fn armed(&self) -> Option<(u64, Value)> {
        let armed = self.host.armed.take().pop()?;
        assert_eq!(armed.0, format!("idle/7/{}", armed.2["since"]));
        Some((armed.1, armed.2))
    }
}

#[test]
fn each_rule_has_its_turn_while_nobody_answers() {
    let mut story = Story::new();
    let first = story.writes("customer", 10).unwrap();
    assert_eq!(first.0, 70 * SECOND);
    assert_eq!(story.writes("customer", 30), None, "the wait goes on");
    let (said, second) = story.fires("a", &first);
    assert_eq!(said, ["Please wait, Customer."]);
    let second = second.unwrap();
    assert_eq!(second.0, 610 * SECOND);
    let (said, again) = story.fires("a", &first);
    assert_eq!(said.len(), 1, "a repeated call repeats; the server doubles nothing");
    assert_eq!(again.as_ref(), Some(&second));
    let (said, third) = story.fires("b", &second);
    assert_eq!((said, third), (Vec::new(), None));
    assert_eq!(
        story.host.merged.take()[0]["desk"]["wanted"]["reason"],
        "nobody answers"
    );
}

#[test]
fn an_answer_ends_the_wait_and_the_next_message_begins_another() {
    let mut story = Story::new();
    let first = story.writes("customer", 10).unwrap();
    assert_eq!(story.writes("agent", 20), None);
    assert_eq!(story.fires("a", &first), (Vec::new(), None));
    let second = story.writes("customer", 40).unwrap();
    assert_eq!(second.0, 100 * SECOND);
    // The old timer fires all the same: the new wait has a timer of its own.
    assert_eq!(story.fires("b", &first), (Vec::new(), None));
    assert_eq!(story.fires("c", &second).0.len(), 1);
}

#[test]
fn a_long_pause_begins_another_wait() {
    let mut story = Story::new();
    story.writes("customer", 10).unwrap();
    let later = story.writes("customer", 700).unwrap();
    assert_eq!(later.0, 760 * SECOND);
    assert_eq!(story.fires("a", &later).0.len(), 1);
}

#[test]
fn whoever_is_late_does_all_that_is_due_once() {
    let mut story = Story::new();
    let (_, payload) = story.writes("customer", 10).unwrap();
    // The server was away: both are due, and the first that says something ends the search.
    let (said, next) = story.fires("a", &(900 * SECOND, payload));
    assert_eq!((said.len(), next), (1, None));
}

#[test]
fn bots_are_silent_while_a_desk_has_the_conversation() {
    let mut story = Story::new();
    let first = story.writes("customer", 10).unwrap();
    *story.host.ext.borrow_mut() = json!({ "desk": { "by": "agent" } });
    let (said, second) = story.fires("a", &first);
    assert_eq!(said, [""; 0]);
    *story.host.ext.borrow_mut() = json!({ "desk": { "by": "bot" } });
    story.fires("b", &second.unwrap());
    assert_eq!(story.host.merged.take().len(), 1, "what is left has its turn");
}
