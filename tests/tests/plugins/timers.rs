use serde_json::{Value, json};

use crate::harness::{App, Guest, User, eventually, guest, now_ms};

async fn clocked() -> (App, User, u64) {
    clocked_in(App::new().await).await
}

async fn clocked_in(app: App) -> (App, User, u64) {
    app.upload("clock", guest(Guest::Clock))
        .grants("kv,messages-send,messages-edit,timers,webhooks")
        .install()
        .await;
    let ann = app.user("ann").await;
    let room = ann.conversation("group", &[]).await;
    (app, ann, room)
}

/// Tells the clock something and waits for its answer.
async fn tell(user: &User, room: u64, told: Value) -> String {
    let before = user.texts(room).await.len();
    user.say(room, &told.to_string()).await;
    eventually("the clock's answer", async || {
        let texts = user.texts(room).await;
        texts
            .iter()
            .skip(before)
            .find(|text| {
                ["set ", "cancelled ", "timers ", "Error"]
                    .iter()
                    .any(|word| text.starts_with(word))
            })
            .cloned()
    })
    .await
}

fn set(name: &str, more: Value) -> Value {
    let mut told = json!({ "name": name });
    told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "set": told })
}

async fn timers(app: &App) -> Vec<Value> {
    let page = app.admin("GET", "/plugins/clock/timers", Value::Null).await.ok();
    page["timers"].as_array().unwrap().clone()
}

/// What a timer has said, once it has said so much.
async fn said(user: &User, room: u64, name: &str, count: usize) -> Vec<String> {
    let prefix = format!("{name} ");
    eventually(&format!("{count} runs of {name}"), async || {
        let texts = user.texts(room).await;
        let said: Vec<String> = texts.into_iter().filter(|text| text.starts_with(&prefix)).collect();
        (said.len() >= count).then_some(said)
    })
    .await
}

#[tokio::test]
async fn a_timer_runs_as_often_as_it_was_told_and_no_more() {
    let (app, ann, room) = clocked().await;
    let say = json!({ "say": room.to_string() });
    let told = set("thrice", json!({ "every": 1_000, "runs": 3, "payload": say }));
    let begun = now_ms();
    assert_eq!(tell(&ann, room, told).await, "set false");
    let seen = &timers(&app).await[0];
    assert_eq!(
        (&seen["name"], &seen["runs"], &seen["every"]),
        (&json!("thrice"), &json!(3), &json!(1_000))
    );
    assert_eq!(
        said(&ann, room, "thrice", 3).await,
        ["thrice 1 1", "thrice 2 2", "thrice 3 3 last"]
    );
    assert!(now_ms() - begun >= 2_000, "a second apart");
    eventually("it to be over", async || timers(&app).await.is_empty().then_some(())).await;
    assert_eq!(said(&ann, room, "thrice", 3).await.len(), 3);
}

#[tokio::test]
async fn timers_are_replaced_cancelled_and_listed() {
    let (app, ann, room) = clocked().await;
    let later = |name: &str| set(name, json!({ "first_at": now_ms() + 3_600_000, "payload": {} }));
    assert_eq!(tell(&ann, room, later("b")).await, "set false");
    assert_eq!(tell(&ann, room, later("a")).await, "set false");
    assert_eq!(tell(&ann, room, later("b")).await, "set true");
    assert_eq!(tell(&ann, room, json!({ "list": true })).await, "timers a,b");
    assert_eq!(tell(&ann, room, json!({ "cancel": "b" })).await, "cancelled true");
    assert_eq!(tell(&ann, room, json!({ "cancel": "b" })).await, "cancelled false");
    // A call that is made again is answered as the first time.
    let mut once = later("c");
    once["fail_once"] = json!(true);
    assert_eq!(tell(&ann, room, once).await, "set false");
    assert_eq!(tell(&ann, room, later("d")).await, "set false");
    let texts = ann.texts(room).await;
    assert_eq!(
        texts.iter().filter(|text| text.starts_with("set true")).count(),
        1,
        "{texts:?}"
    );
    for wrong in [
        json!({ "every": 999 }),
        json!({ "runs": 2 }),
        json!({ "every": 1000, "runs": 0 }),
    ] {
        let answer = tell(&ann, room, set("x", wrong)).await;
        assert!(answer.contains("Invalid"), "{answer}");
    }
    let page = app
        .admin("GET", "/plugins/clock/timers?limit=1&after=a", Value::Null)
        .await
        .ok();
    assert_eq!(
        (&page["timers"][0]["name"], &page["has_more"]),
        (&json!("c"), &json!(true))
    );
    app.admin("DELETE", "/plugins/clock/timers/c", Value::Null).await.ok();
    app.admin("DELETE", "/plugins/clock/timers/c", Value::Null)
        .await
        .refused()
        .is("not_found");
    app.admin("GET", "/plugins/other/timers", Value::Null)
        .await
        .refused()
        .is("not_found");
    assert_eq!(timers(&app).await.len(), 2);
}

