//! Conditions and actions.

use super::*;

fn config(rules: Value) -> Config {
    Config::parse(&json!({ "rules": rules }).to_string()).unwrap()
}

fn texts(host: &Fake, config: &Config, call: &str, message: &Heard<'_>) -> Vec<String> {
    run(host, config, call, message)
        .into_iter()
        .map(|say| say.text)
        .collect()
}

fn at(minute: u64) -> Heard<'static> {
    Heard {
        at: minute * MINUTE,
        ..heard(Some("customer"))
    }
}

#[test]
fn every_condition_must_hold() {
    let with = |when: Value| config(json!([{ "name": "r", "when": when, "reply": "x" }]));
    let host = || {
        pair()
            .attributes("customer", json!({ "plan": "pro" }))
            .ext(json!({ "crm": { "tags": 2 }, "desk": { "by": "bot" } }))
    };
    for (when, met) in [
        (json!({}), true),
        (json!({ "kinds": ["text"] }), true),
        (json!({ "kinds": ["image"] }), false),
        (json!({ "scripts": ["latin", "han"] }), true),
        (json!({ "scripts": ["han"] }), false),
        (json!({ "first_contact": true }), true),
        (json!({ "first_contact": false }), false),
        (json!({ "hours": "open" }), true),
        (json!({ "hours": "closed" }), false),
        (json!({ "user": { "/plan": ["pro", "team"] } }), true),
        (json!({ "user": { "/plan": "free" } }), false),
        (json!({ "user": { "/plan": "pro", "/vip": null } }), true),
        (json!({ "ext": { "/crm/tags": 2 } }), true),
        (json!({ "ext": { "/crm/tags": { "not": 2 } } }), false),
        (json!({ "desk": ["bot", "none"] }), true),
        (json!({ "desk": ["closed"] }), false),
        (json!({ "remembered": { "seen": null } }), true),
        (json!({ "remembered": { "seen": "yes" } }), false),
    ] {
        assert_eq!(
            !texts(&host(), &with(when.clone()), "1", &at(100)).is_empty(),
            met,
            "{when}"
        );
    }
    let known = host().past(Past {
        seq: 3,
        uid: Some("customer".into()),
        automatic: false,
        at: 0,
    });
    assert_eq!(
        texts(&known, &with(json!({ "first_contact": true })), "1", &at(100)),
        [""; 0]
    );
}

#[test]
fn what_only_notes_lets_the_search_go_on_and_stop_ends_it() {
    let config = config(json!([
        { "name": "note", "actions": [
            { "set": { "crm": { "last": "{nickname}" } } },
            { "add": { "path": "/tags", "value": "asked" } },
            { "remember": { "name": "asked", "value": "by {uid}" } }], "cooldown_seconds": 0 },
        { "name": "quiet", "keywords": ["psst"], "actions": ["stop", { "text": "never" }] },
        { "name": "again", "when": { "remembered": { "asked": "by customer" } }, "cooldown_seconds": 0,
          "actions": [{ "text": "one" }, { "card": { "text": "two", "url": "/{uid}" } }] }
    ]));
    let host = pair();
    assert_eq!(texts(&host, &config, "1", &at(100)), ["one", "two"]);
    assert_eq!(
        host.merged.take(),
        [json!({ "crm": { "last": "Customer" } }), json!({ "tags": ["asked"] })]
    );
    let quiet = Heard {
        text: Some("psst"),
        ..at(102)
    };
    *host.ext.borrow_mut() = json!({ "tags": ["asked"] });
    assert_eq!(texts(&host, &config, "2", &quiet), [""; 0]);
    assert_eq!(host.merged.take().len(), 1, "a list holds a value once");
}

#[test]
fn a_card_is_sent_with_its_body_and_a_hand_off_is_merged() {
    let config = config(json!([{ "name": "r", "actions": [
        { "message": { "kind": "image", "body": { "url": "/files/{uid}.png" } } },
        { "hand_off": "asked for {uid}" }] }]));
    let host = pair();
    let said = run(&host, &config, "1", &at(100));
    let content = said[0].message.as_ref().unwrap();
    assert_eq!(
        (content.kind.as_str(), &content.body),
        ("image", &json!({ "url": "/files/customer.png" }))
    );
    assert_eq!(host.merged.take()[0]["desk"]["wanted"]["reason"], "asked for customer");
}

#[test]
fn a_step_that_is_refused_does_not_keep_the_others() {
    let config = config(json!([{ "name": "r", "actions": [{ "text": "a" }, { "hand_off": "b" }] }]));
    let host = pair();
    host.fail_say.set(Some(Trouble::Final("muted".into())));
    assert_eq!(
        try_run(&host, &config, "1", &at(100)),
        Err(Trouble::Final("muted".into()))
    );
    assert_eq!(host.merged.take().len(), 1);
}
