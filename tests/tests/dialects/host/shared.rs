//! A mount for every app: the dialect itself says which one a request is for.

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::parrot::{GRANTS, Talk, get, mount};
use crate::harness::{App, Guest, Home, Server, from_environment, guest};

fn server() -> Arc<Server> {
    let guests = from_environment("SWITCHBOARD_GUESTS");
    let config = format!(
        "[plugins]\nbundled = {:?}\n\n[[mounts]]\ndialect = \"parrot\"\n\n[[mounts]]\ndialect = \"not-built\"\n",
        guests.display()
    );
    Arc::new(Home::with(&config).start(&[]))
}

/// The answer to a request that calls the server something else.
pub async fn with_host(to: SocketAddr, path: &str, host: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(to).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

async fn tenant(server: &Arc<Server>) -> App {
    App::on(server, json!({ "dialects": ["parrot"], "open_logins": true })).await
}

#[tokio::test]
async fn the_dialect_says_which_app_a_request_is_for() {
    let server = server();
    let (ours, theirs) = (tenant(&server).await, tenant(&server).await);
    for app in [&ours, &theirs] {
        let (status, seen) = get(server.address, &format!("/echo?app={}", app.id)).await;
        assert_eq!((status, &seen["app"]), (200, &json!(app.id.to_string())));
    }
    // By a token that was issued in it.
    ours.user("ann").await;
    let issued = ours.admin("POST", "/users/ann/tokens", json!({})).await.ok();
    let (_, seen) = get(
        server.address,
        &format!("/echo?token={}", issued["token"].as_str().unwrap()),
    )
    .await;
    assert_eq!(seen["app"], json!(ours.id.to_string()));
    assert_eq!(seen["query"][0][1], issued["token"], "what was sealed comes back");

    let bare = App::on(&server, json!({})).await;
    theirs.change(json!({ "enabled": false })).await;
    for (query, fault) in [
        (String::new(), "Unidentified"),
        ("?token=sbu_nothing".to_owned(), "Unidentified"),
        ("?app=x".to_owned(), "UnknownApp"),
        ("?app=0".to_owned(), "UnknownApp"),
        ("?app=77".to_owned(), "UnknownApp"),
        (format!("?app={}", bare.id), "NotInstalled"),
        (format!("?app={}", theirs.id), "DisabledApp"),
        ("?identify=trap".to_owned(), "Failed"),
        ("?identify=spin".to_owned(), "Failed"),
    ] {
        let (status, body) = get(server.address, &format!("/echo{query}")).await;
        assert_eq!(
            (status, &body["fault"]),
            (418, &json!(format!("FaultKind::{fault}"))),
            "{query}"
        );
        let refused = Talk::open(server.address, &format!("/talk{query}")).await.err();
        let (status, body) = refused.unwrap_or_else(|| panic!("{query} was let in"));
        assert_eq!(
            (status, &body["fault"]),
            (418, &json!(format!("FaultKind::{fault}"))),
            "{query}"
        );
    }
    ours.change_plugin("parrot", json!({ "enabled": false })).await;
    let (_, body) = get(server.address, &format!("/echo?app={}", ours.id)).await;
    assert_eq!(body["fault"], "FaultKind::NotInstalled");
}

#[tokio::test]
async fn the_first_frame_may_say_it() {
    let server = server();
    let (ours, theirs) = (tenant(&server).await, tenant(&server).await);
    let mut talk = Talk::open(server.address, "/later").await.unwrap();
    assert_eq!(talk.ask("hello").await, "fault FaultKind::Unidentified hello");
    assert_eq!(talk.ask("app 77").await, "fault FaultKind::UnknownApp app 77");
    assert_eq!(talk.ask(&format!("app {}", ours.id)).await, format!("in {}", ours.id));
    // Once said, it is so.
    assert_eq!(talk.ask(&format!("app {}", theirs.id)).await, format!("in {}", ours.id));
    assert_eq!(talk.ask("login ann").await, "bound ann ");
    let [ann, bob] = ours.users(["ann", "bob"]).await;
    let id = bob.conversation("direct", &[&ann]).await;
    assert_eq!(talk.next().await, format!("created {id} 2"));
    bob.say(id, "hi").await;
    assert_eq!(talk.next().await, format!("message {id} 1 ann+bob hi"));
}

#[tokio::test]
async fn a_tenant_may_speak_it_in_its_own_version_and_elsewhere() {
    let server = server();
    let app = App::on(&server, json!({ "open_logins": true })).await;
    let own = crate::harness::variant(guest(Guest::Parrot), "own");
    app.upload("parrot", own).grants(GRANTS).install().await;
    assert_eq!(get(server.address, &format!("/echo?app={}", app.id)).await.0, 200);
    assert_eq!(mount(&app, json!({ "dialect": "parrot", "prefix": "" })).await.0, 409);
    assert_eq!(
        mount(&app, json!({ "dialect": "parrot", "prefix": "/own" })).await.0,
        201
    );
    let (_, seen) = get(server.address, "/own/echo").await;
    assert_eq!(seen["app"], json!(app.id.to_string()), "nobody need say which app");
}

#[tokio::test]
async fn a_new_app_may_have_bundled_dialects() {
    let server = server();
    let unknown = server
        .admin("POST", "/apps", json!({ "name": "x", "dialects": ["nothing"] }))
        .await;
    unknown.refused().is("bad_field");
    let app = tenant(&server).await;
    let plugin = app.plugin("parrot").await;
    assert_eq!((&plugin["state"], &plugin["reuse"]), (&json!("active"), &json!(512)));
    let late = server
        .admin("PATCH", &format!("/apps/{}", app.id), json!({ "dialects": ["parrot"] }))
        .await;
    late.refused().is("bad_field");
}

#[tokio::test]
async fn an_app_made_with_a_dialect_understands_its_kinds() {
    let plugins = from_environment("SWITCHBOARD_PLUGINS");
    let server = Server::start(&[&format!("plugins.bundled={}", plugins.display())]);
    let app = App::on(&server, json!({ "dialects": ["imrest"] })).await;
    let list = app.admin("GET", "/plugins", json!(null)).await.ok();
    let names: Vec<_> = list["plugins"]
        .as_array()
        .unwrap()
        .iter()
        .map(|plugin| &plugin["name"])
        .collect();
    assert_eq!(names, ["imrest", "standard-types"]);
    let alice = app.user("alice").await;
    let group = alice.conversation("group", &[]).await;
    let image = json!({ "conversation": group, "kind": "image", "body": { "url": "/a.png" } });
    assert_eq!(alice.call("message.send", image).await["seq"], 1);
}