#[tokio::test]
async fn a_failed_run_is_made_again_and_writes_nothing_twice() {
    let (_app, ann, room) = clocked().await;
    let payload = json!({ "say": room.to_string(), "fail": "once" });
    tell(
        &ann,
        room,
        set("rough", json!({ "every": 1_000, "runs": 2, "payload": payload })),
    )
    .await;
    assert_eq!(said(&ann, room, "rough", 2).await, ["rough 1 1", "rough 2 2 last"]);
    let texts = ann.texts(room).await;
    assert_eq!(
        texts.iter().filter(|text| text.starts_with("rough ")).count(),
        2,
        "{texts:?}"
    );
}

#[tokio::test]
async fn a_timer_may_cancel_itself_and_its_run_goes_on() {
    let (app, ann, room) = clocked().await;
    let payload = json!({ "say": room.to_string(), "cancel": true, "fail": "once" });
    tell(&ann, room, set("self", json!({ "every": 1_000, "payload": payload }))).await;
    said(&ann, room, "self", 1).await;
    eventually("it to be gone", async || timers(&app).await.is_empty().then_some(())).await;
    // The run failed after it had cancelled its timer, and was made again all the same.
    eventually("the second try", async || {
        let counters = app.counters("clock", "timer").await;
        (counters["calls"].as_u64() >= Some(2)).then_some(())
    })
    .await;
    assert_eq!(said(&ann, room, "self", 1).await, ["self 1 1"]);
}

#[tokio::test]
async fn a_disabled_plugin_is_not_called_and_its_work_waits() {
    let (app, ann, room) = clocked().await;
    let (_other, ben, apart) = clocked_in(App::on(&app.server, json!({})).await).await;
    let due = now_ms() + 4_000;
    let tick = |at: u64, room: u64| {
        set(
            "tick",
            json!({ "first_at": at, "payload": { "say": room.to_string() } }),
        )
    };
    tell(&ann, room, tick(due, room)).await;
    app.change_plugin("clock", json!({ "enabled": false })).await;
    // What is due later is done elsewhere: this one was due.
    tell(&ben, apart, tick(due + 100, apart)).await;
    said(&ben, apart, "tick", 1).await;
    assert_eq!(
        ann.texts(room)
            .await
            .iter()
            .filter(|text| text.starts_with("tick"))
            .count(),
        0
    );
    app.change_plugin("clock", json!({ "enabled": true })).await;
    assert_eq!(said(&ann, room, "tick", 1).await, ["tick 1 1 last"]);
}

#[tokio::test]
async fn timers_go_with_their_plugin_unless_its_data_are_kept() {
    let (app, ann, room) = clocked().await;
    let install = async || {
        app.upload("clock", guest(Guest::Clock))
            .grants("kv,messages-send,messages-edit,timers,webhooks")
            .install()
            .await;
    };
    let told = set("late", json!({ "first_at": now_ms() + 3_600_000, "payload": {} }));
    tell(&ann, room, told).await;
    for (keep, left) in [(true, 1), (false, 0)] {
        app.admin("DELETE", &format!("/plugins/clock?keep_data={keep}"), Value::Null)
            .await
            .ok();
        install().await;
        assert_eq!(timers(&app).await.len(), left);
    }
}
