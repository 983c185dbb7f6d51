use super::*;
use crate::fake::Fake;
use crate::host::{Past, Say};
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
        seq: 42,
        conversation: "7",
        pair: true,
        uid,
        automatic: false,
        kind: "text",
        text: Some("the price?"),
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

fn try_run(host: &Fake, config: &Config, id: &str, heard: &Heard<'_>) -> Result<(), Trouble> {
    let hours = config.hours.as_ref().map(|hours| Hours::read(hours).unwrap());
    let call = Call { id, now: heard.at + 5 };
    answer(host, (config, hours.as_ref()), call, heard)
}

fn run(host: &Fake, config: &Config, call: &str, heard: &Heard<'_>) -> Vec<Say> {
    try_run(host, config, call, heard).unwrap();
    host.said.take()
}

#[test]
fn the_peer_answers() {
    let said = run(&pair(), &price(json!({})), "c", &heard(Some("customer")));
    let expected = Say {
        conversation: "7".into(),
        as_user: Some("agent".into()),
        text: "Customer: 5".into(),
        ..Say::default()
    };
    assert_eq!(said, [expected]);
}

#[test]
fn nothing_that_is_not_human_is_answered() {
    let config = price(json!({}));
    assert_eq!(run(&pair(), &config, "c", &heard(None)), []);
    let notice = Heard {
        kind: NOTICE,
        ..heard(Some("customer"))
    };
    assert_eq!(run(&pair(), &config, "c", &notice), []);
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
                text: Some("hi"),
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
        seq: 41,
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
        ["record", "say", "record", "say", "record", "say"],
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
        seq: 41,
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
    assert!(try_run(&host, &config, "1", &message).is_err());
    // Whatever has happened since: it goes on with what it set out to do.
    host.happens(Past {
        seq: 43,
        uid: Some("agent".into()),
        automatic: false,
        at: message.at + 1,
    });
    assert!(try_run(&host, &config, "1", &message).is_ok());
    assert_eq!(host.said.take().len(), 1);
}

#[test]
fn a_record_that_others_write_as_well_is_written_again() {
    let (host, config, message) = (pair(), price(json!({})), heard(Some("customer")));
    host.lose_races.set(3);
    assert_eq!(run(&host, &config, "1", &message).len(), 1);
    host.lose_races.set(usize::MAX);
    let later = Heard {
        at: message.at + MINUTE,
        ..message
    };
    assert!(matches!(try_run(&host, &config, "2", &later), Err(Trouble::Passing(_))));
}

#[test]
fn bots_are_silent_while_a_desk_has_the_conversation() {
    let config = price(json!({}));
    for (by, silent) in [("queue", true), ("agent", true), ("bot", false), ("closed", false)] {
        let host = pair().ext(json!({ "desk": { "by": by } }));
        assert_eq!(
            run(&host, &config, "c", &heard(Some("customer"))).is_empty(),
            silent,
            "{by}"
        );
    }
}

mod menus;
mod office;
mod rules;
