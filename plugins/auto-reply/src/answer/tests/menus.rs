//! Walking through the menu.

use super::*;

fn config(more: Value) -> Config {
    let mut menu = json!({
        "words": ["menu", "菜单"],
        "text": "{nickname}, choose:",
        "unknown": "A number, please.",
        "choices": [
            { "label": "Prices", "reply": "From 5." },
            { "label": "Delivery", "menu": { "text": "Where to?", "choices": [
                { "label": "China", "reply": "3 days", "set": { "region": "cn" } },
                { "label": "Elsewhere", "menu": { "text": "How?", "choices": [{ "label": "Air", "reply": "7 days" }] } }
            ] } },
            { "label": "A person", "reply": "One moment.", "hand_off": "{nickname} chose it" }
        ]
    });
    menu.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let rules = json!([{ "name": "price", "keywords": ["cost"], "reply": "by rule" }]);
    Config::parse(&json!({ "menu": menu, "rules": rules }).to_string()).unwrap()
}

struct Walk {
    host: Fake,
    config: Config,
    calls: u64,
}

impl Walk {
    fn new(more: Value) -> Walk {
        Walk {
            host: pair(),
            config: config(more),
            calls: 0,
        }
    }

    fn say(&mut self, text: &str) -> Vec<String> {
        self.calls += 1;
        let said = Heard {
            text: Some(text),
            at: (100 + self.calls) * MINUTE,
            ..heard(Some("customer"))
        };
        let said = run(&self.host, &self.config, &self.calls.to_string(), &said);
        said.into_iter().map(|say| say.text).collect()
    }
}

const ROOT: &str = "Customer, choose:\n1. Prices\n2. Delivery\n3. A person";
const DELIVERY: &str = "Where to?\n1. China\n2. Elsewhere\n0. Back";

#[test]
fn pages_answers_and_ways_back() {
    let mut walk = Walk::new(json!({}));
    assert_eq!(walk.say("1"), [""; 0], "not before it is shown");
    assert_eq!(walk.say(" Menu "), [ROOT]);
    assert_eq!(walk.say("1"), ["From 5."]);
    assert_eq!(walk.say("2"), [DELIVERY], "the page stays");
    assert_eq!(walk.say("２."), ["How?\n1. Air\n0. Back"]);
    assert_eq!(walk.say("air"), ["7 days"]);
    assert_eq!(walk.say("0"), [DELIVERY]);
    assert_eq!(walk.say("china"), ["3 days"]);
    assert_eq!(walk.host.merged.take(), [json!({ "region": "cn" })]);
    assert_eq!(walk.say("back"), [ROOT]);
    assert_eq!(walk.say("0"), [ROOT], "there is nothing behind the first page");
    assert_eq!(walk.say("9"), ["A number, please."]);
    assert_eq!(walk.say("what does it cost?"), ["by rule"]);
}

#[test]
fn a_person_is_asked_for_once() {
    let mut walk = Walk::new(json!({}));
    walk.say("菜单");
    let asked = json!({ "desk": { "wanted": { "reason": "Customer chose it", "from": "auto-reply" } } });
    walk.host.fail_merge.set(Some(Trouble::Passing("busy".into())));
    let choice = Heard {
        text: Some("3"),
        at: 110 * MINUTE,
        ..heard(Some("customer"))
    };
    assert!(try_run(&walk.host, &walk.config, "c", &choice).is_err());
    assert_eq!(
        run(&walk.host, &walk.config, "c", &choice).len(),
        2,
        "the same call: the server doubles nothing"
    );
    assert_eq!(walk.host.merged.take(), std::slice::from_ref(&asked));
    // Somebody has taken over since: the same call once more asks nobody.
    let since = choice.at + 1_000;
    for desk in [json!({ "by": "queue" }), json!({ "by": "closed", "since": since })] {
        *walk.host.ext.borrow_mut() = json!({ "desk": desk });
        try_run(&walk.host, &walk.config, "c", &choice).unwrap();
        assert_eq!(walk.host.merged.take(), [json!(null); 0]);
    }
    *walk.host.ext.borrow_mut() = json!({ "desk": { "by": "bot", "since": 1 } });
    try_run(&walk.host, &walk.config, "c", &choice).unwrap();
    assert_eq!(walk.host.merged.take(), [asked]);
    walk.host.said.take();
    assert_eq!(walk.say("1"), [""; 0], "the menu is closed");
}

#[test]
fn who_was_handed_off_hears_no_bot_until_the_desk_has_answered() {
    let mut walk = Walk::new(json!({}));
    *walk.host.ext.borrow_mut() = json!({ "desk": { "by": "bot" } });
    assert_eq!(walk.say("menu").len(), 1);
    let wanted = json!({ "reason": "chosen in the menu", "from": "auto-reply" });
    *walk.host.ext.borrow_mut() = json!({ "desk": { "by": "bot", "wanted": wanted } });
    assert_eq!(walk.say("menu"), [""; 0]);
    // Where no desk is, nobody would end it.
    *walk.host.ext.borrow_mut() = json!({ "desk": { "wanted": wanted } });
    assert_eq!(walk.say("menu").len(), 1);
}

#[test]
fn it_is_forgotten_after_a_while_and_when_it_changes() {
    let mut walk = Walk::new(json!({ "expires_seconds": 90 }));
    walk.say("menu");
    assert_eq!(walk.say("1"), ["From 5."]);
    walk.calls += 1;
    assert_eq!(walk.say("1"), [""; 0]);
    walk.say("menu");
    walk.say("2");
    walk.config = config(json!({ "expires_seconds": 90, "choices": [{ "label": "All new", "reply": "x" }] }));
    assert_eq!(walk.say("2"), ["A number, please."]);
}

#[test]
fn buttons_are_a_card_with_the_same_words() {
    let host = pair();
    let message = Heard {
        text: Some("menu"),
        ..heard(Some("customer"))
    };
    let said = run(
        &host,
        &config(json!({ "style": "buttons", "line": "[{number}] {label}" })),
        "1",
        &message,
    );
    let content = said[0].message.clone().unwrap();
    assert_eq!(
        said[0].text,
        "Customer, choose:\n[1] Prices\n[2] Delivery\n[3] A person"
    );
    assert_eq!(
        (content.kind.as_str(), &content.body["text"]),
        ("card", &json!(said[0].text))
    );
    assert_eq!(
        content.body["attr"]["buttons"][1],
        json!({ "label": "Delivery", "send": "2" })
    );
}
