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
        (
            "update",
            "PUT",
            "/im/conversations".to_owned(),
            json!({ "where": [["conv_id", "=", conv]], "update": { "conv_extend": { "conv_name": "Court" } } }),
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
    assert_eq!(
        answer,
        json!({ "type": "login.fail", "msg": "Not here.", "data": { "code": 1 } })
    );
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
async fn what_is_changed_and_uploaded_by_a_dialect_is_judged() {
    let club = Club::new().await;
    let [one, other] = club.people(["1", "2"]).await;
    let group = one.group("before", &[&other]).await;
    guarded(&club.app).await;
    let edit = json!({ "group_id": group, "group_name": "after" });
    let path = format!("/upload?token={}", one.token);
    let file = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nwords\r\n--x--\r\n";
    let upload = async || club.send(&path, "multipart/form-data; boundary=x", file).await;
    order(&club.app, json!({ "update": "refuse", "upload": "refuse" })).await;
    for answer in [one.call("/group/edit", edit.clone()).await, upload().await] {
        assert_eq!(
            (&answer["code"], &answer["msg"]),
            (&json!(0), &json!("Not here.")),
            "{answer}"
        );
    }
    order(&club.app, json!({ "update": "trap", "upload": "trap" })).await;
    one.done("/group/edit", edit).await;
    assert_eq!(upload().await["code"], 200);
    order(&club.app, json!({ "upload": "change" })).await;
    let changed = upload().await;
    assert_eq!(changed["data"]["file_name"], "seen-a.txt", "{changed}");
    let log = club.app.plugin_log("door").await;
    assert!(log.contains("update by 1") && log.contains("upload by 1"), "{log}");
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
