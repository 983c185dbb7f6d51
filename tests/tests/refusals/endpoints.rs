use serde_json::Value;

use crate::harness::{App, Server, request};

/// Paths that answer anyone.
const OPEN: [&str; 1] = ["/v1/openapi.json"];

/// Every operation that the server says it has, with its parameters filled in.
async fn operations(server: &Server, app: u64) -> Vec<(String, String)> {
    let document = request(server.address, "GET", "/v1/openapi.json").send().await.ok();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let filled = path
            .replace("{app}", &app.to_string())
            .replace("{emoji}", "x")
            .replace("{user}", "alice")
            .replace("{name}", "tagger");
        let filled: String = filled
            .split('/')
            .map(|part| if part.starts_with('{') { "/1" } else { part }.trim_start_matches('/'))
            .collect::<Vec<_>>()
            .join("/");
        for method in ["get", "put", "post", "patch", "delete"] {
            if item.get(method).is_some() {
                found.push((method.to_uppercase(), filled.clone()));
            }
        }
    }
    found
}

#[tokio::test]
async fn every_endpoint_refuses_who_does_not_say_who_asks() {
    let (app, other) = (App::new().await, App::new().await);
    let all = operations(&app.server, app.id).await;
    assert!(all.len() >= 50, "the document is not whole: {all:?}");
    for (method, path) in all.iter().filter(|(_, path)| !OPEN.contains(&path.as_str())) {
        if path.starts_with("/demo") || path == "/" || path == "/healthz" || path == "/readyz" {
            continue;
        }
        let none = request(app.server.address, method, path).send().await;
        assert_eq!(none.refused().code, "unauthenticated", "{method} {path}");
        let wrong = request(app.server.address, method, path).bearer("wrong").send().await;
        assert_eq!(wrong.refused().code, "bad_token", "{method} {path}");
        if path.starts_with("/admin") {
            let stranger = request(app.server.address, method, path)
                .bearer(&other.secret)
                .send()
                .await;
            assert_eq!(stranger.refused().code, "not_found", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_document_says_what_there_is() {
    let server = Server::shared();
    let document = request(server.address, "GET", "/v1/openapi.json").send().await;
    assert!(
        document.kind.as_deref().unwrap().starts_with("application/json"),
        "{:?}",
        document.kind
    );
    let document = document.ok();
    assert!(
        document["openapi"].as_str().unwrap().starts_with("3.1"),
        "{}",
        document["openapi"]
    );
    let paths = document["paths"].as_object().unwrap();
    for (path, methods) in [
        ("/v1/me", &["get", "patch"][..]),
        ("/v1/users/{user}", &["get"]),
        ("/v1/conversations", &["get", "post"]),
        ("/v1/blocks", &["get"]),
        ("/v1/friends", &["get"]),
        ("/v1/friends/{user}", &["put", "patch", "delete"]),
        ("/v1/presence", &["get"]),
        ("/admin/api/apps", &["get", "post"]),
        ("/admin/api/plugins/inspect", &["post"]),
        ("/admin/api/apps/{app}/plugins/{name}/rollback", &["post"]),
    ] {
        for method in methods {
            assert!(
                paths.get(path).and_then(|item| item.get(method)).is_some(),
                "{method} {path} is not described"
            );
        }
    }
    // Nothing is referred to that is not there.
    let schemas = &document["components"]["schemas"];
    let mut open = vec![&document["paths"], schemas];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(name) = fields
                    .get("$ref")
                    .and_then(Value::as_str)
                    .and_then(|name| name.strip_prefix("#/components/schemas/"))
                {
                    assert!(schemas.get(name).is_some(), "no schema {name}");
                }
                open.extend(fields.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
}
