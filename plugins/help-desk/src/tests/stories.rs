//! What the desk does.

use serde_json::{Value, json};

use super::stage::Stage;
use crate::agent::Duty;
use crate::events::Target;
use crate::host::Person;
use crate::moves::Refused;

#[test]
fn from_the_bot_to_a_person_and_to_the_end() {
    let stage = Stage::new(json!({}));
    assert_eq!(stage.ask("1"), "bot");
    assert_eq!(stage.world.texts("1"), ["Nobody is available at the moment."]);
    stage.back(&["ann"]);
    assert_eq!(stage.ask("1"), "offered");
    assert!(stage.world.lock().rooms["1"].members.contains("ann"));
    stage.say("1", "ann", "hello");
    assert_eq!(stage.phase("1"), "active");
    assert_eq!(stage.world.lock().rooms["1"].desk["by"], "agent");
    assert_eq!(stage.world.ticket("1").unwrap().first_reply_ms, Some(0));
    Stage::refused(
        stage.do_(false, |desk| desk.closes(Some("bob"), "1")),
        Refused::NotYours,
    );
    stage.close("ann", "1");
    assert_eq!(stage.world.lock().rooms["1"].members.len(), 1);
    assert!(stage.world.agent("ann").load.is_empty());
    let texts = stage.world.texts("1");
    assert!(texts[1].contains("talking to ann") && texts[2].contains("closed") && texts[3].contains("1 (bad)"));
    stage.say("1", "c1", "5");
    stage.say("1", "c1", "very quick");
    stage.say("1", "c1", "and more");
    let (status, surveys) = stage.serve(Some("bob"), "GET", "/surveys", Value::Null);
    assert_eq!(status, 200);
    let row = &surveys["surveys"][0];
    assert_eq!(
        (&row["score"], &row["comment"], &row["agent"]),
        (&json!(5), &json!("very quick"), &json!("ann"))
    );
    assert_eq!(stage.world.texts("1").last().unwrap(), "Thank you for your answer!");
}

#[test]
fn who_waits_is_told_its_place_and_again_when_it_moves_but_not_too_often() {
    let stage = Stage::new(json!({ "accept_seconds": 0, "unavailable": "message" }));
    stage.back(&["ann"]);
    for conversation in ["1", "2", "3", "4"] {
        stage.pass(10);
        stage.ask(conversation);
    }
    let told = |conversation| stage.world.texts(conversation).len();
    assert!(stage.world.texts("2")[0].contains("number 1") && stage.world.texts("4")[0].contains("number 3"));
    stage.close("ann", "1");
    assert_eq!(stage.agent_of("2"), "ann", "who is free is given the oldest at once");
    assert_eq!((told("3"), told("4")), (1, 1), "not at once");
    stage.pass(6_000);
    assert!(stage.world.texts("3")[1].contains("number 1") && stage.world.texts("4")[1].contains("number 2"));
    stage.pass(60_000);
    assert_eq!((told("3"), told("4")), (2, 2), "nothing new, nothing said");
}

#[test]
fn an_offer_that_is_not_accepted_goes_to_the_next_and_who_misses_too_many_is_away() {
    let stage = Stage::new(json!({ "assign": "round_robin" }));
    stage.back(&["ann", "bob"]);
    stage.ask("1");
    let first = stage.agent_of("1");
    stage.pass(11_000);
    let second = stage.agent_of("1");
    assert_ne!(first, second);
    assert!(!stage.world.lock().rooms["1"].members.contains(&first));
    // Nobody is left in this turn, until some time has passed.
    stage.pass(10_000);
    assert_eq!(stage.phase("1"), "queued");
    stage.pass(6_000);
    assert_eq!(stage.phase("1"), "offered");
    stage.pass(120_000);
    assert_eq!(
        (stage.world.agent("ann").duty, stage.world.agent("bob").duty),
        (Duty::Away, Duty::Away)
    );
    assert_eq!(
        stage.world.agent("ann").totals.missed + stage.world.agent("bob").totals.missed,
        4
    );
    stage.back(&["bob"]);
    assert_eq!(stage.agent_of("1"), "bob");
    stage.accept("bob", "1");
    assert_eq!(stage.world.agent("bob").missed, 0);
}

