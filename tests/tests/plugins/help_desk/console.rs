use serde_json::{Value, json};

use super::scene::Scene;
use crate::harness::App;

#[tokio::test]
async fn the_console_shows_the_desk_to_its_agents_and_to_nobody_else() {
    let scene = Scene::new(json!({ "assign": "manual" })).await;
    let [ann] = scene.on_duty(["ann"]).await;
    let customer = scene.customer("cara").await;
    let asked = json!({ "conversation": customer.id, "reason": "by the shop" });
    let shown = scene.console("POST", "/ask", asked).await.ok();
    assert_eq!(
        (&shown["conversation"]["phase"], &shown["conversation"]["customer"]),
        (&json!("queued"), &json!("cara"))
    );
    let state = scene.console_of(&ann, "GET", "/state", Value::Null).await.ok();
    assert_eq!(
        (&state["me"]["uid"], &state["teams"][0]["waiting"]),
        (&json!("ann"), &json!(1))
    );
    assert_eq!(state["teams"][0]["on_duty"], 1);
    let queue = scene.console_of(&ann, "GET", "/queue?limit=1", Value::Null).await.ok();
    let after = queue["next"].as_str().unwrap().replace('/', "%2F");
    let rest = scene
        .console_of(&ann, "GET", &format!("/queue?after={after}"), Value::Null)
        .await
        .ok();
    assert_eq!(rest["waiting"], json!([]));
    let took = scene.console_of(&ann, "POST", "/accept", Value::Null).await.ok();
    assert_eq!(took["conversation"]["conversation"], customer.id.to_string());
    let mine = scene.console_of(&ann, "GET", "/conversations", Value::Null).await.ok();
    assert_eq!(mine["conversations"][0]["phase"], "active");
    let metrics = scene.console_of(&ann, "GET", "/metrics", Value::Null).await.ok();
    assert_eq!(
        (&metrics["totals"]["assigned"], &metrics["totals"]["conversations"]),
        (&json!(1), &json!(1))
    );
    scene
        .console_of(&ann, "POST", "/state", json!({ "state": "busy" }))
        .await
        .ok();
    assert_eq!(scene.agent("ann").await["duty"], "busy");
    for path in ["/state", "/queue", "/agents", "/conversations", "/metrics", "/surveys"] {
        let refused = scene.console_of(&customer.user, "GET", path, Value::Null).await;
        assert_eq!(refused.status, 403, "{path}");
    }
    let close = json!({ "conversation": customer.id });
    let refused = scene.console_of(&customer.user, "POST", "/close", close.clone()).await;
    assert_eq!(refused.status, 403);
    for (method, path, status) in [
        ("GET", "/nothing", 404),
        ("GET", "/close", 405),
        ("POST", "/queue", 405),
    ] {
        assert_eq!(
            scene.console_of(&ann, method, path, Value::Null).await.status,
            status,
            "{method} {path}"
        );
    }
    // Another app's agent finds no such desk, and its own knows nothing.
    let other = App::on(&scene.app.server, json!({})).await.user("ann").await;
    let path = format!("/apps/{}/plugins/help-desk/queue", scene.app.id);
    let refused = other.rest("GET", &path, Value::Null).await;
    assert!([401, 403, 404].contains(&refused.status), "{}", refused.text());
}
