//! What the plugin auto-reply owes customers when the server is killed: answers, waits and hand-offs, each once.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::SOON;
use crate::harness::{App, Chance, Home, PATIENCE, User, bundled, eventually};
use crate::plugins::auto_reply::{GRANTS, noon};

const KILLS: usize = 10;
const CUSTOMERS: usize = 12;

fn config() -> Value {
    json!({
        "agents": ["agent"],
        "hours": { "time_zone": noon() },
        "out_of_office": { "text": "away" },
        "menu": { "words": ["menu"], "text": "?", "choices": [
            { "label": "Next", "menu": { "text": "??", "choices": [{ "label": "Last", "reply": "done" }] } }] },
        "rules": [
            { "name": "soon", "on": "idle", "idle_seconds": 1, "reply": "one moment" },
            { "name": "late", "on": "idle", "idle_seconds": 2, "cooldown_seconds": 0, "actions": [
                { "text": "nobody" }, { "add": { "path": "/tags", "value": "late" } }, { "hand_off": "late" }] }
        ]
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_and_waits_come_once_however_often_the_server_is_killed() {
    let home = Home::new();
    let mut server = Arc::new(home.start(&SOON));
    let app = App::on(&server, json!({})).await;
    app.upload("auto-reply", bundled("auto-reply"))
        .grants(GRANTS)
        .install()
        .await;
    app.change_plugin("auto-reply", json!({ "config": config() })).await;
    let agent = app.user("agent").await;
    let mut rooms = Vec::new();
    for number in 0..CUSTOMERS {
        let customer = app.user(&format!("customer{number}")).await;
        let room = customer.conversation("direct", &[&agent]).await;
        // The same text chooses something else on each page: a call that is made again must choose the same.
        for text in ["menu", "1", "1"] {
            customer.say(room, text).await;
        }
        rooms.push((customer.uid.clone(), room));
    }
    drop(agent);
    let mut chance = Chance::new(9);
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(30 + u64::try_from(chance.below(300)).unwrap())).await;
        server.complain();
        server.kill();
        let home = Arc::clone(&home);
        server = Arc::new(tokio::task::spawn_blocking(move || home.start(&SOON)).await.unwrap());
    }
    let app = app.moved(&server);
    eventually("all timers to be over", async || {
        let page = app.admin("GET", "/plugins/auto-reply/timers", Value::Null).await.ok();
        page["timers"].as_array().unwrap().is_empty().then_some(())
    })
    .await;
    for (uid, room) in rooms {
        let customer = app.user(&uid).await;
        all_answers(&app, &customer, room, 9).await;
        // Whatever would have been doubled comes before the answer to one more.
        customer.say(room, "menu").await;
        let texts = all_answers(&app, &customer, room, 11).await;
        // What is said to who waits may come before the answer to what was said last.
        let said = by_the_plugin(&customer, room).await;
        let until = said.iter().rposition(|text| text == "?\n1. Next").unwrap();
        let (waits, answers): (Vec<_>, Vec<_>) = said[..until]
            .iter()
            .cloned()
            .partition(|text| ["one moment", "nobody"].contains(&text.as_str()));
        assert_eq!(
            answers,
            ["away", "?\n1. Next", "??\n1. Last\n0. Back", "done"],
            "{uid}: answered once each, in order: {texts:?}"
        );
        assert_eq!(waits, ["one moment", "nobody"], "{uid}: each wait once: {texts:?}");
        let seen = customer.call("conversation.get", json!({ "conversation": room })).await;
        assert_eq!(seen["ext"]["tags"], json!(["late"]), "{uid}");
        assert_eq!(seen["ext"]["desk"]["wanted"]["reason"], "late", "{uid}");
    }
    assert_eq!(app.dead_jobs().await, [Value::Null; 0]);
}

/// All that is said in a conversation, once it is as much as it must be.
async fn all_answers(app: &App, customer: &User, room: u64, count: usize) -> Vec<String> {
    let waiting = async {
        loop {
            let texts = customer.texts(room).await;
            if texts.len() >= count {
                return texts;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    match tokio::time::timeout(PATIENCE, waiting).await {
        Ok(texts) => texts,
        Err(_) => panic!(
            "answers are missing: {:?}, dead {:?}, log {}",
            customer.texts(room).await,
            app.dead_jobs().await,
            app.plugin_log("auto-reply").await
        ),
    }
}

async fn by_the_plugin(user: &User, room: u64) -> Vec<String> {
    let page = user
        .call("message.history", json!({ "conversation": room, "limit": 100 }))
        .await;
    let messages = page["messages"].as_array().unwrap().iter().rev();
    let made = messages.filter(|message| message["origin"] == "auto-reply");
    made.map(|message| message["body"]["text"].as_str().unwrap().to_owned())
        .collect()
}
