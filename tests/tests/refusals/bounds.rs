use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{App, Server, request, text_to};

#[tokio::test]
async fn what_is_too_large_is_refused_and_the_limit_is_named() {
    let app = App::with(json!({ "text_chars": 100_000 })).await;
    let alice = app.user("alice").await;
    let group = alice.conversation("group", &[]).await;
    let mut socket = alice.connect().await;

    let body = socket
        .attempt("message.send", text_to(group, &"x".repeat(33_000)))
        .await
        .unwrap_err();
    assert!(body.is("too_large").field.is_some(), "{body:?}");
    socket
        .send_text(
            &json!({ "id": "big", "type": "message.send", "data": text_to(group, &"x".repeat(65_536)) }).to_string(),
        )
        .await;
    let answer = socket.next_answer().await;
    assert_eq!(answer["error"]["code"], "too_large", "{answer}");
    socket.send(Message::text("x".repeat(4 * 65_536 - 100))).await;
    assert_eq!(socket.next_answer().await["error"]["code"], "too_large");
    assert_eq!(socket.say(group, "still here").await["seq"], 1);

    let huge = alice
        .attempt("message.send", text_to(group, &"x".repeat(262_145)))
        .await
        .unwrap_err();
    assert!(
        huge.is("too_large").field.is_some() || huge.message.contains("body_bytes"),
        "{huge:?}"
    );
    alice
        .attempt("message.send", text_to(group, &"x".repeat(40_000)))
        .await
        .unwrap_err()
        .is("too_large");
    assert_eq!(alice.say(group, "and here").await["seq"], 2);
}

#[tokio::test]
async fn a_frame_too_large_to_go_on_ends_the_connection() {
    let app = App::new().await;
    let alice = app.user("alice").await;
    let mut socket = alice.connect().await;
    // The server may close before all of it is written.
    let _ = socket.try_send_message(Message::text("x".repeat(32 << 20))).await;
    let code = socket.closed().await;
    assert!(code == 1009 || code == 1006, "{code}");
    alice.connect().await.call("ping", Value::Null).await;
}

#[tokio::test]
async fn conversations_and_lists_are_bounded() {
    let server = Server::start(&["limits.group_members=3", "limits.chatroom_members=2"]);
    let app = App::on(&server, json!({})).await;
    let [alice, bob, carol] = app.users(["alice", "bob", "carol"]).await;
    let many = json!({ "kind": "group", "members": ["a", "b", "c"] });
    let refusal = alice.attempt("conversation.create", many).await.unwrap_err();
    assert!(
        ["too_large", "bad_field"].contains(&refusal.code.as_str()),
        "{refusal:?}"
    );
    let group = alice.conversation("group", &[&bob, &carol]).await;
    let more = json!({ "conversation": group, "users": ["dave"] });
    alice.attempt("member.add", more).await.unwrap_err().is("too_large");
    let room = alice.conversation("chatroom", &[]).await;
    bob.call("member.join", json!({ "conversation": room })).await;
    carol
        .attempt("member.join", json!({ "conversation": room }))
        .await
        .unwrap_err()
        .is("too_large");
}

#[tokio::test]
async fn a_component_over_the_bound_is_not_even_looked_at() {
    let server = Server::start(&["plugins.component_bytes=1024"]);
    let app = App::on(&server, json!({})).await;
    let response = app.upload("big", vec![0; 1_025]).send().await;
    assert!(
        response.refused().is("too_large").message.contains("1024"),
        "{response:?}"
    );
    let path = format!("/admin/api/apps/{}/plugins?name=big", app.id);
    let lied = request(server.address, "POST", &path)
        .bearer(&app.secret)
        .header("content-type", "application/wasm".to_owned())
        .bytes(vec![0; 8 << 20]);
    if let Ok(response) = lied.try_send().await {
        response.refused().is("too_large");
    }
}
