//! Rate limits over the wire: each is reached, says when to come again, and ends nothing.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{App, Connect, Failure, Response, Server, eventually, request, text_to};

const NEAR: &str = "203.0.113.7";
const FAR: &str = "203.0.113.8";

/// Far above every limit here: who has not been refused by then never is.
const MANY: usize = 500;

/// A server behind a proxy that it believes.
fn proxied(limits: &[&str]) -> Arc<Server> {
    let mut settings = vec!["server.trusted_proxies=[\"127.0.0.1\"]"];
    settings.extend(limits);
    Server::start(&settings)
}

async fn ask(server: &Server, path: &str, token: &str, from: &str) -> Response {
    let asked = request(server.address, "GET", path).bearer(token);
    asked.header("x-forwarded-for", from.to_owned()).send().await
}

/// Fails unless it is a refusal by this limit that says when to come again.
#[track_caller]
fn limited(failure: &Failure, limit: &str) -> Duration {
    failure.is("rate_limited").blames(limit);
    Duration::from_millis(failure.retry_after_ms.filter(|wait| *wait > 0).unwrap())
}

/// The refusal of a handshake.
fn of_handshake((status, body): (u16, Value)) -> Failure {
    Failure::read(&body["error"], Some(status))
}

#[tokio::test]
async fn w15_a_hasty_user_is_told_when_to_come_again() {
    let server = Server::start(&["limits.user_messages_per_minute=30"]);
    let app = App::on(&server, json!({})).await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let group = alice.conversation("group", &[&bob]).await;
    let mut socket = alice.connect().await;
    let (mut stored, mut refusal) = (0, None);
    for _ in 0..MANY {
        match socket.attempt("message.send", text_to(group, "x")).await {
            Ok(sent) => stored = sent["seq"].as_u64().unwrap(),
            Err(failure) => {
                refusal = Some(failure);
                break;
            }
        }
    }
    let wait = limited(&refusal.unwrap(), "user_messages_per_minute");
    assert!(stored >= 30 && wait <= Duration::from_secs(2), "{stored} {wait:?}");
    assert_eq!(bob.say(group, "bob may").await["seq"], stored + 1);

    // REST counts with the socket, and all else goes on.
    let path = format!("/v1/conversations/{group}/messages");
    let message = json!({ "kind": "text", "body": { "text": "y" } });
    let over_rest = eventually("a refusal over REST", async || {
        let response = alice.rest("POST", &path, message.clone()).await;
        (response.status == 429).then_some(response)
    });
    let over_rest = over_rest.await;
    limited(&over_rest.refused(), "user_messages_per_minute");
    assert!(["1", "2"].contains(&over_rest.header("retry-after")), "{over_rest:?}");
    assert_eq!(socket.call("ping", Value::Null).await["pong"], true);

    // What was refused goes through later, under its own nonce, once.
    let mut late = text_to(group, "late");
    late["nonce"] = json!("late-1");
    let sent = eventually("time to bring a message back", async || {
        socket.attempt("message.send", late.clone()).await.ok()
    });
    assert_eq!(sent.await["duplicate"], false);
    let texts = bob.texts(group).await;
    assert_eq!(texts.iter().filter(|text| *text == "late").count(), 1, "{texts:?}");

    let page = request(server.address, "GET", "/metrics").send().await.text();
    let line = "switchboard_rate_limited_total{what=\"user_messages_per_minute\"} ";
    let count = page.lines().find_map(|told| told.strip_prefix(line)).unwrap();
    assert!(count.parse::<u64>().unwrap() >= 2, "{count}");
}

#[tokio::test]
async fn w15_an_apps_users_share_its_messages() {
    let server = Server::start(&["limits.app_messages_per_second=2"]);
    let (app, other) = (App::on(&server, json!({})).await, App::on(&server, json!({})).await);
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let group = alice.conversation("group", &[&bob]).await;
    let mut sockets = [alice.connect().await, bob.connect().await];
    let mut begun = Vec::new();
    for n in 0..40 {
        begun.push((n % 2, sockets[n % 2].begin("message.send", text_to(group, "x")).await));
    }
    let mut stored = 0;
    for (who, id) in begun {
        match sockets[who].answer(id).await {
            Ok(_) => stored += 1,
            Err(failure) => assert!(limited(&failure, "app_messages_per_second") <= Duration::from_secs(1)),
        }
    }
    assert!((2..40).contains(&stored), "{stored}");
    let carol = other.user("carol").await;
    let own = carol.conversation("group", &[]).await;
    assert_eq!(carol.say(own, "another app").await["seq"], 1);
    let sent = eventually("a second to pass", async || {
        sockets[0].attempt("message.send", text_to(group, "y")).await.ok()
    });
    assert_eq!(sent.await["seq"], stored + 1);
}

