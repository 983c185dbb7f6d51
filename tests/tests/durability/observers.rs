use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::watch;

use super::killed::{Now, Sender, rounds};
use crate::harness::{App, Chance, Guest, Home, User, eventually, guest};

const KILLS: usize = 15;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_observer_answers_each_message_once_however_often_the_server_is_killed() {
    let home = Home::new();
    let server = Arc::new(home.start(&["jobs.backoff_ms=20"]));
    let app = App::on(&server, json!({})).await;
    app.upload("counter", guest(Guest::Counter))
        .grants("kv,messages-send")
        .install()
        .await;
    let ann = app.user("ann").await;
    let room = ann.conversation("group", &[]).await;
    let (tell, now) = watch::channel(Now {
        address: None,
        going: true,
    });
    let sender = Sender {
        token: ann.token.clone(),
        name: "ann".to_owned(),
        conversation: room,
        // Some calls fail after their writes and are made again, on top of those that a kill ends.
        text: |number| {
            if number % 7 == 3 {
                "fail-once".to_owned()
            } else {
                "count".to_owned()
            }
        },
        chance: Chance::new(3),
        acks: BTreeMap::new(),
        most: 400,
        next: 0,
        repeated: 0,
    };
    let sending = tokio::spawn(sender.run(now));
    drop(ann);
    let server = rounds(&home, server, KILLS, 11, &tell).await;
    let sent = sending.await.unwrap().next;
    assert!(sent > 50, "too little happened between the kills: {sent} messages");

    let app = app.moved(&server);
    let reader = app.user("ann").await;
    // Whatever would have been doubled comes before the answer to one more.
    reader.say(room, "count").await;
    let sent = sent + 1;
    eventually("all to be answered", async || {
        let seen = reader.call("conversation.get", json!({ "conversation": room })).await;
        (seen["last_seq"].as_u64().unwrap() >= 2 * sent).then_some(())
    })
    .await;
    let answers: Vec<u64> = history(&reader, room)
        .await
        .iter()
        .filter(|message| message["origin"] == "counter")
        .map(|message| message["body"]["text"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(
        answers,
        (1..=sent).collect::<Vec<_>>(),
        "counted and answered once each, in order"
    );
    assert_eq!(app.dead_jobs().await, [Value::Null; 0]);
}

async fn history(user: &User, conversation: u64) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let ask = json!({ "conversation": conversation, "after_seq": all.len(), "limit": 100 });
        let page = user.call("message.history", ask).await;
        all.extend(page["messages"].as_array().unwrap().iter().cloned());
        if page["has_more"] == false {
            return all;
        }
    }
}
