use super::*;
use crate::fake::Fake;
use serde_json::{Value, json};

const MINUTE: u64 = 60_000;

fn pair() -> Fake {
    Fake::default()
        .user("customer", "", "")
        .user("agent", "hello", "")
        .members(&["agent", "customer"])
}

fn heard(uid: Option<&str>) -> Heard<'_> {
    Heard {
        id: "42",
        conversation: "7",
        pair: true,
        uid,
        automatic: false,
        text: "the price?",
        at: 100 * MINUTE,
    }
}

fn price(more: Value) -> Config {
    let mut config = json!({ "rules": [{ "name": "price", "keywords": ["price"], "reply": "{nickname}: 5" }] });
    config
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    Config::parse(&config.to_string()).unwrap()
}

fn run(host: &Fake, config: &Config, call: &str, heard: &Heard<'_>) -> Vec<Say> {
    answer(
        host,
        config,
        Call {
            id: call,
            now: heard.at + 5,
        },
        heard,
    )
    .unwrap();
    host.said.take()
}

#[test]
fn the_peer_answers() {
    let said = run(&pair(), &price(json!({})), "c", &heard(Some("customer")));
    let expected = Say {
        conversation: "7".into(),
        as_user: Some("agent".into()),
        text: "Customer: 5".into(),
        reply_to: None,
    };
    assert_eq!(said, [expected]);
}

#[test]
fn nothing_that_is_not_human_is_answered() {
    let config = price(json!({}));
    assert_eq!(run(&pair(), &config, "c", &heard(None)), []);
    assert_eq!(
        run(
            &pair(),
            &config,
            "c",
            &Heard {
                automatic: true,
                ..heard(Some("customer"))
            }
        ),
        []
    );
    assert_eq!(
        run(
            &pair(),
            &config,
            "c",
            &Heard {
                text: "hi",
                ..heard(Some("customer"))
            }
        ),
        []
    );
}

#[test]
fn agents_are_not_answered() {
    assert_eq!(
        run(&pair(), &price(json!({})), "c", &heard(Some("agent"))),
        [],
        "who greets is the agent"
    );
    let listed = price(json!({ "agents": ["agent"] }));
    assert_eq!(run(&pair(), &listed, "c", &heard(Some("agent"))), []);
    assert_eq!(run(&pair(), &listed, "c", &heard(Some("customer"))).len(), 1);
    let others = price(json!({ "agents": ["someone"] }));
    assert_eq!(
        run(&pair(), &others, "c", &heard(Some("customer"))),
        [],
        "customers among themselves"
    );
}

#[test]
fn a_human_answer_silences_for_a_while() {
    let config = price(json!({}));
    let message = heard(Some("customer"));
    let past = |uid: Option<&str>, automatic, at| Past {
        uid: uid.map(str::to_owned),
        automatic,
        at,
    };
    for (past, silent) in [
        (past(Some("agent"), false, 96 * MINUTE), true),
        (past(Some("agent"), false, 101 * MINUTE), true),
        (past(Some("agent"), false, 95 * MINUTE), false),
        (past(Some("agent"), true, 99 * MINUTE), false),
        (past(Some("customer"), false, 99 * MINUTE), false),
        (past(None, false, 99 * MINUTE), false),
    ] {
        let host = pair().past(past.clone());
        assert_eq!(run(&host, &config, "c", &message).is_empty(), silent, "{past:?}");
    }
    let host = pair().past(past(Some("agent"), false, 99 * MINUTE));
    assert_eq!(
        run(&host, &price(json!({ "quiet_minutes": 0 })), "c", &message).len(),
        1
    );
}

#[test]
fn a_rule_cools_down_and_a_repeated_call_repeats() {
    let (host, config) = (pair(), price(json!({})));
    let message = heard(Some("customer"));
    assert_eq!(run(&host, &config, "1", &message).len(), 1);
    assert_eq!(run(&host, &config, "2", &message), []);
    assert_eq!(
        run(&host, &config, "1", &message).len(),
        1,
        "the same call: the server doubles nothing"
    );
    let later = Heard {
        at: message.at + 31_000,
        ..message
    };
    assert_eq!(run(&host, &config, "3", &later).len(), 1);
    assert_eq!(
        *host.writes.borrow(),
        ["mark", "say", "mark", "say", "mark", "say"],
        "always in this order"
    );
}

#[test]
fn groups_are_answered_by_the_app_or_the_named_member() {
    let group = || pair().members(&["a", "b", "customer"]);
    let message = heard(Some("customer"));
    let said = run(&group(), &price(json!({})), "c", &message);
    assert_eq!(
        (said[0].as_user.as_deref(), said[0].reply_to.as_deref()),
        (None, Some("42"))
    );
    let said = run(&group(), &price(json!({ "reply_as": "bot" })), "c", &message);
    assert_eq!(said[0].as_user.as_deref(), Some("bot"));
    assert_eq!(
        run(&group(), &price(json!({ "reply_as": "customer" })), "c", &message),
        []
    );
    let chatter = Past {
        uid: Some("b".into()),
        automatic: false,
        at: 99 * MINUTE,
    };
    assert_eq!(
        run(&group().past(chatter.clone()), &price(json!({})), "c", &message),
        []
    );
    assert_eq!(
        run(
            &group().past(chatter),
            &price(json!({ "agents": ["a"] })),
            "c",
            &message
        )
        .len(),
        1
    );
}

#[test]
fn a_failure_is_handed_on_and_the_repeated_call_answers() {
    let host = pair();
    host.fail_say.set(Some(Trouble::Passing("busy".into())));
    let (config, message) = (price(json!({})), heard(Some("customer")));
    let call = Call {
        id: "1",
        now: message.at,
    };
    assert!(answer(&host, &config, call, &message).is_err());
    assert!(answer(&host, &config, call, &message).is_ok());
    assert_eq!(host.said.take().len(), 1);
}
