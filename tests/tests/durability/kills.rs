use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use tokio::sync::watch;

use super::killed::{Ack, Now, Sender, rounds};
use crate::harness::{App, Chance, Home, User};

/// Homes side by side, each with a server that is killed so many times: a hundred kills.
const LANES: u64 = 4;
const KILLS: usize = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_kills_lose_nothing_and_double_nothing() {
    let lanes = (0..LANES).map(|seed| tokio::spawn(lane(seed)));
    let done = futures_util::future::join_all(lanes).await;
    let stored: u64 = done.into_iter().map(Result::unwrap).sum();
    assert!(
        stored > 1_000,
        "too little happened between the kills: {stored} messages"
    );
}

/// One home; answers how many messages it holds at the end.
async fn lane(seed: u64) -> u64 {
    let home = Home::new();
    let server = Arc::new(home.start(&[]));
    let app = App::on(&server, json!({})).await;
    let users = app.users(["ann", "ben", "cat", "dan"]).await;
    let [ann, ben, cat, dan] = &users;
    let rooms = [
        ann.conversation("group", &[ben, cat, dan]).await,
        ben.conversation("group", &[ann, cat, dan]).await,
    ];
    let (tell, now) = watch::channel(Now {
        address: None,
        going: true,
    });
    let mut tasks = Vec::new();
    for (at, user) in users.iter().enumerate() {
        let sender = Sender {
            token: user.token.clone(),
            name: user.uid.clone(),
            conversation: rooms[at % 2],
            text: |number| number.to_string(),
            chance: Chance::new(seed * 100 + at as u64),
            acks: BTreeMap::new(),
            next: 0,
            most: u64::MAX,
            repeated: 0,
        };
        tasks.push(tokio::spawn(sender.run(now.clone())));
    }
    drop(users);
    let server = rounds(&home, server, KILLS, seed, &tell).await;
    let mut senders = Vec::new();
    for task in tasks {
        senders.push(task.await.unwrap());
    }
    assert!(
        senders.iter().all(|sender| sender.repeated > 0),
        "known nonces were sent again"
    );

    let reader = app.moved(&server).user("ann").await;
    let mut stored = 0;
    for room in rooms {
        let history = history(&reader, room).await;
        let said: Vec<&Sender> = senders.iter().filter(|sender| sender.conversation == room).collect();
        assert_eq!(
            history.len() as u64,
            said.iter().map(|sender| sender.next).sum::<u64>(),
            "each message once"
        );
        for sender in said {
            let theirs: Vec<(u64, Ack)> = history
                .iter()
                .filter(|(from, ..)| *from == sender.name)
                .map(|(_, number, ack)| (*number, *ack))
                .collect();
            let acknowledged: Vec<(u64, Ack)> = sender.acks.clone().into_iter().collect();
            assert_eq!(
                theirs, acknowledged,
                "what was acknowledged is stored, in the order it was sent"
            );
        }
        stored += history.len() as u64;
    }
    stored
}

/// Sender, number and place of all messages, which have no gap between their seqs.
async fn history(user: &User, conversation: u64) -> Vec<(String, u64, Ack)> {
    let (mut all, mut last) = (Vec::new(), Ack { id: 0, seq: 0 });
    loop {
        let ask = json!({ "conversation": conversation, "after_seq": last.seq, "limit": 100 });
        let page = user.call("message.history", ask).await;
        for message in page["messages"].as_array().unwrap() {
            let ack = Ack {
                id: message["id"].as_u64().unwrap(),
                seq: message["seq"].as_u64().unwrap(),
            };
            assert_eq!(ack.seq, last.seq + 1, "seqs have no gap");
            assert!(ack.id > last.id, "ids increase");
            last = ack;
            let number = message["body"]["text"].as_str().unwrap().parse().unwrap();
            all.push((message["from"].as_str().unwrap().to_owned(), number, ack));
        }
        if page["has_more"] == false {
            let seen = user
                .call("conversation.get", json!({ "conversation": conversation }))
                .await;
            assert_eq!(seen["last_seq"], last.seq);
            return all;
        }
    }
}
