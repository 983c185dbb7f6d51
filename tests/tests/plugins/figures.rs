//! `/metrics`: well formed, bounded, and only for those who may see it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;

use super::asking::GRANTS;
use crate::harness::{App, Guest, Home, Server, eventually, from_environment, guest, request, variant};

/// Values by name and labels, of a page whose form was checked.
pub(super) async fn figures(server: &Server) -> BTreeMap<String, f64> {
    let response = request(server.address, "GET", "/metrics").send().await;
    assert_eq!(response.status, 200);
    assert!(
        response
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    parse(&response.text())
}

/// Reads the text format of OpenMetrics as strictly as is needed to find what is wrong with it.
fn parse(text: &str) -> BTreeMap<String, f64> {
    let body = text.strip_suffix("# EOF\n").expect("ends with # EOF");
    let (mut found, mut families, mut current) = (BTreeMap::new(), BTreeSet::new(), (String::new(), String::new()));
    for line in body.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a name and a type");
            assert!(families.insert(name.to_owned()), "{name} comes in one piece");
            assert!(["counter", "gauge", "histogram", "unknown"].contains(&kind), "{line}");
            current = (name.to_owned(), kind.to_owned());
            continue;
        }
        if line.starts_with("# HELP ") {
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no value: {line}"));
        let name = series.split('{').next().unwrap();
        let (family, kind) = &current;
        let suffix = name
            .strip_prefix(family.as_str())
            .unwrap_or_else(|| panic!("{line} is not of {family}"));
        let allowed: &[&str] = match kind.as_str() {
            "counter" => &["_total"],
            "gauge" => &[""],
            "histogram" => &["_sum", "_count", "_bucket"],
            _ => &["", "_total", "_sum", "_count", "_bucket"],
        };
        assert!(allowed.contains(&suffix), "{line} in a {kind}");
        let value: f64 = value.parse().unwrap_or_else(|_| panic!("no number: {line}"));
        assert!(
            found.insert(series.to_owned(), value).is_none(),
            "{series} is there twice"
        );
    }
    found
}

async fn fetching(server: &Arc<Server>) -> App {
    let app = App::on(server, json!({})).await;
    app.upload("fetcher", guest(Guest::Fetcher))
        .grants(GRANTS)
        .install()
        .await;
    app
}

#[tokio::test]
async fn the_server_and_its_plugins_are_counted() {
    let server = Server::start(&[]);
    let app = fetching(&server).await;
    let ann = app.user("ann").await;
    let room = ann.conversation("group", &[]).await;
    for (name, change) in [
        ("answers", json!({ "count": 2 })),
        ("answers", json!({ "count": 1 })),
        ("waiting", json!({ "set": 1.5 })),
        ("took", json!({ "record": 0.3 })),
    ] {
        let figure = json!({ "figure": { "name": name, "labels": [["source", "a\"b"]], "change": change } });
        ann.say(room, &figure.to_string()).await;
    }
    let whose = format!("app=\"{}\",plugin=\"fetcher\"", app.id);
    let own = format!("{whose},source=\"a\\\"b\"");
    let found = eventually("all to be counted", async || {
        let found = figures(&server).await;
        found
            .contains_key(&format!("plugin_took_count{{{own}}}"))
            .then_some(found)
    })
    .await;
    let value = |name: &str| *found.get(name).unwrap_or_else(|| panic!("no {name} in {found:#?}"));
    assert_eq!(value(&format!("plugin_answers_total{{{own}}}")), 3.0);
    assert_eq!(value(&format!("plugin_waiting{{{own}}}")), 1.5);
    assert_eq!(value(&format!("plugin_took_bucket{{le=\"0.25\",{own}}}")), 0.0);
    assert_eq!(value(&format!("plugin_took_bucket{{le=\"0.5\",{own}}}")), 1.0);
    assert_eq!(value("switchboard_messages_stored_total"), 4.0);
    assert!(value("switchboard_commit_writes_count") >= 4.0);
    assert!(value("switchboard_commit_seconds_sum") > 0.0);
    for name in [
        "switchboard_connections",
        "switchboard_jobs_waiting",
        "switchboard_webhooks_dead_total",
    ] {
        value(name);
    }
    let hook = format!("{whose},hook=\"policy\"");
    assert_eq!(value(&format!("switchboard_plugin_calls_total{{{hook}}}")), 4.0);
    assert_eq!(value(&format!("switchboard_plugin_call_seconds_count{{{hook}}}")), 4.0);
    assert_eq!(
        value(&format!("switchboard_plugin_call_seconds_bucket{{le=\"+Inf\",{hook}}}")),
        4.0
    );
    assert_eq!(
        value(&format!("switchboard_plugin_installs{{{whose},state=\"active\"}}")),
        1.0
    );
    // They survive a swap.
    app.upload("fetcher", variant(guest(Guest::Fetcher), "swapped"))
        .install()
        .await;
    assert_eq!(figures(&server).await[&format!("plugin_answers_total{{{own}}}")], 3.0);
}

