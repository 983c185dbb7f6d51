//! Another app's ids, tried at every capability by an app that knows them all: nothing is found, and nothing of the other
//! app changes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{SETTINGS, Scene};
use crate::harness::{App, Server, Socket, User, eventually, request, text_to};

/// The app that is spied on.
struct Victim {
    app: App,
    bea: User,
    room: u64,
    message: u64,
    file: Value,
    socket: Socket,
}

async fn victim(scene: &Scene) -> Victim {
    let Scene { app, ann: bea, room } = scene;
    let path = "/users/bea";
    let known = json!({ "nickname": "Beatrix", "attributes": { "phone": "5551234" } });
    app.admin("PUT", path, known).await.ok();
    scene
        .install("hostile", json!({ "mode": "keep", "at": "observer" }))
        .await;
    let mut first = text_to(*room, "a secret");
    first["nonce"] = json!("nonce-of-bea");
    let message = bea.call("message.send", first).await["id"].as_u64().unwrap();
    assert_eq!(scene.outcome("keep").await, "false", "nothing was kept before");
    let upload = request(bea.address(), "POST", "/v1/files").bearer(&bea.token);
    let kept = upload.form(&[("file", Some("a.txt"), b"secret")]).send().await.ok();
    let file = kept["files"][0].clone();
    Victim {
        app: app.clone(),
        bea: bea.clone(),
        room: *room,
        message,
        file,
        socket: bea.connect().await,
    }
}

/// All that can be seen of the app.
async fn snapshot(victim: &Victim) -> Vec<Value> {
    let Victim {
        app, bea, room, file, ..
    } = victim;
    let of = json!({ "conversation": room });
    let mut seen = Vec::new();
    for (kind, data) in [
        ("user.get", json!({ "user": "bea" })),
        ("conversation.get", of.clone()),
        ("conversation.notices", of.clone()),
        ("member.list", of.clone()),
        ("message.history", of.clone()),
        ("receipt.list", of),
        ("conversation.list", json!({})),
        ("friend.list", json!({})),
        ("block.list", json!({})),
    ] {
        seen.push(bea.call(kind, data).await);
    }
    for path in ["/users/bea", "/plugins/hostile/timers"] {
        seen.push(app.admin("GET", path, Value::Null).await.ok());
    }
    let path = file["url"].as_str().unwrap();
    let stored = request(bea.address(), "GET", path).bearer(&bea.token).send().await;
    assert_eq!(stored.text(), "secret");
    seen
}

/// What the spy is told, and what is done with it: `not found`, nothing, or that it may not.
const FOUND: [(&str, &str); 86] = [
    ("connections.disconnect", "()"),
    ("connections.online", "false"),
    ("connections.push", "()"),
    ("connections.was-told", "false"),
    ("contacts.befriend", "not found"),
    ("contacts.befriend, theirs first", "not found"),
    ("contacts.block", "true"),
    ("contacts.blocked", "[]"),
    ("contacts.friends", "[]"),
    ("contacts.set-remark", "not found"),
    ("contacts.unblock", "true"),
    ("contacts.unfriend", "not found"),
    ("conversations-write.add-members", "not found"),
    ("conversations-write.announce", "not found"),
    ("conversations-write.dissolve", "not found"),
    ("conversations-write.join", "not found"),
    ("conversations-write.join, theirs", "not found"),
    ("conversations-write.leave", "not found"),
    ("conversations-write.mute-member", "not found"),
    ("conversations-write.open", "not found"),
    ("conversations-write.prefer", "not found"),
    ("conversations-write.remove-members", "not found"),
    ("conversations-write.remove-members, own room", "[]"),
    ("conversations-write.set-mark", "not found"),
    ("conversations-write.set-role", "not found"),
    ("conversations-write.typing", "not found"),
    ("conversations-write.update", "not found"),
    ("conversations-write.update, theirs", "not found"),
    ("conversations.direct", "None"),
    ("conversations.get", "None"),
    ("conversations.list-of", "0"),
    ("conversations.marks", "not found"),
    ("conversations.members", "not found"),
    ("conversations.notices", "not found"),
    ("conversations.query, by id", "(0, 0)"),
    ("conversations.query, by member", "(0, 0)"),
    ("conversations.seat-of", "None"),
    ("conversations.seat-of, theirs", "None"),
    ("conversations.seen-by", "None"),
    ("conversations.seen-by, theirs", "None"),
    ("credentials.issue-token", "not found"),
    ("credentials.revoke-tokens", "not found"),
    ("credentials.set-password", "not found"),
    ("credentials.set-token", "not found"),
    ("credentials.token-of", "None"),
    ("files.delete", "false"),
    ("files.get", "None"),
    ("files.keep", "not found"),
    ("http.fetch", "refused http_forbidden"),
    ("kv.get", "None"),
    ("kv.scan", "[]"),
    ("messages-edit.act", "not found"),
    ("messages-edit.clear", "not found"),
    ("messages-edit.edit", "not found"),
    ("messages-edit.edit, theirs", "not found"),
    ("messages-edit.hide", "not found"),
    ("messages-edit.react", "not found"),
    ("messages-edit.recall", "not found"),
    ("messages-send.send", "not found"),
    ("messages-send.send, an answer to theirs", "not found"),
    ("messages-send.send, theirs", "not found"),
    ("messages-send.send, theirs in own room", "not found"),
    ("messages-send.submit", "not found"),
    ("messages.by-nonce", "None"),
    ("messages.by-nonce, own room", "None"),
    ("messages.count", "not found"),
    ("messages.get", "None"),
    ("messages.history", "not found"),
    ("messages.page", "not found"),
    ("messages.page, own room after theirs", "0"),
    ("messages.page, theirs", "not found"),
    ("metrics.count", "invalid"),
    ("search.conversations", "[]"),
    ("search.messages", "0"),
    ("search.messages, theirs", "0"),
    ("search.users", "[]"),
    ("signatures.sign", "not found"),
    ("timers.all", "[]"),
    ("timers.cancel", "false"),
    ("timers.get", "None"),
    ("users-write.ban", "not found"),
    ("users-write.unban", "not found"),
    ("users.by-attribute", "None"),
    ("users.get", "None"),
    ("users.get-many", "[]"),
    ("webhooks.post", "()"),
];

