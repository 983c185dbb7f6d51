use std::sync::Arc;

use serde_json::{Value, json};

use super::{GRANTS, audit};
use crate::harness::{App, Guest, Home, Server, guest, now_ms, variant};

#[tokio::test]
async fn what_a_plugin_may_reach_is_told_as_it_was_and_is() {
    let app = App::new().await;
    app.upload("p", guest(Guest::Noop)).install().await;
    app.change_plugin("p", json!({ "http_hosts": ["api.example.com"] }))
        .await;
    app.change_plugin("p", json!({ "http_hosts": ["API.example.com"] }))
        .await;
    let page = app.admin("GET", "/audit", Value::Null).await.ok();
    let entries = page["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2, "{page}");
    assert_eq!(entries[0]["what"], "granted");
    let hosts = json!({ "http_hosts": { "before": [], "now": ["api.example.com"] } });
    assert_eq!(entries[0]["detail"], hosts);
}

#[tokio::test]
async fn every_step_is_written_down_with_who_and_which_component() {
    let app = App::new().await;
    let began = now_ms();
    let digest = |install: &Value, of: &str| install[of]["digest"].as_str().unwrap().to_owned();
    let made = app
        .upload("p", guest(Guest::Tagger))
        .config(json!({ "tag": "!" }))
        .install()
        .await;
    let first = digest(&made, "current");
    let canary = app.upload("p", guest(Guest::Noop)).canary(10).install().await;
    let second = digest(&canary, "canary");
    app.change_plugin("p", json!({ "canary_percent": 20 })).await;
    app.admin("POST", "/plugins/p/promote", Value::Null).await.ok();
    app.admin("POST", "/plugins/p/rollback", Value::Null).await.ok();
    // By the operator this time, several at once.
    let path = format!("/apps/{}/plugins/p", app.id);
    let change = json!({ "config": { "tag": "secret" }, "grants": ["kv"], "priority": 4, "enabled": false });
    app.server.admin("PATCH", &path, change).await.ok();
    app.change_plugin("p", json!({ "enabled": true })).await;
    let third = app.upload("p", variant(guest(Guest::Tagger), "v3")).install().await;
    let third = digest(&third, "current");
    app.upload("p", guest(Guest::Noop)).canary(30).install().await;
    app.admin("POST", "/plugins/p/rollback", Value::Null).await.ok();
    // What changes nothing is no step.
    app.change_plugin("p", json!({ "priority": 4 })).await;
    app.admin("DELETE", "/plugins/p?keep_data=true", Value::Null).await;
    app.upload("p", guest(Guest::Noop)).install().await;
    app.admin("DELETE", "/plugins/p", Value::Null).await;

    let page = app.admin("GET", "/audit", Value::Null).await.ok();
    assert_eq!(page["has_more"], false);
    let mut entries = page["entries"].as_array().unwrap().clone();
    entries.reverse();
    let steps: Vec<[&str; 3]> = entries
        .iter()
        .map(|entry| ["who", "what", "digest"].map(|field| entry[field].as_str().unwrap()))
        .collect();
    assert_eq!(
        steps,
        [
            ["app", "installed", &first],
            ["app", "canary_started", &second],
            ["app", "canary_changed", &second],
            ["app", "promoted", &second],
            ["app", "rolled_back", &first],
            ["operator", "granted", &first],
            ["operator", "configured", &first],
            ["operator", "disabled", &first],
            ["app", "enabled", &first],
            ["app", "upgraded", &third],
            ["app", "canary_started", &second],
            ["app", "rolled_back", &second],
            ["app", "removed", &third],
            ["app", "installed", &second],
            ["app", "removed", &second],
        ]
    );
    assert!(
        entries
            .iter()
            .all(|entry| entry["at"].as_u64() >= Some(began) && entry["plugin"] == "p")
    );
    assert_eq!(
        entries[2]["detail"],
        json!({ "version": 2, "percent": 20, "before": 10 })
    );
    assert_eq!(entries[5]["detail"], json!({ "before": [], "now": ["kv"] }));
    assert_eq!(entries[6]["detail"], json!({ "changed": ["config", "priority"] }));
    assert_eq!(entries[12]["detail"], json!({ "data": "kept" }));
    assert_eq!(entries[14]["detail"], json!({ "data": "wiped" }));
    assert!(!page.to_string().contains("secret"), "a configuration is not told");
}

#[tokio::test]
async fn the_log_is_read_in_pages_and_by_plugin_and_is_the_apps_own() {
    let app = App::new().await;
    for name in ["a", "b"] {
        app.upload(name, guest(Guest::Noop)).install().await;
        for priority in 0..4 {
            app.change_plugin(name, json!({ "priority": priority })).await;
        }
    }
    let mut found = Vec::new();
    let mut before = String::new();
    loop {
        let page = app
            .admin("GET", &format!("/audit?limit=3{before}"), Value::Null)
            .await
            .ok();
        let entries = page["entries"].as_array().unwrap();
        found.extend(entries.iter().map(|entry| entry["id"].as_u64().unwrap()));
        if page["has_more"] == false {
            break;
        }
        assert_eq!(entries.len(), 3);
        before = format!("&before={}", found.last().unwrap());
    }
    assert_eq!(found.len(), 10);
    assert!(found.is_sorted_by(|a, b| a > b));
    assert_eq!((audit(&app, "a").await.len(), audit(&app, "c").await.len()), (5, 0));
    let other = App::new().await;
    assert_eq!(
        other.admin("GET", "/audit", Value::Null).await.ok()["entries"],
        json!([])
    );
    let strange = other.posing_as(&app).admin("GET", "/audit", Value::Null).await;
    strange.refused().is("not_found");
    for query in ["limit=0", "limit=1001", "plugin=NO%20NAME", "before=x"] {
        let refused = app.admin("GET", &format!("/audit?{query}"), Value::Null).await;
        assert_eq!(refused.status, 400, "{query}");
    }
}

#[tokio::test]
async fn the_log_is_as_long_as_the_configuration_says() {
    let server = Server::start(&["plugins.audit_rows=3"]);
    let app = App::on(&server, json!({})).await;
    app.upload("p", guest(Guest::Noop)).install().await;
    for priority in 0..5 {
        app.change_plugin("p", json!({ "priority": priority })).await;
    }
    let steps = audit(&app, "p").await;
    assert_eq!(steps.len(), 3);
    assert!(steps.iter().all(|(_, what, _)| what == "configured"));
}

#[tokio::test]
async fn what_the_configuration_installs_is_told_too_and_stays_gone_back_from() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("p.wasm");
    std::fs::write(&file, guest(Guest::Noop)).unwrap();
    let home = Home::with(&format!(
        "[plugins]\nbundled = {:?}\n[[apps]]\nid = 7\nname = \"a\"\nsecret = \"a-secret-of-the-tests\"\n\
         [[apps.plugins]]\nname = \"p\"\ncomponent = \"p\"\ngrants = {:?}\n",
        folder.path(),
        GRANTS.split(',').collect::<Vec<_>>()
    ));
    let on = |server: &Arc<Server>| App {
        server: Arc::clone(server),
        id: 7,
        secret: "a-secret-of-the-tests".to_owned(),
    };
    let server = Arc::new(home.start(&[]));
    let app = on(&server);
    assert_eq!(
        audit(&app, "p").await,
        [("config".to_owned(), "installed".to_owned(), json!({}))]
    );
    server.stop().await;
    std::fs::write(&file, guest(Guest::Naughty)).unwrap();
    let server = Arc::new(home.start(&[]));
    let app = on(&server);
    assert_eq!(app.plugin("p").await["current"]["number"], 2);
    app.admin("POST", "/plugins/p/rollback", Value::Null).await.ok();
    server.stop().await;
    let server = Arc::new(home.start(&[]));
    let app = on(&server);
    assert_eq!(app.plugin("p").await["current"]["number"], 1);
    let steps = audit(&app, "p").await;
    let steps: Vec<(&str, &str)> = steps
        .iter()
        .map(|(who, what, _)| (who.as_str(), what.as_str()))
        .collect();
    assert_eq!(
        steps,
        [("config", "installed"), ("config", "upgraded"), ("app", "rolled_back")]
    );
}
