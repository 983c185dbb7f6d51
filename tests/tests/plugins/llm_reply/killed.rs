use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{ALONE, Desk, SETTINGS};
use crate::harness::{Chance, Home, Model, Turn, eventually};

#[tokio::test]
async fn a_server_that_is_killed_while_the_model_thinks_answers_once() {
    let model = Model::doing(|number, _| match number {
        0 => Turn::Thinks,
        _ => Turn::says("Back again."),
    })
    .await;
    let home = Home::new();
    let desk = Desk::on(&Arc::new(home.start(&SETTINGS)), &model, json!({})).await;
    desk.say("hi").await;
    model.wait_for(1).await;
    desk.app.server.kill();
    let desk = desk.moved(&Arc::new(home.start(&SETTINGS)));
    assert_eq!(desk.hear(2).await, ["hi", "Back again."]);
    // Whatever would have been doubled comes before this.
    desk.say("again").await;
    assert_eq!(desk.hear(4).await, ["hi", "Back again.", "again", "Back again."]);
    assert_eq!(model.asked().len(), 3, "asked twice for the first");
    assert_eq!(desk.app.dead_jobs().await, [Value::Null; 0]);
}

/// How often the server is killed.
const KILLS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_often_the_server_is_killed_each_message_has_one_answer_and_one_way() {
    // Unsure at every third question, not at every third message: what is asked again may be decided otherwise.
    let model = Model::doing(|number, question| {
        let last = question["messages"].as_array().unwrap().last().unwrap();
        let text = match number % 3 {
            2 => "[[HANDOFF]]".to_owned(),
            _ => format!("To {}.", last["content"].as_str().unwrap()),
        };
        Turn::After(Duration::from_millis(15), Box::new(Turn::says(&text)))
    })
    .await;
    let home = Home::new();
    let mut desk = Desk::on(&Arc::new(home.start(&SETTINGS)), &model, json!({})).await;
    let mut chance = Chance::new(9);
    let mut said = 0;
    for _ in 0..KILLS {
        for _ in 0..5 {
            said += 1;
            desk.say(&said.to_string()).await;
        }
        let pause = u64::try_from(chance.below(120)).unwrap();
        tokio::time::sleep(Duration::from_millis(pause)).await;
        desk.app.server.kill();
        desk = desk.moved(&Arc::new(home.start(&SETTINGS)));
    }
    // Whatever would have been doubled comes before the answer to one more.
    said += 1;
    desk.say(&said.to_string()).await;
    let messages = eventually("all to be answered", async || {
        let ask = json!({ "conversation": desk.room, "limit": 100 });
        let page = desk.customer.call("message.history", ask).await;
        let messages = page["messages"].as_array().unwrap().clone();
        (messages.len() >= 2 * said).then_some(messages)
    })
    .await;
    assert_eq!(messages.len(), 2 * said);
    let answers: Vec<&str> = messages
        .iter()
        .rev()
        .filter(|message| message["from"] == "bot")
        .map(|message| message["body"]["text"].as_str().unwrap())
        .collect();
    for (number, answer) in (1..).zip(&answers) {
        assert!(*answer == ALONE || *answer == format!("To {number}."), "{answers:?}");
    }
    assert_eq!(desk.app.dead_jobs().await, [Value::Null; 0]);
}
