use std::time::Duration;

use serde_json::{Value, json};

use super::{ALONE, Desk};
use crate::harness::{Model, Turn};

#[tokio::test]
async fn a_customer_is_answered_by_the_bot_who_types_meanwhile() {
    let model = Model::doing(|_, _| Turn::After(Duration::from_millis(300), Box::new(Turn::says("It is 9.99.")))).await;
    let more = json!({
        "system": "You are Bo.",
        "knowledge": [{ "keywords": ["price"], "text": "It costs 9.99." }, { "keywords": ["refund"], "text": "Never." }],
        "endpoint": { "temperature": 0.2, "max_tokens": 90 }
    });
    let desk = Desk::new(&model, more).await;
    let mut socket = desk.customer.connect().await;
    desk.say("what is the price?").await;
    let typing = socket.event("typing").await["data"].clone();
    assert_eq!((&typing["user"], &typing["typing"]), (&json!("bot"), &json!(true)));
    let own = socket.event("message.sent").await["data"].clone();
    assert_eq!(own["from"], "ann", "on her other connections");
    let answer = socket.event("message.sent").await["data"].clone();
    assert_eq!(
        (&answer["from"], &answer["body"]["text"]),
        (&json!("bot"), &json!("It is 9.99."))
    );
    assert_eq!(
        (&answer["origin"], &answer["kind"]),
        (&json!("llm-reply"), &json!("text"))
    );
    let asked = &model.asked()[0];
    assert_eq!(
        (&asked["model"], &asked["temperature"], &asked["max_tokens"]),
        (&json!("stand-in"), &json!(0.2), &json!(90))
    );
    let system = asked["messages"][0]["content"].as_str().unwrap();
    assert!(
        system.starts_with("You are Bo.") && system.ends_with("What you know:\n- It costs 9.99."),
        "{system}"
    );
    assert_eq!(
        asked["messages"][1],
        json!({ "role": "user", "content": "what is the price?" })
    );
    assert!(desk.app.plugin_log("llm-reply").await.contains("answered, 10 tokens"));
}

#[tokio::test]
async fn the_model_is_told_the_last_messages_in_their_roles() {
    let model = Model::saying("Again.").await;
    let more = json!({ "context": { "messages": 4 }, "conversations": { "quiet_minutes": 0 } });
    let desk = Desk::new(&model, more).await;
    desk.say("first").await;
    desk.hear(2).await;
    desk.customer
        .call(
            "message.send",
            json!({ "conversation": desk.room, "kind": "image", "body": { "url": "/x.png" } }),
        )
        .await;
    desk.bot.say(desk.room, "typed by a human").await;
    desk.say("second").await;
    desk.hear(6).await;
    let asked = model.asked();
    let lines: Vec<(&Value, &Value)> = asked[1]["messages"].as_array().unwrap()[1..]
        .iter()
        .map(|line| (&line["role"], &line["content"]))
        .collect();
    let expected = [
        (json!("assistant"), json!("Again.")),
        (json!("user"), json!("[image]")),
        (json!("assistant"), json!("typed by a human")),
        (json!("user"), json!("second")),
    ];
    assert_eq!(lines, expected.each_ref().map(|(role, text)| (role, text)));
}

#[tokio::test]
async fn messages_that_come_at_once_have_an_answer_each() {
    let model = Model::doing(|_, question| {
        let last = question["messages"].as_array().unwrap().last().unwrap();
        let text = format!("To {}.", last["content"].as_str().unwrap());
        Turn::After(Duration::from_millis(50), Box::new(Turn::says(&text)))
    })
    .await;
    let desk = Desk::new(&model, json!({})).await;
    for number in 1..=4 {
        desk.say(&number.to_string()).await;
    }
    let texts = desk.hear(8).await;
    let answers: Vec<&String> = texts.iter().filter(|text| text.starts_with("To ")).collect();
    assert_eq!(answers, ["To 1.", "To 2.", "To 3.", "To 4."]);
    let last = model.asked()[3]["messages"].as_array().unwrap().clone();
    let told: Vec<&str> = last[1..].iter().map(|line| line["content"].as_str().unwrap()).collect();
    assert_eq!(told.last(), Some(&"4"));
    assert!(told.contains(&"To 3."), "{told:?}");
}

