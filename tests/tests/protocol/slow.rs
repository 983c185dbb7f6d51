use serde_json::json;

use crate::harness::{App, Server};

#[tokio::test]
async fn a_slow_reader_is_let_go_and_comes_back_to_all_of_it() {
    const MESSAGES: u64 = 600;
    let server = Server::start(&["limits.connection_queue=8"]);
    let app = App::on(&server, json!({})).await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let group = bob.conversation("group", &[&alice]).await;
    let mut slow = alice.on("slow").receive_buffer(4_096).open().await;
    let mut cursor = slow.ready["cursor"].as_u64().unwrap();
    let mut quick = alice.on("quick").open().await;
    let mut sender = bob.connect().await;
    // Far more than the buffers of both systems hold.
    let text = "x".repeat(4_900);
    for _ in 0..MESSAGES {
        sender
            .begin("message.send", crate::harness::text_to(group, &text))
            .await;
        quick.event("message.sent").await;
    }
    for _ in 0..MESSAGES {
        sender.next_answer().await;
    }

    assert_eq!(slow.closed().await, 4008);
    let mut seqs = Vec::new();
    for event in slow.take_kept() {
        if event["type"] == "message.sent" {
            cursor = event["cursor"].as_u64().unwrap();
            seqs.push(event["seq"].as_u64().unwrap());
        }
    }
    assert!(seqs.len() < 600, "it was not slow");
    let mut back = alice.on("slow").cursor(cursor).open().await;
    while seqs.last() != Some(&MESSAGES) {
        seqs.push(back.event("message.sent").await["seq"].as_u64().unwrap());
    }
    assert_eq!(seqs, (1..=MESSAGES).collect::<Vec<_>>());
}
