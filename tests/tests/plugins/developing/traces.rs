use serde_json::{Value, json};

use super::Desk;
use crate::harness::{App, Guest, eventually, guest};

/// The calls of a plugin that were written down, once there are so many.
async fn calls(desk: &Desk, name: &str, count: usize) -> Vec<Value> {
    eventually("traced calls", async || {
        let text = desk.text("", &["plugin", "trace", &desk.app_id(), name, "--json"]);
        let calls: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (calls.len() >= count).then_some(calls)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_shows_what_calls_were_given_and_did() {
    let desk = Desk::new().await;
    desk.app
        .upload("count", guest(Guest::Counter))
        .grants("kv,messages-send")
        .install()
        .await;
    let ann = desk.app.user("ann").await;
    let room = ann.conversation("group", &[]).await;
    ann.say(room, "before anybody looks").await;
    eventually("the first answer", async || {
        (ann.texts(room).await.len() == 2).then_some(())
    })
    .await;
    let on = desk.text("", &["plugin", "trace", &desk.app_id(), "count", "--on"]);
    assert!(on.contains("written down until"), "{on}");
    ann.say(room, "seen").await;
    let calls = calls(&desk, "count", 1).await;
    let [call] = &calls[..] else {
        panic!("one call: {calls:?}")
    };
    assert_eq!((&call["hook"], &call["version"]), (&json!("observer"), &json!(1)));
    assert!(call["input"].to_string().contains("seen"), "{call}");
    let effects: Vec<&str> = call["effects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| of["what"].as_str().unwrap())
        .collect();
    assert!(
        effects.contains(&"kv.increment") && effects.contains(&"messages-send.write"),
        "{call}"
    );
    assert!(
        call["took_us"].as_u64().unwrap() > 0 && call.get("failure").is_none(),
        "{call}"
    );
    let shown = desk.text("", &["plugin", "trace", &desk.app_id(), "count", "-n", "1"]);
    assert!(shown.contains("called   kv.increment"), "{shown}");
    desk.text("", &["plugin", "trace", &desk.app_id(), "count", "--off"]);
    assert_eq!(desk.text("", &["plugin", "trace", &desk.app_id(), "count"]), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_shown_with_its_message_and_the_functions_it_was_in() {
    let desk = Desk::new().await;
    desk.app
        .upload("naughty", guest(Guest::Naughty))
        .grants("kv,messages-send,connections,users,conversations,messages")
        .install()
        .await;
    desk.text("", &["plugin", "trace", &desk.app_id(), "naughty", "--on"]);
    let ann = desk.app.user("ann").await;
    let room = ann.conversation("group", &[]).await;
    ann.say(room, "observer panic").await;
    let failure = eventually("a failure", async || {
        let calls = calls(&desk, "naughty", 1).await;
        calls
            .iter()
            .find_map(|call| call["failure"].as_str().map(str::to_owned))
    })
    .await;
    let log = desk.app.plugin_log("naughty").await;
    for text in [&failure, &log] {
        assert!(text.contains("panicked at "), "the message: {text}");
        assert!(
            text.contains("naughty") && text.contains("::") && !text.contains("<unknown>"),
            "the functions: {text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_is_its_own_apps_and_bounded() {
    let desk = Desk::new().await;
    desk.app.upload("noop", guest(Guest::Noop)).install().await;
    let stranger = App::new().await.posing_as(&desk.app);
    for method in ["GET", "PUT", "DELETE"] {
        let response = stranger
            .admin(method, "/plugins/noop/trace", json!({ "seconds": 5 }))
            .await;
        assert_eq!(response.status, 404, "{method}");
        let absent = desk
            .app
            .admin(method, "/plugins/absent/trace", json!({ "seconds": 5 }))
            .await;
        assert_eq!(absent.status, 404, "{method}");
    }
    for seconds in [0, 86_401] {
        let response = desk
            .app
            .admin("PUT", "/plugins/noop/trace", json!({ "seconds": seconds }))
            .await;
        assert_eq!(response.status, 400, "{seconds}");
    }
    let page = desk
        .app
        .admin("GET", "/plugins/noop/trace?limit=200", Value::Null)
        .await
        .ok();
    assert_eq!(page["calls"], json!([]));
    assert_eq!(
        desk.app
            .admin("GET", "/plugins/noop/trace?limit=201", Value::Null)
            .await
            .status,
        400
    );
}
