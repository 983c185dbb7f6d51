use std::time::Duration;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{App, Claims, Connect, Home, Server};

#[tokio::test]
async fn a_silent_connection_is_closed_and_a_living_one_is_not() {
    let server = Server::start(&["limits.idle_timeout_ms=3000"]);
    let app = App::on(&server, json!({})).await;
    let [alice, bob, carol] = app.users(["alice", "bob", "carol"]).await;
    let mut silent = alice.connect().await;
    assert_eq!(silent.ready["idle_timeout_ms"], 3_000);
    let (mut talks, mut pongs) = (bob.connect().await, carol.connect().await);
    // One says something now and then, one only answers the server's pings (which reading does), one does neither.
    let talking = async {
        for _ in 0..15 {
            tokio::time::sleep(Duration::from_millis(300)).await;
            talks.send_text(r#"{"type":"ping"}"#).await;
        }
    };
    let ((), ponging) = tokio::join!(
        talking,
        tokio::time::timeout(Duration::from_millis(4_500), pongs.read("nothing"))
    );
    assert!(ponging.is_err(), "a client that answers pings lives: {ponging:?}");
    assert_eq!(silent.closed().await, 4000);
    talks.call("ping", Value::Null).await;
}

#[tokio::test]
async fn a_connection_must_log_in_in_time() {
    let server = Server::start(&["limits.login_timeout_ms=300"]);
    let mut socket = Connect::new(server.address).handshake().await;
    assert_eq!(socket.closed().await, 4002);
    // What is no login does not buy time.
    let mut chatty = Connect::new(server.address).handshake().await;
    let code = loop {
        if chatty.try_send(r#"{"id":1,"type":"ping"}"#).await.is_err() {
            break chatty.closed().await;
        }
        match tokio::time::timeout(Duration::from_millis(20), chatty.read("the end")).await {
            Ok(Err(code)) => break code,
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    assert_eq!(code, 4002);
}

#[tokio::test]
async fn the_first_frame_may_be_the_login() {
    let app = App::new().await;
    let alice = app.user("alice").await;
    let mut socket = Connect::new(alice.address()).handshake().await;
    let failure = socket.attempt("conversation.list", json!({})).await.unwrap_err();
    failure.is("unauthenticated");
    let login = json!({ "token": alice.token, "device": "watch" });
    assert_eq!(
        socket.call("session.login", login).await,
        json!({ "user": "alice", "device": "watch" })
    );
    assert_eq!(socket.event("session.ready").await["data"]["device"], "watch");
    socket.call("conversation.list", json!({})).await;

    let mut wrong = Connect::new(alice.address()).handshake().await;
    let token = Claims::of(app.id, "alice").sign("not the secret");
    wrong
        .attempt("session.login", json!({ "token": token }))
        .await
        .unwrap_err()
        .is("bad_token");
    assert_eq!(wrong.closed().await, 4002);
}

#[tokio::test]
async fn pings_of_the_socket_are_answered() {
    let app = App::new().await;
    let mut socket = app.user("alice").await.connect().await;
    socket.send(Message::Ping("life".into())).await;
    socket.call("ping", Value::Null).await;
}

#[tokio::test]
async fn a_server_that_goes_away_says_so_and_keeps_what_it_has_acknowledged() {
    let home = Home::new();
    let server = std::sync::Arc::new(home.start(&[]));
    let app = App::on(&server, json!({})).await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let group = alice.conversation("group", &[&bob]).await;
    let (mut idle, mut sender) = (bob.connect().await, alice.connect().await);
    for n in 0..50 {
        sender
            .begin("message.send", crate::harness::text_to(group, &n.to_string()))
            .await;
    }
    sender.next_answer().await;
    server.terminate();
    assert_eq!(idle.closed().await, 1001);
    assert_eq!(sender.closed().await, 1001);
    let acknowledged = 1 + sender
        .take_kept()
        .iter()
        .filter(|frame| frame["data"]["seq"].is_u64())
        .count();
    assert!(server.stop().await, "it ends well:\n{}", server.printed());
    server.complain();
    drop((idle, sender));

    let server = std::sync::Arc::new(home.start(&[]));
    let alice = app.moved(&server).user("alice").await;
    let texts = alice.texts(group).await;
    let expected: Vec<String> = (0..texts.len()).map(|n| n.to_string()).collect();
    assert_eq!(texts, expected);
    assert!(
        texts.len() >= acknowledged,
        "{} stored, {acknowledged} acknowledged",
        texts.len()
    );
}
