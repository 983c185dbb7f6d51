use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use super::GRANTS;
use crate::harness::{App, Guest, Server, Socket, User, guest, variant};

const SWAPS: usize = 1_000;
const SENDERS: usize = 4;
/// Sends of one sender that are under way at any moment.
const WINDOW: usize = 4;
/// Between two sends of one sender: the test is about swaps.
const PAUSE: Duration = Duration::from_millis(5);

/// Sends through the plugin, as its own kind and as text by turns, until told to stop; how many.
async fn talk(mut socket: Socket, group: u64, name: usize, stopped: watch::Receiver<bool>) -> usize {
    let mut sent = 0;
    let mut begun = VecDeque::new();
    while !*stopped.borrow() {
        let kind = if sent % 2 == 0 { "naughty" } else { "text" };
        let message = json!({ "conversation": group, "kind": kind, "body": { "text": format!("{name}:{sent}") } });
        begun.push_back(socket.begin("message.send", message).await);
        sent += 1;
        if begun.len() == WINDOW {
            socket.answer(begun.pop_front().unwrap()).await.unwrap();
        }
        socket.take_kept();
        tokio::time::sleep(PAUSE).await;
    }
    for id in begun {
        socket.answer(id).await.unwrap();
    }
    socket.call("ping", Value::Null).await;
    sent
}

/// Hears everything that is said in a group, up to the word `end`.
async fn listen(mut socket: Socket) -> Vec<String> {
    let mut heard = Vec::new();
    loop {
        let text = socket.heard().await;
        socket.take_kept();
        if text == "end" {
            return heard;
        }
        heard.push(text);
    }
}

/// Changes which version runs, in every way there is.
async fn swap(app: &App, n: usize) {
    let component = |mark: usize| variant(guest(Guest::Naughty), &format!("v{mark}"));
    match n % 10 {
        0 => drop(app.upload("p", component(n / 10 % 3)).install().await),
        4 => drop(app.upload("p", component(3 + n / 10 % 2)).canary(50).install().await),
        5 => drop(app.admin("POST", "/plugins/p/promote", Value::Null).await.ok()),
        7 => drop(app.change_plugin("p", json!({ "reuse": 1 + n % 3 })).await),
        _ => drop(app.admin("POST", "/plugins/p/rollback", Value::Null).await.ok()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_swaps_lose_nothing_double_nothing_and_disturb_nobody() {
    let server = Server::start(&[]);
    let app = App::on(&server, json!({ "unowned_kinds": "refuse" })).await;
    for mark in ["first", "v0"] {
        let naughty = variant(guest(Guest::Naughty), mark);
        app.upload("p", naughty).grants(GRANTS).install().await;
    }
    let owner = app.user("owner").await;
    let group = owner.conversation("group", &[]).await;
    let (stop, stopped) = watch::channel(false);
    let listening = tokio::spawn(listen(owner.connect().await));
    let mut talking = Vec::new();
    for n in 0..SENDERS {
        let user = app.user(&format!("user{n}")).await;
        let add = json!({ "conversation": group, "users": [user.uid] });
        owner.call("member.add", add).await;
        talking.push(tokio::spawn(talk(user.connect().await, group, n, stopped.clone())));
    }
    for n in 0..SWAPS {
        swap(&app, n).await;
    }
    stop.send(true).unwrap();
    let mut expected = Vec::new();
    for (n, talking) in talking.into_iter().enumerate() {
        let sent = talking.await.unwrap();
        assert!(sent > SWAPS / 10, "sender {n} said {sent} things only");
        expected.push((0..sent).map(|at| format!("{n}:{at}")).collect::<Vec<_>>());
    }
    owner.say(group, "end").await;
    assert_eq!(by_sender(&listening.await.unwrap()), expected, "what was heard");
    assert_eq!(by_sender(&stored(&owner, group).await), expected, "what was stored");
    let plugin = app.plugin("p").await;
    assert_eq!(plugin["state"], "active");
    for counters in plugin["counters"].as_array().unwrap() {
        assert_eq!(counters["failures"], json!({}), "{counters}");
    }
    assert!(app.dead_jobs().await.is_empty());
}

/// What each sender said, in order.
fn by_sender(texts: &[String]) -> Vec<Vec<String>> {
    let mut found = vec![Vec::new(); SENDERS];
    for text in texts {
        let (n, _) = text.split_once(':').unwrap();
        found[n.parse::<usize>().unwrap()].push(text.clone());
    }
    found
}

/// What was said in a group, but for the end of it.
async fn stored(user: &User, group: u64) -> Vec<String> {
    let (mut texts, mut seq) = (Vec::new(), 0);
    loop {
        let ask = json!({ "conversation": group, "after_seq": seq, "limit": 100 });
        let page = user.call("message.history", ask).await;
        for message in page["messages"].as_array().unwrap() {
            seq += 1;
            assert_eq!(message["seq"], seq);
            texts.push(message["body"]["text"].as_str().unwrap_or_default().to_owned());
        }
        if page["has_more"] == false {
            texts.retain(|text| text.contains(':'));
            return texts;
        }
    }
}
