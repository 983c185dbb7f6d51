use serde_json::{Value, json};

use super::{GRANTS, groups, met, start_canary, tagged};
use crate::harness::{App, Guest, guest, request, variant};

#[tokio::test]
async fn a_canary_is_promoted_with_its_figures_and_can_be_gone_back_from() {
    let (app, ann) = tagged().await;
    start_canary(&app, 50).await;
    let groups = groups(&ann, 12).await;
    let canaries = met(&ann, &groups).await.iter().filter(|met| **met).count();
    let promoted = app.admin("POST", "/plugins/p/promote", Value::Null).await.ok();
    assert_eq!(
        (
            &promoted["current"]["number"],
            &promoted["previous"]["number"],
            &promoted["canary"]
        ),
        (&json!(2), &json!(1), &Value::Null),
        "{promoted}"
    );
    assert_eq!(
        app.counters("p", "policy").await["calls"],
        canaries,
        "its figures go on"
    );
    assert!(met(&ann, &groups).await.iter().all(|met| *met));
    assert_eq!(app.counters("p", "policy").await["calls"], canaries + 12);
    app.admin("POST", "/plugins/p/promote", Value::Null)
        .await
        .refused()
        .is("conflict");
    let back = app.admin("POST", "/plugins/p/rollback", Value::Null).await.ok();
    assert_eq!(
        (&back["current"]["number"], &back["previous"]["number"]),
        (&json!(1), &json!(2))
    );
    assert!(!met(&ann, &groups).await.contains(&true));
}

#[tokio::test]
async fn rolling_back_ends_the_canary_first() {
    let (app, ann) = tagged().await;
    app.upload("p", variant(guest(Guest::Tagger), "v2")).install().await;
    start_canary(&app, 99).await;
    let groups = groups(&ann, 10).await;
    assert!(met(&ann, &groups).await.contains(&true));
    let ended = app.admin("POST", "/plugins/p/rollback", Value::Null).await.ok();
    assert_eq!(
        (&ended["canary"], &ended["current"]["number"]),
        (&Value::Null, &json!(2))
    );
    assert!(!met(&ann, &groups).await.contains(&true));
    let back = app.admin("POST", "/plugins/p/rollback", Value::Null).await.ok();
    assert_eq!(back["current"]["number"], 1);
    // A number is given once: the canary that was ended had the third.
    let next = start_canary(&app, 10).await;
    assert_eq!(next["canary"]["number"], 3);
    // A version for everybody ends the canary too.
    let upgraded = app.upload("p", variant(guest(Guest::Tagger), "v4")).install().await;
    assert_eq!(
        (&upgraded["canary"], &upgraded["current"]["number"]),
        (&Value::Null, &json!(4))
    );
}

#[tokio::test]
async fn a_canary_that_cannot_be_is_refused_and_nothing_changes() {
    let (app, _) = tagged().await;
    let noop = || guest(Guest::Noop);
    let nobody = app.upload("q", noop()).canary(10).send().await;
    nobody.refused().is("conflict");
    for percent in [0, 100, 255] {
        let refused = app.upload("p", noop()).canary(percent).send().await.refused();
        refused.is("bad_field").blames("canary_percent");
    }
    let same = app.upload("p", guest(Guest::Tagger)).canary(10).send().await;
    same.refused().is("conflict");
    let ungranted = app.upload("p", guest(Guest::Naughty)).canary(10).send().await.refused();
    assert!(
        ungranted.is("plugin_rejected").message.contains("messages-send"),
        "{ungranted:?}"
    );
    let share = app.admin("PATCH", "/plugins/p", json!({ "canary_percent": 10 })).await;
    share.refused().is("conflict");
    assert_eq!(app.plugin("p").await["canary"], Value::Null);
    start_canary(&app, 10).await;
    for percent in [json!(0), json!(100), json!("ten")] {
        let change = json!({ "canary_percent": percent });
        let refused = app.admin("PATCH", "/plugins/p", change).await.refused();
        refused.is("bad_field");
    }
    // The configuration is both versions': it has to fit both.
    let config = json!({ "config": { "tag": 5 } });
    app.admin("PATCH", "/plugins/p", config).await.refused().is("bad_field");
    assert_eq!(app.plugin("p").await["canary"]["percent"], 10);
}

#[tokio::test]
async fn an_app_has_a_bounded_number_of_canaries() {
    let app = App::new().await;
    for n in 0..7 {
        let name = format!("p{n}");
        app.upload(&name, guest(Guest::Noop)).install().await;
        let canary = app.upload(&name, guest(Guest::NoLinks)).canary(50);
        if n < 6 {
            canary.install().await;
        } else {
            canary.send().await.refused().is("conflict");
        }
    }
    // Each conversation meets its own mix of them, and messages pass.
    let ann = app.user("ann").await;
    for id in groups(&ann, 20).await {
        ann.say(id, "hi").await;
    }
    let mut calls = 0;
    for n in 0..7 {
        let plugin = app.plugin(&format!("p{n}")).await;
        for counters in [&plugin["counters"], &plugin["canary"]["counters"]] {
            let hooks = counters.as_array().into_iter().flatten();
            calls += hooks.filter_map(|hook| hook["calls"].as_u64()).sum::<u64>();
        }
    }
    assert_eq!(calls, 20 * 7);
}

#[tokio::test]
async fn a_plugin_is_put_under_its_name_and_granted_everything() {
    let app = App::new().await;
    let put = async |query: &str, component: Vec<u8>| {
        let path = format!("/admin/api/apps/{}/plugins/p?{query}", app.id);
        let request = request(app.server.address, "PUT", &path).bearer(&app.secret);
        let request = request.header("content-type", "application/wasm".to_owned());
        request.bytes(component).send().await
    };
    let made = put("grants=all", guest(Guest::Naughty)).await;
    assert_eq!(made.status, 201);
    let grants = made.ok()["grants"].as_array().unwrap().len();
    assert!(grants > 10, "{grants}");
    let beside = put("canary_percent=10", guest(Guest::Noop)).await;
    assert_eq!((beside.status, &beside.ok()["canary"]["percent"]), (200, &json!(10)));
    let less = app
        .change_plugin("p", json!({ "grants": GRANTS.split(',').collect::<Vec<_>>() }))
        .await;
    assert_eq!(less["grants"].as_array().unwrap().len(), 2);
    let all = app.change_plugin("p", json!({ "grants": ["all"] })).await;
    assert_eq!(all["grants"].as_array().unwrap().len(), grants);
    let mixed = app
        .admin("PATCH", "/plugins/p", json!({ "grants": ["all", "kv"] }))
        .await;
    mixed.refused().is("bad_field").blames("grants");
}
