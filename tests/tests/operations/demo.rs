use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::harness::{ADMIN_TOKEN, Connect, Guest, Home, Server, eventually, guest, request, variant};

/// A server with the configuration that stands in the root, and the bundled plugins.
fn demo() -> Arc<Server> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let home = Home::with(&std::fs::read_to_string(root.join("config.toml")).unwrap());
    let plugins = PathBuf::from(std::env::var_os("SWITCHBOARD_PLUGINS").expect("cargo xtask test sets it"));
    Arc::new(home.start(&[&format!("plugins.bundled={}", plugins.display())]))
}

async fn session(server: &Server, app: u64, user: &str) -> Value {
    let body = json!({ "app": app, "user": user });
    request(server.address, "POST", "/demo/session")
        .json(&body)
        .send()
        .await
        .ok()
}

#[tokio::test]
async fn the_configuration_of_the_root_is_a_demo_that_works() {
    let server = demo();
    let page = request(server.address, "GET", "/").send().await;
    assert!(
        page.status == 200 && page.kind.as_deref().unwrap().starts_with("text/html"),
        "{page:?}"
    );
    let apps = request(server.address, "GET", "/demo/apps").send().await.ok();
    let shop = apps["apps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|app| app["app"] == 10_001)
        .unwrap()
        .clone();
    let roles: Vec<&Value> = shop["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| &user["role"])
        .collect();
    assert_eq!(roles, ["agent", "customer"], "{shop}");
    assert!(!apps.to_string().contains("secret"), "{apps}");
    for id in [666_666, 20_001, 30_001, 40_001] {
        assert!(
            apps["apps"].as_array().unwrap().iter().any(|app| app["app"] == id),
            "{id} is not in {apps}"
        );
    }

    let (customer, agent) = (
        session(&server, 10_001, "customer").await,
        session(&server, 10_001, "agent").await,
    );
    let connect = |token: &Value| Connect::new(server.address).token(token["token"].as_str().unwrap());
    let mut socket = connect(&customer).named("customer").open().await;
    let made = socket
        .call("conversation.create", json!({ "kind": "direct", "members": ["agent"] }))
        .await;
    let id = made["id"].as_u64().unwrap();
    socket.call("conversation.open", json!({ "conversation": id })).await;
    let greeting = socket.heard().await;
    assert!(greeting.contains("away") || greeting.contains("不在"), "{greeting}");
    let mut agent = connect(&agent).named("agent").open().await;
    socket.say(id, "a badword, 脏话").await;
    let masked = agent.heard().await;
    assert!(!masked.contains("badword") && !masked.contains("脏话"), "{masked}");
    let image = json!({ "conversation": id, "kind": "image", "body": { "url": "/a.png" } });
    socket.call("message.send", image).await;
    assert_eq!(agent.event("message.sent").await["data"]["body"]["thumb_url"], "/a.png");

    for (body, what) in [
        (json!({ "app": 10_001, "user": "root" }), "another user"),
        (json!({ "app": 1, "user": "agent" }), "another app"),
    ] {
        let response = request(server.address, "POST", "/demo/session")
            .json(&body)
            .send()
            .await;
        assert_eq!(response.refused().code, "not_found", "{what}");
    }
}

/// The same data with the same configuration, as after an upgrade of the server.
async fn restarted(server: Arc<Server>) -> Arc<Server> {
    let home = Arc::clone(&server.home);
    assert!(server.stop().await);
    let plugins = std::env::var("SWITCHBOARD_PLUGINS").unwrap();
    Arc::new(home.start(&[&format!("plugins.bundled={plugins}")]))
}

#[tokio::test]
async fn a_plugin_that_its_tenant_has_removed_does_not_come_back() {
    let server = demo();
    let list = server.admin("GET", "/apps/10001/plugins", Value::Null).await.ok();
    let names = list["plugins"].as_array().unwrap().iter();
    let paths: Vec<String> = names
        .map(|install| format!("/apps/10001/plugins/{}", install["name"].as_str().unwrap()))
        .collect();
    let (first, others) = paths.split_first().unwrap();
    assert_eq!(server.admin("DELETE", first, Value::Null).await.status, 204);
    let server = restarted(server).await;
    server.admin("GET", first, Value::Null).await.refused().is("not_found");
    for path in others {
        assert_eq!(
            server.admin("GET", path, Value::Null).await.ok()["state"],
            "active",
            "{path}"
        );
        assert_eq!(server.admin("DELETE", path, Value::Null).await.status, 204);
    }
    // Not even if all are gone.
    let server = restarted(server).await;
    for path in &paths {
        server.admin("GET", path, Value::Null).await.refused().is("not_found");
    }
}

#[tokio::test]
async fn a_version_that_its_tenant_has_chosen_stays() {
    let server = demo();
    let path = "/apps/10001/plugins/word-filter";
    let upload = request(server.address, "PUT", &format!("/admin/api{path}"));
    let upload = upload
        .header("content-type", "application/wasm".to_owned())
        .bearer(ADMIN_TOKEN);
    let made = upload.bytes(variant(guest(Guest::Noop), "its own")).send().await.ok();
    let own = made["current"]["digest"].clone();
    let server = restarted(server).await;
    let install = server.admin("GET", path, Value::Null).await.ok();
    assert_eq!(install["current"]["digest"], own, "{install}");
}

#[tokio::test]
async fn without_the_page_nothing_of_the_demo_is_there() {
    let home = Home::with("[[apps]]\nid = 7\nname = \"a\"\nsecret = \"demo-secret\"\ndemo = true\n");
    let server = Arc::new(home.start(&["demo.page=false"]));
    for path in ["/", "/demo/apps"] {
        assert_eq!(request(server.address, "GET", path).send().await.status, 404, "{path}");
    }
    eventually("it to be ready", async || {
        (request(server.address, "GET", "/readyz").send().await.status == 200).then_some(())
    })
    .await;
}
