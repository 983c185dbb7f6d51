use serde_json::json;

use crate::harness::{App, Server, text_to};

const SENDERS: usize = 30;
const SENDS: usize = 30;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_too_much_to_do_loses_nothing_that_it_has_taken() {
    let server = Server::start(&["storage.queue=1", "storage.group=1"]);
    let app = App::on(&server, json!({})).await;
    let owner = app.user("owner").await;
    let group = owner.conversation("group", &[]).await;
    let mut senders = Vec::new();
    for n in 0..SENDERS {
        let user = app.user(&format!("u{n}")).await;
        owner
            .call("member.add", json!({ "conversation": group, "users": [user.uid] }))
            .await;
        senders.push(tokio::spawn(async move {
            let mut socket = user.connect().await;
            let mut begun = Vec::new();
            for n in 0..SENDS {
                begun.push(socket.begin("message.send", text_to(group, &n.to_string())).await);
            }
            let mut stored = 0;
            for id in begun {
                match socket.answer(id).await {
                    Ok(_) => stored += 1,
                    Err(failure) => assert!(failure.is("busy").retry_after_ms > Some(0), "{failure:?}"),
                }
            }
            stored
        }));
    }
    let mut stored = 0;
    for sender in senders {
        stored += sender.await.unwrap();
    }
    let seen = owner.call("conversation.get", json!({ "conversation": group })).await;
    assert_eq!(seen["last_seq"], stored, "what was not acknowledged is not there");
    assert!(stored > 0);
}
