//! What is said outside of the hours.

use super::*;

/// Open on Mondays from nine in Berlin; 1970-01-01 was a Thursday.
fn closed(more: Value) -> Config {
    let mut config = json!({
        "hours": {
            "time_zone": "Europe/Berlin",
            "weekly": { "mon": ["09:00-17:00"] },
            "words": { "week": "{weekday} {time}" }
        },
        "out_of_office": { "text": "{nickname}, back {back_at} (in {back_in})" }
    });
    config
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    Config::parse(&config.to_string()).unwrap()
}

fn texts(said: Vec<Say>) -> Vec<String> {
    said.into_iter().map(|say| say.text).collect()
}

fn at(at: u64) -> Heard<'static> {
    Heard {
        at,
        text: Some("anybody?"),
        ..heard(Some("customer"))
    }
}

const HOUR: u64 = 60 * MINUTE;

#[test]
fn once_a_day_and_conversation_by_the_wall_clock() {
    let (host, config) = (pair(), closed(json!({})));
    // Berlin was an hour ahead: the day ends at 23:00 UTC.
    assert_eq!(
        texts(run(&host, &config, "1", &at(20 * HOUR))),
        ["Customer, back Mon 09:00 (in 3 d 12 h)"]
    );
    assert_eq!(run(&host, &config, "2", &at(22 * HOUR)), []);
    assert_eq!(run(&host, &config, "3", &at(23 * HOUR)).len(), 1, "the next day");
    assert_eq!(run(&host, &config, "4", &at(24 * HOUR)), []);
    // While open, not at all.
    assert_eq!(run(&host, &config, "5", &at(4 * 24 * HOUR + 10 * HOUR)), []);
}

#[test]
fn not_right_after_a_human_nor_where_an_agent_began() {
    let past = |seq, uid: &str, automatic, at| Past {
        seq,
        uid: Some(uid.into()),
        automatic,
        at,
    };
    let config = closed(json!({}));
    let message = at(100 * MINUTE);
    let host = pair().past(past(1, "customer", false, 0));
    assert_eq!(run(&host, &config, "1", &message).len(), 1);
    let host = pair()
        .past(past(1, "customer", false, 0))
        .past(past(2, "agent", false, 98 * MINUTE));
    assert_eq!(run(&host, &config, "1", &message), [], "a human has just answered");
    let host = pair()
        .past(past(1, "agent", false, 0))
        .past(past(2, "customer", false, 1));
    assert_eq!(run(&host, &config, "1", &message), [], "the agent began");
    let host = pair()
        .past(past(1, "agent", true, 0))
        .past(past(2, "customer", false, 1));
    assert_eq!(
        run(&host, &config, "1", &message).len(),
        1,
        "a greeting is no beginning"
    );
}

#[test]
fn rules_may_speak_in_its_place_and_others_beside_it() {
    let rules = json!([
        { "name": "image", "on": "outside_hours", "when": { "kinds": ["image"] }, "reply": "nice picture" },
        { "name": "price", "keywords": ["price"], "reply": "5" },
        { "name": "night", "keywords": ["help"], "when": { "hours": "closed" }, "reply": "call 112" },
        { "name": "day", "keywords": ["help"], "when": { "hours": "open" }, "reply": "one moment" }
    ]);
    let config = closed(json!({ "rules": rules, "out_of_office": { "text": "away" } }));
    let of = |text, kind| Heard {
        text,
        kind,
        ..at(20 * HOUR)
    };
    assert_eq!(texts(run(&pair(), &config, "1", &of(None, "image"))), ["nice picture"]);
    assert_eq!(
        texts(run(&pair(), &config, "1", &of(Some("price"), "text"))),
        ["away", "5"]
    );
    assert_eq!(
        texts(run(&pair(), &config, "1", &of(Some("help"), "text"))),
        ["away", "call 112"]
    );
    let open = Heard {
        text: Some("help"),
        ..at(4 * 24 * HOUR + 10 * HOUR)
    };
    assert_eq!(texts(run(&pair(), &config, "1", &open)), ["one moment"]);
}