#[tokio::test]
async fn w15_an_address_has_so_many_requests() {
    let server = proxied(&["limits.address_requests_per_minute=60"]);
    let app = App::on(&server, json!({})).await;
    let token = app.user("alice").await.token;
    let mut answers = 0;
    let refused = loop {
        let response = ask(&server, "/v1/me", &token, NEAR).await;
        if response.status == 429 {
            break response;
        }
        response.ok();
        answers += 1;
        assert!(answers < MANY, "never refused");
    };
    assert!(answers >= 60, "{answers}");
    assert!(limited(&refused.refused(), "address_requests_per_minute") <= Duration::from_secs(1));
    assert_eq!(refused.header("retry-after"), "1");
    ask(&server, "/v1/me", &token, FAR).await.ok();
    for _ in 0..5 {
        assert_eq!(ask(&server, "/healthz", &token, NEAR).await.status, 200);
    }
    eventually("a second to bring a request back", async || {
        (ask(&server, "/v1/me", &token, NEAR).await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn w15_who_is_no_trusted_proxy_has_one_address() {
    let server = Server::start(&["limits.address_requests_per_minute=60"]);
    let mut asked = 0;
    while ask(&server, "/v1/me", "no token", &format!("198.51.100.{}", asked % 250))
        .await
        .status
        != 429
    {
        asked += 1;
        assert!(asked < MANY, "another header is another client");
    }
}

#[tokio::test]
async fn w15_an_address_has_so_many_sockets() {
    let server = proxied(&["limits.address_connections=2"]);
    let app = App::on(&server, json!({})).await;
    let alice = app.user("alice").await;
    let connect = |device: &str, from: &str| alice.on(device).forwarded(from);
    let mut first = connect("a", NEAR).open().await;
    let mut second = connect("b", NEAR).open().await;
    let refused = connect("c", NEAR).try_handshake().await.err().unwrap();
    limited(&of_handshake(refused), "address_connections");
    let mut far = connect("c", FAR).open().await;
    for socket in [&mut first, &mut second, &mut far] {
        assert_eq!(socket.call("ping", Value::Null).await["pong"], true);
    }
    first.close().await;
    eventually("a place to be free", async || {
        connect("d", NEAR).try_handshake().await.ok()
    })
    .await;
}

#[tokio::test]
async fn w15_an_address_opens_so_many_sockets() {
    let server = proxied(&["limits.address_connects_per_minute=30"]);
    let app = App::on(&server, json!({})).await;
    let alice = app.user("alice").await;
    let connect = |from: &str| alice.on("a").forwarded(from);
    let mut opened = 0;
    let refused = loop {
        match connect(NEAR).try_handshake().await {
            Ok(_) => opened += 1,
            Err(refused) => break refused,
        }
        assert!(opened < MANY, "never refused");
    };
    assert!(opened >= 30, "{opened}");
    assert!(limited(&of_handshake(refused), "address_connects_per_minute") <= Duration::from_secs(2));
    connect(FAR).open().await;
    eventually("time to bring a socket back", async || {
        connect(NEAR).try_handshake().await.ok()
    })
    .await;
}

#[tokio::test]
async fn w15_an_app_has_so_many_connections() {
    let server = Server::start(&["limits.app_connections=1"]);
    let (app, other) = (App::on(&server, json!({})).await, App::on(&server, json!({})).await);
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let mut first = alice.connect().await;
    let refused = bob.on("a").try_handshake().await.err().unwrap();
    limited(&of_handshake(refused), "app_connections");
    // A socket that has not logged in stays, and may try again.
    let mut waiting = Connect::new(server.address).handshake().await;
    let login = json!({ "token": bob.token });
    let refusal = waiting.attempt("session.login", login.clone()).await.unwrap_err();
    limited(&refusal, "app_connections");
    other.user("carol").await.connect().await;
    assert_eq!(first.call("ping", Value::Null).await["pong"], true);
    first.close().await;
    let logged_in = eventually("a place to be free", async || {
        waiting.attempt("session.login", login.clone()).await.ok()
    });
    assert_eq!(logged_in.await["user"], "bob");
}

#[tokio::test]
async fn w15_who_guesses_is_not_listened_to() {
    let server = proxied(&["limits.address_failures_per_minute=20"]);
    let app = App::on(&server, json!({})).await;
    let alice = app.user("alice").await;
    let admin = format!("/admin/api/apps/{}", app.id);
    let mut wrong = 0;
    let refused = loop {
        let (path, token) = [("/v1/me", "sbu_guess"), (admin.as_str(), "guess")][wrong % 2];
        let response = ask(&server, path, token, NEAR).await;
        if response.status == 429 {
            break response;
        }
        response.refused().is("bad_token");
        wrong += 1;
        assert!(wrong < MANY, "never refused");
    };
    assert!(wrong >= 20, "{wrong}");
    assert!(limited(&refused.refused(), "address_failures_per_minute") <= Duration::from_secs(3));
    // By no way in, neither with the right token nor with a wrong one, until there is time for another guess.
    let refused = alice
        .on("a")
        .forwarded(NEAR)
        .try_handshake()
        .await
        .err()
        .map(of_handshake);
    refused.unwrap().is("rate_limited");
    let mut socket = Connect::new(server.address).forwarded(NEAR).handshake().await;
    let login = json!({ "token": alice.token });
    socket
        .attempt("session.login", login.clone())
        .await
        .unwrap_err()
        .is("rate_limited");
    ask(&server, "/v1/me", &alice.token, FAR).await.ok();
    ask(&server, &admin, &app.secret, FAR).await.ok();
    let logged_in = eventually("time for another guess", async || {
        socket.attempt("session.login", login.clone()).await.ok()
    });
    assert_eq!(logged_in.await["user"], "alice");
}