#[test]
fn who_came_before_gets_the_same_agent() {
    let stage = Stage::new(json!({ "accept_seconds": 0, "cap": 3 }));
    stage.back(&["ann", "bob"]);
    stage.ask("1");
    let first = stage.agent_of("1");
    stage.close(&first, "1");
    stage.ask("2");
    let other = stage.agent_of("2");
    stage.close(&other, "2");
    stage.ask("1");
    assert_eq!(stage.agent_of("1"), first, "although the other has waited longer");
}

#[test]
fn caps_hold_for_every_way_to_get_a_conversation() {
    let stage = Stage::new(json!({ "assign": "manual" }));
    stage.back(&["ann", "bob"]);
    for conversation in ["1", "2", "3"] {
        stage.ask(conversation);
        assert_eq!(stage.phase(conversation), "queued");
    }
    assert!(
        stage
            .type_("ann", "5", "accept")
            .unwrap()
            .contains("the conversation 1")
    );
    Stage::refused(stage.type_("ann", "5", "accept"), Refused::Full);
    stage.accept("bob", "3");
    Stage::refused(stage.type_("bob", "3", "transfer ann"), Refused::Full);
    Stage::refused(stage.type_("ann", "1", "assign bob"), Refused::Full);
    Stage::refused(stage.type_("c1", "1", "close"), Refused::NotAgent);
    Stage::refused(stage.type_("ann", "1", "transfer zoe"), Refused::Unknown);
    assert!(stage.type_("ann", "1", "queue").unwrap().contains("1 wait"));
}

#[test]
fn conversations_are_passed_on_so_often_and_no_more() {
    let stage = Stage::new(json!({ "accept_seconds": 0, "transfers": 2, "teams": ["main", "sales"],
        "agents": [{ "uid": "ann", "teams": ["main"] }, { "uid": "bob", "teams": ["sales"] }] }));
    stage.back(&["ann", "bob"]);
    stage.ask("1");
    stage
        .do_(false, |desk| desk.passes(Some("ann"), "1", Target::Team("sales")))
        .unwrap();
    assert_eq!(stage.agent_of("1"), "bob");
    Stage::refused(
        stage.do_(false, |desk| desk.passes(Some("ann"), "1", Target::Agent("ann"))),
        Refused::NotYours,
    );
    stage
        .do_(false, |desk| desk.passes(Some("bob"), "1", Target::Agent("ann")))
        .unwrap();
    assert_eq!(stage.agent_of("1"), "ann");
    assert!(stage.world.agent("bob").load.is_empty());
    let again = stage.do_(false, |desk| desk.passes(Some("ann"), "1", Target::Agent("bob")));
    Stage::refused(again, Refused::TooOften);
    let (status, _) = stage.serve(Some("bob"), "POST", "/close", json!({ "conversation": 1 }));
    assert_eq!(status, 409);
}

#[test]
fn answers_that_take_too_long_are_told_and_passed_on() {
    let stage = Stage::new(json!({ "accept_seconds": 0, "texts": { "escalated": "sorry" },
        "reply": { "first_seconds": 20, "next_seconds": 40, "reassign": true, "notify": ["boss"] } }));
    stage.back(&["ann", "bob"]);
    stage.ask("1");
    let first = stage.agent_of("1");
    stage.pass(19_000);
    assert_eq!(stage.agent_of("1"), first);
    stage.pass(2_000);
    let second = stage.agent_of("1");
    assert_ne!(second, first);
    stage.say("1", &second, "hi");
    stage.pass(300_000);
    assert_eq!(stage.agent_of("1"), second, "the customer's turn");
    stage.say("1", "c1", "well");
    stage.pass(39_000);
    stage.say("1", "c1", "hello?");
    stage.pass(2_000);
    assert_ne!(stage.agent_of("1"), second, "the first word counts");
    let alarms = stage
        .world
        .lock()
        .pushed
        .iter()
        .filter(|(uid, ..)| uid == "boss")
        .count();
    assert_eq!(alarms, 2);
    assert_eq!(stage.world.texts("1").iter().filter(|text| *text == "sorry").count(), 2);
}

