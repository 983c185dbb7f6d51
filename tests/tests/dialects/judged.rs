//! What policies are asked about when it comes through a dialect, and how the dialect tells of their refusals.

use serde_json::{Value, json};

use super::imrest::scene::Scene;
use super::shiku::desk::Desk;
use super::social::club::Club;
use super::social::line::dial;
use crate::harness::{App, Guest, guest};

async fn guarded(app: &App) {
    let door = app.upload("door", guest(Guest::Doorkeeper)).grants("kv,messages-send");
    door.config(json!({})).install().await;
}

async fn order(app: &App, orders: Value) {
    app.change_plugin("door", json!({ "config": orders })).await;
}

#[tokio::test]
async fn what_a_dialects_users_attempt_is_judged() {
    let scene = Scene::new().await;
    let conv = scene.conversation("Tom", &["Jerry"], 3).await;
    guarded(&scene.app).await;
    let path = format!("/im/conversations/{conv}");
    let say = json!({ "from_client": "Tom", "type": -1, "text": "hi" });
    let members = json!({ "client_ids": ["Spike", "Tyke"] });
    for (attempt, method, path, body) in [
        ("send", "POST", format!("{path}/message"), say.clone()),
        ("join", "POST", format!("{path}/members"), members.clone()),
        (
            "leave",
            "DELETE",
            format!("{path}/members"),
            json!({ "client_ids": ["Jerry"] }),
        ),
        (
            "create",
            "POST",
            "/im/conversations".to_owned(),
            json!({ "client_id": "Tom", "to_client_ids": ["Jerry"], "conv_type": 3 }),
        ),
    ] {
        order(&scene.app, json!({ attempt: "refuse" })).await;
        let answer = scene.ask(method, &path, body.clone()).await;
        assert_eq!(
            (&answer["code"], &answer["message"]),
            (&json!(1), &json!("Not here.")),
            "{attempt}: {answer}"
        );
        order(&scene.app, json!({ attempt: "trap" })).await;
        assert_eq!(scene.code(method, &path, body).await, 0, "{attempt}");
    }
    order(&scene.app, json!({ "send": "change" })).await;
    scene.say(&conv, say).await;
    let said = scene.messages(&conv).await;
    assert!(said.iter().any(|message| message["text"] == "hi, seen"), "{said:?}");
    let log = scene.app.plugin_log("door").await;
    assert!(
        log.contains("send by Tom") && log.contains("Spike,Tyke in a conversation of 2"),
        "{log}"
    );
}

#[tokio::test]
async fn who_may_not_connect_is_told_by_the_dialect() {
    let scene = Scene::new().await;
    guarded(&scene.app).await;
    order(&scene.app, json!({ "connect": "refuse" })).await;
    let mut wire = scene.socket().await;
    wire.send(scene.login_frame("Tom", "phone")).await;
    let answer = wire.next().await;
    assert_ne!(answer["type"], "login.success", "{answer}");
    order(&scene.app, json!({ "connect": "trap" })).await;
    drop(scene.login("Tom", "phone").await);
    let log = scene.app.plugin_log("door").await;
    assert!(log.contains("Tom on phone by imrest from 127.0.0.1"), "{log}");

    let club = Club::new().await;
    let [one] = club.people(["1"]).await;
    guarded(&club.app).await;
    drop(one.line().await);
    order(&club.app, json!({ "connect": "refuse" })).await;
    let query = format!("token={}", one.token);
    match dial(&club, &query).await {
        Err(answer) => assert!(!answer.is_empty()),
        // Told over the socket, which then ends.
        Ok(mut line) => while line.read("the end").await.is_some() {},
    }
}

#[tokio::test]
async fn messages_are_taken_back_only_if_the_policies_agree() {
    let desk = Desk::new().await;
    let [me, peer, _] = desk.three().await;
    guarded(&desk.app).await;
    desk.say(&me, &peer.id, "a", "1").await;
    let back = [("type", "1"), ("delete", "2"), ("messageId", "a")];
    order(&desk.app, json!({ "recall": "refuse" })).await;
    let refused = desk.ask(&me, "/tigase/deleteMsg", &back).await;
    assert_eq!(
        (&refused["resultCode"], &refused["resultMsg"]),
        (&json!(0), &json!("Not here.")),
        "{refused}"
    );
    assert_eq!(desk.copies(&peer, &me).await.len(), 1);
    order(&desk.app, json!({ "recall": "trap" })).await;
    assert_eq!(desk.ask(&me, "/tigase/deleteMsg", &back).await["resultCode"], 1);
    assert!(desk.copies(&peer, &me).await.is_empty());
    let log = desk.app.plugin_log("door").await;
    assert!(
        log.contains("made by nobody"),
        "what a dialect's user does is the user's own: {log}"
    );
}
