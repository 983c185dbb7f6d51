//! Customers of direct conversations, to which nobody can be added.

use serde_json::{Value, json};

use super::fake::Caller;
use super::stage::Stage;
use crate::arrivals::Ask;
use crate::command::Typed;
use crate::desk::{Call, Desk};
use crate::moves::Refused;

/// With the direct conversation `9` of `c9` and a bot.
fn stage(config: Value) -> Stage {
    let stage = Stage::new(config);
    stage.world.direct("9", "c9", "robo");
    stage
}

#[test]
fn a_person_comes_to_a_conversation_beside_and_the_bot_is_silent_until_it_is_closed() {
    let stage = stage(json!({ "accept_seconds": 0, "survey": { "enabled": false } }));
    assert_eq!(stage.ask("9"), "bot", "nobody is there");
    assert_eq!(stage.world.texts("9"), ["Nobody is available at the moment."]);
    assert!(stage.world.cases("9").is_empty());
    stage.back(&["ann"]);
    assert_eq!(stage.ask("9"), "beside");
    let case = stage.world.cases("9").pop().unwrap();
    assert_eq!(stage.agent_of(&case), "ann");
    assert_eq!(
        (stage.desk("9", "by"), stage.desk("9", "agent")),
        (json!("agent"), json!("ann"))
    );
    assert_eq!(stage.desk("9", "case"), json!(case));
    assert!(stage.world.texts("9")[1].contains("Help desk"));
    for _ in 0..3 {
        stage.say("9", "c9", "hello?");
    }
    assert_eq!(stage.world.texts("9").len(), 2);
    stage.pass(600_000);
    stage.say("9", "c9", "hello?");
    assert_eq!(stage.world.texts("9").len(), 3, "told again where to go, now and then");
    stage.say(&case, "c9", "hello");
    stage.close("ann", &case);
    assert_eq!(stage.desk("9", "by"), "closed");
    stage.say("9", "c9", "bye");
    assert_eq!(stage.world.texts("9").len(), 3, "the bot's again");
    stage.ask("9");
    assert_eq!(
        (stage.agent_of(&case), stage.desk("9", "by")),
        ("ann".to_owned(), json!("agent"))
    );
    assert_eq!(stage.world.cases("9"), [case], "one for all times");
    assert_eq!(stage.world.texts("9").len(), 4);
}

#[test]
fn customers_ask_for_themselves() {
    let stage = stage(json!({}));
    let typed = || stage.type_("c9", "9", "agent my order").unwrap();
    assert_eq!(typed(), "Nobody is available at the moment.");
    stage.back(&["ann"]);
    assert_eq!(typed(), "Somebody is with you.");
    let case = stage.world.cases("9").pop().unwrap();
    assert_eq!(stage.world.ticket(&case).unwrap().reason, "my order");
    assert_eq!(typed(), "Somebody is with you.");
    assert_eq!(stage.world.cases("9").len(), 1);
}

#[test]
fn who_is_killed_while_it_makes_a_case_keeps_others_from_it_for_a_while_only() {
    for fuel in 0..150 {
        let stage = stage(json!({ "accept_seconds": 0 }));
        stage.back(&["ann"]);
        let caller = Caller::new(&stage.world, "typed", false);
        caller.fuel.set(Some(fuel));
        let now = stage.world.lock().now;
        let typed = Typed {
            uid: "c9",
            conversation: "9",
            room: "direct",
            name: "agent",
            arguments: "",
        };
        let ended = Desk::new(&caller, &stage.config, Call { now, again: false })
            .runs(&typed)
            .is_err();
        let again = stage.type_("c9", "9", "agent");
        stage.pass(31_000);
        if again.is_err() {
            Stage::refused(again, Refused::Busy);
            stage.type_("c9", "9", "agent").unwrap();
        }
        stage.pass(31_000);
        let cases = stage.world.cases("9");
        assert_eq!(cases.len(), 1, "ended after {fuel}");
        assert_eq!(stage.agent_of(&cases[0]), "ann", "ended after {fuel}");
        assert_eq!(stage.desk("9", "by"), "agent", "ended after {fuel}");
        assert_eq!(
            stage.world.texts("9").len(),
            1,
            "ended after {fuel}: {:?}",
            stage.world.texts("9")
        );
        if !ended {
            return;
        }
    }
    panic!("the call never comes to its end");
}

#[test]
fn a_direct_conversation_does_not_come_unasked_and_not_where_it_must_not() {
    let asleep = stage(json!({ "start": "message" }));
    asleep.back(&["ann"]);
    asleep.say("9", "c9", "hello");
    assert!(asleep.world.ticket("9").is_none() && asleep.world.cases("9").is_empty());
    let never = stage(json!({ "kinds": ["group"] }));
    never.back(&["ann"]);
    Stage::refused(never.type_("c9", "9", "agent"), Refused::Kind);
}

#[test]
fn a_message_may_be_left_there() {
    let stage = stage(json!({ "unavailable": "message", "accept_seconds": 0 }));
    stage.ask("9");
    let case = stage.world.cases("9").pop().unwrap();
    assert_eq!((stage.phase(&case), stage.desk("9", "by")), ("queued", json!("queue")));
    stage.back(&["ann"]);
    assert_eq!(
        (stage.agent_of(&case), stage.desk("9", "agent")),
        ("ann".to_owned(), json!("ann"))
    );
}

#[test]
fn wherever_the_call_ends_there_is_one_case_and_everything_is_said_once() {
    for fuel in 0..150 {
        let stage = stage(json!({ "accept_seconds": 0 }));
        stage.back(&["ann"]);
        stage.world.lock().rooms.get_mut("9").unwrap().desk = json!({ "wanted": { "reason": "x" } });
        let now = stage.world.lock().now;
        let mut ended = false;
        for fuel in [Some(fuel), None] {
            let caller = Caller::new(&stage.world, "wanted", true);
            caller.fuel.set(fuel);
            let desk = Desk::new(&caller, &stage.config, Call { now, again: true });
            let ask = Ask {
                conversation: "9",
                room: "direct",
                customer: Some("c9"),
                team: None,
                reason: "x",
                asked: true,
                seq: 0,
            };
            let done = match stage.desk("9", "wanted") {
                Value::Null => desk.changed("9"),
                _ => desk.arrives(&ask).map(drop),
            };
            match done {
                Ok(()) => break,
                Err(_) => ended = true,
            }
        }
        stage.pass(120_000);
        let cases = stage.world.cases("9");
        assert_eq!(cases.len(), 1, "ended after {fuel}");
        assert_eq!(stage.agent_of(&cases[0]), "ann", "ended after {fuel}");
        assert_eq!(
            stage.world.texts("9").len(),
            1,
            "ended after {fuel}: {:?}",
            stage.world.texts("9")
        );
        let texts = stage.world.texts(&cases[0]);
        let talking = texts.iter().filter(|text| text.contains("talking to ann")).count();
        assert_eq!(talking, 1, "ended after {fuel}: {texts:?}");
        assert_eq!(stage.desk("9", "by"), "agent", "ended after {fuel}");
        assert_eq!(stage.desk("9", "wanted"), Value::Null, "ended after {fuel}");
        if !ended {
            return;
        }
    }
    panic!("the call never comes to its end");
}