#[test]
fn silence_is_asked_about_and_then_taken_as_the_end() {
    let idle = json!({ "accept_seconds": 0, "idle": { "remind_seconds": 60, "close_seconds": 30 } });
    let stage = Stage::new(idle);
    stage.back(&["ann"]);
    stage.ask("1");
    stage.pass(500_000);
    assert_eq!(stage.phase("1"), "active", "it is the agent's turn");
    stage.say("1", "ann", "hi");
    stage.pass(59_000);
    stage.say("1", "ann", "still there?");
    stage.pass(59_000);
    assert_eq!(stage.world.texts("1").len(), 1, "the second word counts as well");
    stage.pass(2_000);
    assert_eq!(stage.world.texts("1")[1], "Are you still there?");
    stage.say("1", "c1", "yes");
    stage.say("1", "ann", "good");
    stage.pass(61_000);
    stage.pass(31_000);
    assert_eq!(stage.phase("1"), "closed");
    assert!(stage.world.texts("1")[3].contains("have not heard"));
}

#[test]
fn outside_of_hours_a_message_may_be_left() {
    let hours = json!({ "periods": [{ "from": "00:30", "to": "01:00" }] });
    let stage =
        Stage::new(json!({ "unavailable": "message", "hours": hours, "start": "message", "accept_seconds": 0 }));
    stage.back(&["ann"]);
    stage.world.lock().now = 0;
    stage.say("1", "c1", "hello");
    assert_eq!(stage.phase("1"), "active", "somebody is there all the same");
    assert!(stage.world.texts("1")[0].starts_with("We are closed"));
    stage.say("2", "c2", "hello");
    stage.say("2", "c2", "anybody?");
    assert_eq!((stage.phase("2"), stage.world.texts("2").len()), ("queued", 1));
    assert_eq!(stage.world.lock().rooms["2"].desk["by"], "queue");
}

#[test]
fn who_only_writes_is_not_told_again_and_again_that_nobody_is_there() {
    let stage = Stage::new(json!({ "start": "message" }));
    for _ in 0..3 {
        stage.say("1", "c1", "hello");
        stage.pass(10_000);
    }
    assert_eq!(stage.world.texts("1").len(), 1);
    stage.pass(600_000);
    stage.say("1", "c1", "hello");
    assert_eq!(stage.world.texts("1").len(), 2);
    stage.back(&["ann"]);
    stage.say("1", "c1", "hello");
    assert_eq!(stage.phase("1"), "offered");
}

#[test]
fn the_longest_wait_ends_with_the_bot() {
    let stage = Stage::new(json!({ "accept_seconds": 0, "queue": { "every_seconds": 5, "max_seconds": 60 } }));
    stage.back(&["ann"]);
    stage.ask("1");
    assert_eq!(stage.ask("2"), "queued");
    stage.pass(61_000);
    assert_eq!(stage.phase("2"), "bot");
    assert!(stage.world.texts("2").last().unwrap().contains("sorry"));
    assert!(!stage.world.lock().kv.keys().any(|key| key.starts_with("q/")));
}