const PROVEN: [(&str, &str); 7] = [
    ("impersonation.of-user", "unknown-user"),
    ("proofs.by-password", "unknown-user"),
    ("proofs.by-secret", "wrong"),
    ("proofs.by-signature", "wrong"),
    ("proofs.by-token", "wrong"),
    ("proofs.by-trust", "not-allowed"),
    ("proofs.by-user-signature", "unknown-user"),
];

/// What a plugin has said since it was told to look, by what it has tried.
async fn pried(scene: &Scene) -> BTreeMap<String, String> {
    let lines = eventually("the spy to be done", async || {
        let lines = scene.app.plugin_lines("hostile").await;
        lines.iter().any(|line| line == "done").then_some(lines)
    })
    .await;
    // Beside its own lines there is what the host says of a request that it did not make.
    let told = lines.iter().filter_map(|line| line.split_once(": "));
    told.filter(|(what, _)| what.contains('.'))
        .map(|(what, outcome)| (what.to_owned(), outcome.to_owned()))
        .collect()
}

fn expected(table: &[(&str, &str)]) -> BTreeMap<String, String> {
    let rows = table.iter();
    rows.map(|(what, outcome)| ((*what).to_owned(), (*outcome).to_owned()))
        .collect()
}

#[tokio::test]
async fn another_apps_ids_lead_nowhere() {
    let server = Server::start(&SETTINGS);
    let app = App::on(&server, json!({})).await;
    let bea = app.user("bea").await;
    let room = bea.conversation("group", &[]).await;
    let mut victim = victim(&Scene { app, ann: bea, room }).await;
    let scene = Scene::on(&server).await;
    let before = snapshot(&victim).await;
    victim.socket.take_kept();

    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let theirs = json!({
        "app": victim.app.id.to_string(), "secret": victim.app.secret, "token": victim.bea.token, "user": "bea",
        "nickname": "Beatrix", "phone": "5551234", "room": victim.room.to_string(),
        "message": victim.message.to_string(), "nonce": "nonce-of-bea", "file": text(&victim.file["id"]),
        "url": format!("http://{}/apps/{}/plugins/hostile/x", server.address, victim.app.id),
    });
    let config = json!({ "spy": { "theirs": theirs, "user": "ann", "room": scene.room.to_string() } });
    scene.install("hostile", config.clone()).await;
    scene.ann.say(scene.room, "go").await;
    assert_eq!(pried(&scene).await, expected(&FOUND));

    // What takes a proof, where proofs are taken.
    let prover = Scene::on(&server).await;
    prover.install("hostile", config).await;
    let path = format!("/apps/{}/plugins/hostile/x", prover.app.id);
    request(server.address, "GET", &path).send().await;
    assert_eq!(pried(&prover).await, expected(&PROVEN));

    // From outside: an own token at the other app's endpoint, and a command that only the other app has.
    let path = format!("/apps/{}/plugins/hostile/x", victim.app.id);
    let visit = request(server.address, "GET", &path).bearer(&scene.ann.token);
    assert_eq!(visit.send().await.status, 401);
    let third = Scene::on(&server).await;
    third.ann.say(third.room, "/attack").await;
    assert_eq!(third.ann.texts(third.room).await, ["/attack"], "no command of this app");

    assert_eq!(snapshot(&victim).await, before, "nothing of the other app has changed");
    victim.socket.call("ping", Value::Null).await;
    assert_eq!(
        victim.socket.take_kept(),
        [Value::Null; 0],
        "and nobody there was told anything"
    );
    let kept = json!({ "config": { "mode": "kept", "at": "observer" } });
    victim.app.change_plugin("hostile", kept).await;
    victim.bea.say(victim.room, "look").await;
    let there = Scene {
        app: victim.app,
        ann: victim.bea,
        room: victim.room,
    };
    assert_eq!(there.outcome("kept").await, "Some(4)");
}