#[tokio::test]
async fn answers_are_cut_at_a_sentence() {
    let model = Model::saying("It is 9.99. Shipping is free. And so on and so forth, for a long time.").await;
    let desk = Desk::new(&model, json!({ "answers": { "chars": 35 } })).await;
    desk.say("how much?").await;
    assert_eq!(desk.hear(2).await[1], "It is 9.99. Shipping is free.");
}

#[tokio::test]
async fn models_may_answer_in_json() {
    let model = Model::doing(|number, _| {
        Turn::says(match number {
            0 => r#"{"answer":"Yes.","handoff":false,"confidence":0.9}"#,
            1 => r#"{"answer":"Perhaps.","handoff":false,"confidence":0.1}"#,
            _ => "no JSON",
        })
    })
    .await;
    let desk = Desk::new(&model, json!({ "answers": { "format": "json" } })).await;
    for _ in 0..3 {
        desk.say("is it?").await;
    }
    let texts = desk.hear(6).await;
    let answers: Vec<&String> = texts.iter().filter(|text| *text != "is it?").collect();
    assert_eq!(answers, ["Yes.", ALONE, ALONE]);
    assert_eq!(model.asked()[0]["response_format"], json!({ "type": "json_object" }));
}

#[tokio::test]
async fn in_a_group_it_answers_who_mentions_it() {
    let model = Model::saying("Here.").await;
    let more = json!({ "conversations": { "kinds": ["group"] } });
    let desk = Desk::new(&model, more).await;
    let group = desk.customer.conversation("group", &[&desk.bot]).await;
    desk.customer.say(group, "nobody in particular").await;
    let sent = desk
        .customer
        .call(
            "message.send",
            json!({ "conversation": group, "kind": "text", "body": { "text": "you" }, "mentions": ["bot"] }),
        )
        .await;
    assert_eq!(desk.customer.heard(group, 3).await[2], "Here.");
    assert_eq!(model.asked().len(), 1);
    assert_eq!(model.asked()[0]["messages"][1]["name"], "ann");
    let page = desk
        .customer
        .call("message.history", json!({ "conversation": group }))
        .await;
    assert_eq!(page["messages"][0]["reply_to"], sent["id"]);
}

#[tokio::test]
async fn a_customer_whose_answer_takes_long_holds_up_no_other() {
    let think_first = |number, _: &Value| {
        if number == 0 {
            Turn::Thinks
        } else {
            Turn::says("Hello.")
        }
    };
    let model = Model::doing(think_first).await;
    let desk = Desk::new(&model, json!({})).await;
    desk.say("and the meaning of it all?").await;
    model.wait_for(1).await;
    let [bob] = desk.app.users(["bob"]).await;
    let room = bob.conversation("direct", &[&desk.bot]).await;
    for count in [2, 4] {
        bob.say(room, "hi").await;
        bob.heard(room, count).await;
    }
    assert_eq!(desk.hear(1).await.len(), 1, "the first is still thought about");
}

#[tokio::test]
async fn the_key_is_shown_to_nobody_and_stays_when_the_rest_changes() {
    let model = Model::saying("yes").await;
    let desk = Desk::new(&model, json!({})).await;
    let seen = desk.app.plugin("llm-reply").await["config"].clone();
    assert_eq!(seen["endpoint"]["api_key"], "********");
    let list = desk.app.admin("GET", "/plugins", Value::Null).await.ok();
    let audit = desk.app.admin("GET", "/audit?plugin=llm-reply", Value::Null).await.ok();
    for shown in [&list, &audit] {
        assert!(!shown.to_string().contains("sk-of-the-tests"), "{shown}");
    }
    // What was shown is put back with a change, as somebody who edits it does.
    let mut changed = seen;
    changed["system"] = json!("You are Bo.");
    desk.app.change_plugin("llm-reply", json!({ "config": changed })).await;
    desk.say("are you there?").await;
    assert_eq!(desk.hear(2).await, ["are you there?", "yes"]);
    let told = model.asked()[0]["messages"][0]["content"].to_string();
    assert!(told.contains("You are Bo."), "{told}");
}