#[tokio::test]
async fn a_plugins_own_figures_are_bounded() {
    let server = Server::start(&[]);
    let app = fetching(&server).await;
    let ann = app.user("ann").await;
    let room = ann.conversation("group", &[]).await;
    ann.say(room, &json!({ "series": { "count": 300 } }).to_string()).await;
    for (name, labels) in [("Bad", json!([])), ("good", json!([["app", "1"]]))] {
        let figure = json!({ "figure": { "name": name, "labels": labels, "change": { "count": 1 } } });
        ann.say(room, &figure.to_string()).await;
    }
    eventually("the plugin to have tried", async || {
        let log = app.plugin_log("fetcher").await;
        (log.contains("200 series") && log.matches("invalid").count() == 2).then_some(())
    })
    .await;
    let found = figures(&server).await;
    assert_eq!(found.keys().filter(|name| name.starts_with("plugin_")).count(), 200);
    let whose = format!("app=\"{}\",plugin=\"fetcher\"", app.id);
    assert_eq!(
        found[&format!("switchboard_plugin_quota_hits_total{{{whose},quota=\"figures\"}}")],
        100.0
    );
}

#[tokio::test]
async fn what_a_bundled_dialect_does_for_no_app_is_counted() {
    let guests = from_environment("SWITCHBOARD_GUESTS");
    let config = format!(
        "[plugins]\nbundled = {:?}\n\n[[mounts]]\ndialect = \"parrot\"\n\n[[mounts]]\ndialect = \"parrot\"\nprefix = \"/too\"\n",
        guests.display()
    );
    let server = Home::with(&config).start(&[]);
    // Whose it is cannot be said, and that is told in the dialect's words.
    for path in ["/echo", "/too/echo"] {
        request(server.address, "GET", path).send().await;
    }
    let found = figures(&server).await;
    let hook = "app=\"*\",plugin=\"parrot\",hook=\"dialect\"";
    assert_eq!(
        found.get(&format!("switchboard_plugin_calls_total{{{hook}}}")),
        Some(&4.0),
        "{found:#?}"
    );
}

#[tokio::test]
async fn beyond_so_many_installs_apps_are_summed() {
    let server = Server::start(&["metrics.installs=2"]);
    let app = App::on(&server, json!({})).await;
    for number in 0..4 {
        let component = variant(guest(Guest::Noop), &number.to_string());
        app.upload(&format!("noop-{number}"), component).install().await;
    }
    let ann = app.user("ann").await;
    let room = ann.conversation("group", &[]).await;
    ann.say(room, "hello").await;
    let found = figures(&server).await;
    let calls = |plugin: &str| {
        let whose = format!("app=\"{}\",plugin=\"{plugin}\"", app.id);
        found
            .get(&format!("switchboard_plugin_calls_total{{{whose},hook=\"policy\"}}"))
            .copied()
    };
    assert_eq!(
        (calls("noop-0"), calls("noop-1"), calls("noop-2")),
        (Some(1.0), Some(1.0), None)
    );
    assert_eq!(calls("*"), Some(2.0));
}

#[tokio::test]
async fn figures_are_for_those_who_may_see_them() {
    let server = Server::start(&["metrics.token=open sesame"]);
    let ask = async |token: Option<&str>| {
        let request = request(server.address, "GET", "/metrics");
        match token {
            Some(token) => request.bearer(token).send().await,
            None => request.send().await,
        }
    };
    ask(None).await.refused().is("unauthenticated");
    ask(Some("open")).await.refused().is("bad_token");
    parse(&ask(Some("open sesame")).await.text());
    for settings in [
        &["metrics.enabled=false"][..],
        &["server.trusted_proxies=[\"127.0.0.1\"]"],
    ] {
        let server = Server::start(settings);
        let answer = request(server.address, "GET", "/metrics").send().await;
        assert_eq!(answer.status, 404, "{settings:?}");
    }
    // Behind a proxy others can come: it is off without a token, and the server says so.
    let server = Server::start(&["server.trusted_proxies=[\"127.0.0.1\"]"]);
    eventually("the server to say so", async || {
        server.printed().contains("metrics.token is not set").then_some(())
    })
    .await;
}
