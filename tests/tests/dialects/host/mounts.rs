use serde_json::{Value, json};

use super::parrot::{Cage, get, mount};
use crate::harness::{App, Guest, Home, guest, request};

fn parrot(prefix: &str) -> Value {
    json!({ "dialect": "parrot", "prefix": prefix })
}

#[tokio::test]
async fn a_mount_is_made_listed_and_ended() {
    let cage = Cage::new().await;
    let path = format!("/apps/{}/mounts", cage.app.id);
    let server = &cage.app.server;
    let deep = format!("{}/deep", cage.prefix);
    cage.mount(&deep).await;
    let listed = server.admin("GET", &path, Value::Null).await.ok();
    assert_eq!(listed, json!({ "mounts": [parrot(&deep), parrot(&cage.prefix)] }));
    let (status, seen) = get(cage.address(), &format!("{deep}/echo")).await;
    assert_eq!(
        (status, &seen["path"]),
        (200, &json!("/echo")),
        "the longest prefix goes first"
    );
    let end = format!("{path}?dialect=parrot&prefix={deep}");
    assert_eq!(server.admin("DELETE", &end, Value::Null).await.status, 204);
    server
        .admin("DELETE", &end, Value::Null)
        .await
        .refused()
        .is("not_found");
    assert_eq!(get(cage.address(), &format!("{deep}/echo")).await.0, 404);
    assert_eq!(cage.get("/echo").await.0, 200);
}

#[tokio::test]
async fn only_the_operator_says_what_answers_where() {
    let cage = Cage::new().await;
    for (method, body) in [("POST", parrot("/mine")), ("GET", Value::Null), ("DELETE", Value::Null)] {
        cage.app.admin(method, "/mounts", body).await.refused().is("not_found");
    }
    for (wrong, code) in [
        (parrot("x"), "bad_field"),
        (parrot("/x/"), "bad_field"),
        (parrot("/x y"), "bad_field"),
        (json!({ "prefix": "/x" }), "missing_field"),
        (json!({ "dialect": "No", "prefix": "/x" }), "bad_field"),
        (
            json!({ "dialect": "parrot", "prefix": "/x", "host": "UPPER" }),
            "bad_field",
        ),
        (json!({ "dialect": "parrot", "prefix": "/x", "app": 1 }), "bad_field"),
    ] {
        let (status, told) = mount(&cage.app, wrong.clone()).await;
        assert_eq!((status, &told), (400, &json!(code)), "{wrong}");
    }
}

#[tokio::test]
async fn an_address_is_taken_once() {
    let (cage, other) = (Cage::new().await, Cage::new().await);
    let conflict = (409, json!("conflict"));
    assert_eq!(
        mount(&other.app, parrot(&cage.prefix)).await,
        conflict,
        "another tenant's prefix"
    );
    assert_eq!(mount(&cage.app, parrot(&cage.prefix)).await, conflict);
    // Under another name with the same paths.
    let again = cage
        .app
        .upload("echo", guest(Guest::Parrot))
        .grants(super::parrot::GRANTS);
    again.install().await;
    let same = json!({ "dialect": "echo", "prefix": cage.prefix });
    assert_eq!(mount(&cage.app, same).await, conflict);
    let elsewhere = json!({ "dialect": "echo", "prefix": format!("{}-2", cage.prefix) });
    assert_eq!(mount(&cage.app, elsewhere).await.0, 201);
    let (_, seen) = get(cage.address(), &format!("{}-2/echo", cage.prefix)).await;
    assert_eq!(seen["plugin"], "echo");
}

#[tokio::test]
async fn a_mount_may_be_for_one_host() {
    let cage = Cage::new().await;
    let named = json!({ "dialect": "parrot", "prefix": format!("{}h", cage.prefix), "host": "chat.example.com" });
    assert_eq!(mount(&cage.app, named).await.0, 201);
    let path = format!("{}h/echo", cage.prefix);
    assert_eq!(get(cage.address(), &path).await.0, 404);
    let answer = super::shared::with_host(cage.address(), &path, "Chat.Example.com:99").await;
    assert!(answer.contains("http://Chat.Example.com:99"), "{answer}");
}

#[tokio::test]
async fn the_servers_own_addresses_go_first() {
    let app = App::new().await;
    app.upload("parrot", guest(Guest::Parrot))
        .grants(super::parrot::GRANTS)
        .install()
        .await;
    assert_eq!(mount(&app, parrot("/v1")).await.0, 201);
    let health = request(app.server.address, "GET", "/v1/openapi.json").send().await;
    assert!(health.text().contains("openapi"));
    assert_eq!(get(app.server.address, "/v1/echo").await.0, 200);
}

#[tokio::test]
async fn mounts_survive_a_restart() {
    let home = Home::new();
    let server = std::sync::Arc::new(home.start(&[]));
    let cage = Cage::on(&server, json!({})).await;
    assert_eq!(cage.get("/echo").await.0, 200);
    assert!(server.stop().await);
    let server = std::sync::Arc::new(home.start(&[]));
    let (status, seen) = get(server.address, &format!("{}/echo", cage.prefix)).await;
    assert_eq!((status, &seen["app"]), (200, &json!(cage.app.id.to_string())));
}
