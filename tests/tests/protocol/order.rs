use serde_json::{Value, json};

use crate::harness::{App, Guest, Server, guest, text_to};

#[tokio::test]
async fn sends_are_answered_in_the_order_they_were_made() {
    let app = App::new().await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let (one, two) = (
        alice.conversation("group", &[&bob]).await,
        alice.conversation("group", &[&bob]).await,
    );
    let (mut sender, mut hears) = (alice.connect().await, bob.connect().await);
    let mut begun = Vec::new();
    // More than may be unanswered: the rest waits in the socket.
    for n in 0..200 {
        let conversation = if n % 3 == 0 { two } else { one };
        // Every tenth is refused, and takes its turn.
        let text = if n % 10 == 9 { String::new() } else { n.to_string() };
        begun.push((sender.begin("message.send", text_to(conversation, &text)).await, text));
    }
    let mut last_id = 0;
    for (id, text) in &begun {
        let answer = sender.next_answer().await;
        assert_eq!(answer["id"], *id, "answers keep the order of the sends");
        if text.is_empty() {
            assert_eq!(answer["error"]["code"], "bad_body");
        } else {
            let message = answer["data"]["id"].as_u64().unwrap_or_else(|| panic!("{answer}"));
            assert!(message > last_id, "ids increase");
            last_id = message;
        }
    }
    let mut seqs = [0, 0];
    for (_, text) in begun.iter().filter(|(_, text)| !text.is_empty()) {
        let event = hears.event("message.sent").await;
        let seq = &mut seqs[usize::from(event["data"]["conversation"] == two)];
        *seq += 1;
        assert_eq!(
            (&event["seq"], &event["data"]["body"]["text"]),
            (&json!(*seq), &json!(text))
        );
    }
}

#[tokio::test]
async fn what_is_unanswered_is_bounded() {
    let server = Server::start(&["limits.unacknowledged=1", "plugins.breaker_failures=1000"]);
    let app = App::on(&server, json!({})).await;
    app.upload("naughty", guest(Guest::Naughty))
        .grants("kv,messages-send")
        .install()
        .await;
    let alice = app.user("alice").await;
    let id = alice.conversation("group", &[]).await;
    let mut socket = alice.connect().await;
    // The plugin is stopped after its budget and the message passes: each of these takes a while.
    let slow = [
        socket.begin("message.send", text_to(id, "policy loop")).await,
        socket.begin("message.send", text_to(id, "policy loop")).await,
    ];
    let ping = socket.begin("ping", Value::Null).await;
    for expected in [slow[0], slow[1], ping] {
        assert_eq!(
            socket.next_answer().await["id"],
            expected,
            "a frame over the bound is not read"
        );
    }
}

#[tokio::test]
async fn ids_of_frames_come_back_as_they_were() {
    let app = App::new().await;
    let mut socket = app.user("alice").await.connect().await;
    for id in [
        json!(0),
        json!(-7),
        json!("a"),
        json!("x".repeat(64)),
        json!(9_007_199_254_740_991_u64),
    ] {
        socket.send_text(&json!({ "id": id, "type": "ping" }).to_string()).await;
        let answer = socket.next_answer().await;
        assert_eq!(answer, json!({ "id": id, "type": "reply", "data": { "pong": true } }));
    }
}