#[test]
fn agents_who_go_lose_what_they_have_not_accepted_and_who_leaves_loses_all() {
    let stage = Stage::new(json!({}));
    stage.back(&["ann", "bob"]);
    stage.ask("1");
    let first = stage.agent_of("1");
    stage.do_(false, |desk| desk.turns(&first, Duty::Offline)).unwrap();
    let second = stage.agent_of("1");
    assert!(second != first && second != "nobody");
    stage.accept(&second, "1");
    stage.back(&[&first]);
    stage
        .do_(true, |desk| desk.gone("1", std::slice::from_ref(&second)))
        .unwrap();
    assert_eq!(stage.agent_of("1"), first);
    stage.do_(true, |desk| desk.gone("1", &["c1".to_owned()])).unwrap();
    assert_eq!(stage.phase("1"), "closed");
}

#[test]
fn connections_say_who_is_away() {
    let stage = Stage::new(json!({ "away": { "offline_seconds": 30, "check_seconds": 10 } }));
    stage.world.lock().online.insert("ann".to_owned());
    stage.back(&["ann"]);
    stage.pass(100_000);
    assert_eq!(stage.world.agent("ann").duty, Duty::Online);
    stage.world.lock().online.clear();
    stage.pass(55_000);
    assert_eq!(stage.world.agent("ann").duty, Duty::Away);
    assert_eq!(stage.ask("1"), "bot");
    stage.world.lock().online.insert("ann".to_owned());
    stage.pass(20_000);
    assert_eq!(stage.world.agent("ann").duty, Duty::Online);
    // What one has said oneself stays.
    stage.type_("ann", "1", "away busy").unwrap();
    stage.pass(100_000);
    assert_eq!(stage.world.agent("ann").duty, Duty::Busy);
    assert_eq!(stage.ask("1"), "queued", "somebody is there");
}

#[test]
fn users_with_the_role_are_agents() {
    let stage = Stage::new(json!({ "agents": [], "accept_seconds": 0 }));
    let person = Person {
        name: "Zoe".to_owned(),
        attributes: json!({ "role": "agent", "desk_cap": 2 }),
    };
    stage.world.lock().people.insert("zoe".to_owned(), person);
    stage.back(&["zoe"]);
    assert_eq!(stage.world.agent("zoe").cap, 2);
    assert_eq!(stage.ask("1"), "active");
    assert_eq!(stage.world.texts("1")[0], "You are now talking to Zoe.");
    Stage::refused(
        stage.do_(false, |desk| desk.turns("ann", Duty::Online)),
        Refused::NotAgent,
    );
    assert_eq!(stage.serve(Some("c1"), "GET", "/queue", Value::Null).0, 403);
    assert_eq!(stage.serve(None, "GET", "/queue", Value::Null).0, 403);
    let (status, state) = stage.serve(Some("zoe"), "GET", "/state", Value::Null);
    assert_eq!((status, &state["me"]["load"][0]["conversation"]), (200, &json!("1")));
    let (_, metrics) = stage.serve(Some("zoe"), "GET", "/metrics", Value::Null);
    assert_eq!(metrics["totals"]["assigned"], 1);
}

#[test]
fn a_message_costs_as_much_with_many_agents_and_many_who_wait() {
    let cost = |agents: usize, waiting: usize| {
        let list: Vec<Value> = (0..agents)
            .map(|number| json!({ "uid": format!("a{number}") }))
            .collect();
        let stage =
            Stage::new(json!({ "agents": list, "accept_seconds": 0, "queue": { "told": 10, "every_seconds": 5 } }));
        for number in 0..agents {
            stage.back(&[&format!("a{number}")]);
        }
        for number in 0..agents + waiting {
            let conversation = format!("{}", 100 + number);
            stage.world.room(&conversation, &format!("x{number}"));
            stage.pass(1);
            stage.ask(&conversation);
        }
        let before = stage.world.lock().calls;
        stage.close("a0", "100");
        let after = stage.world.lock().calls;
        assert_eq!(stage.agent_of(&format!("{}", 100 + agents)), "a0");
        after - before
    };
    let (few, many) = (cost(2, 2), cost(30, 60));
    assert!(many <= few + 20, "{few} and {many} questions");
}
