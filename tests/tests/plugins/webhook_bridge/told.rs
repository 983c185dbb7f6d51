use serde_json::{Value, json};

use super::{all, bridge, verified};
use crate::harness::{Hooks, Received, eventually, now_ms, request};

#[tokio::test]
async fn a_backend_is_told_what_happens_in_order_and_can_check_it() {
    let hooks = Hooks::new().await;
    let app = bridge(all(&hooks)).await;
    let [ann, ben] = app.users(["ann", "ben"]).await;
    let before = now_ms();
    let room = ann.conversation("group", &[]).await;
    let sent = ann
        .call(
            "message.send",
            json!({ "conversation": room, "kind": "text", "body": { "text": "你好" }, "nonce": "n-1" }),
        )
        .await;
    let (id, at) = (&sent["id"], &sent["created_at"]);
    ann.call("message.edit", json!({ "message": id, "body": { "text": "hi" } }))
        .await;
    let thumb = |add: bool| json!({ "message": id, "emoji": "👍", "add": add });
    ann.call("message.react", thumb(true)).await;
    ann.call("message.react", thumb(false)).await;
    ann.call("member.add", json!({ "conversation": room, "users": ["ben"] }))
        .await;
    let patch = json!({ "conversation": room, "name": "Desk", "ext": { "order": 17 } });
    ann.call("conversation.update", patch).await;
    ben.call("member.leave", json!({ "conversation": room })).await;
    ann.call("message.recall", json!({ "message": id })).await;

    let mut types = vec![
        "conversation.created",
        "message.sent",
        "message.edited",
        "reaction.added",
        "reaction.removed",
        "members.joined",
        "conversation.updated",
        "members.left",
        "message.recalled",
    ];
    told(&hooks, &types).await;
    // What nobody was told of a conversation before its end, nobody is told.
    ann.call("conversation.dissolve", json!({ "conversation": room })).await;
    types.push("conversation.dissolved");
    let received = told(&hooks, &types).await;
    let bodies: Vec<Value> = received.iter().map(|one| verified(&app, one)).collect();
    for body in &bodies {
        assert_eq!(
            (&body["conversation"]["id"], &body["conversation"]["kind"]),
            (&json!(room), &json!("group"))
        );
        let happened = body["at"].as_u64().unwrap();
        assert!((before..=now_ms()).contains(&happened), "{body}");
    }
    let mut ids: Vec<&str> = bodies.iter().map(|body| body["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), types.len(), "each event has an id of its own");

    let message = &bodies[1]["message"];
    assert_eq!(
        message,
        &json!({
            "id": id, "seq": sent["seq"], "conversation": room, "from": "ann", "kind": "text",
            "body": message["body"], "nonce": "n-1", "mentions": [], "mention_all": false, "reply_to": null,
            "origin": null, "created_at": at, "edited_at": message["edited_at"], "recalled_at": message["recalled_at"]
        })
    );
    assert_eq!((&bodies[1]["at"], &bodies[1]["depth"]), (at, &json!(0)));
    assert_eq!(bodies[3]["reaction"], json!({ "uid": "ann", "emoji": "👍" }));
    assert_eq!(bodies[5]["members"], json!({ "uids": ["ben"], "by": "ann" }));
    let conversation = &bodies[6]["conversation"];
    assert_eq!(
        (&conversation["name"], &conversation["ext"]),
        (&json!("Desk"), &json!({ "order": 17 }))
    );
    assert_eq!(bodies[7]["members"]["uids"], json!(["ben"]));
    let recalled = &bodies[8]["message"];
    assert_eq!(
        (&recalled["body"], recalled["recalled_at"].is_u64()),
        (&json!({}), true)
    );
}

#[tokio::test]
async fn targets_hear_what_they_want() {
    let hooks = Hooks::new().await;
    let app = bridge(json!([
        { "name": "images", "url": hooks.url("/images"), "events": ["message.sent", "members.*"], "kinds": ["image"] },
        { "name": "direct", "url": hooks.url("/direct"), "events": ["message.sent"], "conversations": ["direct"] },
        { "name": "customers", "url": hooks.url("/customers"), "events": ["message.sent"], "uids": ["cust_"], "headers": { "X-Key": "k" } }
    ]))
    .await;
    let [ann, customer] = app.users(["ann", "cust_1"]).await;
    let group = ann.conversation("group", &[&customer]).await;
    let pair = ann.conversation("direct", &[&customer]).await;
    let image = json!({ "conversation": group, "kind": "image", "body": { "url": "/x.png" } });
    ann.call("message.send", image).await;
    ann.say(pair, "to one").await;
    customer.say(group, "to all").await;
    let received = hooks.wait_for(3).await;
    let mut seen: Vec<(String, Value)> = received
        .iter()
        .map(|one| (one.path.clone(), verified(&app, one)["message"]["from"].clone()))
        .collect();
    seen.sort_by(|a, b| a.0.cmp(&b.0));
    let expected = [("/customers", "cust_1"), ("/direct", "ann"), ("/images", "ann")];
    assert_eq!(seen, expected.map(|(path, from)| (path.to_owned(), json!(from))));
    let to_customers = received.iter().find(|one| one.path == "/customers").unwrap();
    assert_eq!(to_customers.headers["x-key"], "k");
}

#[tokio::test]
async fn a_configuration_that_cannot_be_right_is_refused() {
    let hooks = Hooks::new().await;
    let app = bridge(all(&hooks)).await;
    for target in [
        json!({ "name": "a" }),
        json!({ "name": "a", "url": "ftp://x/" }),
        json!({ "name": "a", "url": "http://x/", "headers": { "switchboard-id": "x" } }),
        json!({ "name": "a", "url": "http://x/", "events": ["message-sent"] }),
        json!({ "name": "a", "url": "http://x/", "events": ["message.send"] }),
        json!({ "name": "a", "url": "http://x/", "headers": { "Host": "y" } }),
        json!({ "name": "a", "url": "http://u:p@x/" }),
        json!({ "name": "a", "url": "http://a b/" }),
    ] {
        let change = json!({ "config": { "targets": [target] } });
        app.admin("PATCH", "/plugins/webhook-bridge", change)
            .await
            .refused()
            .is("bad_field");
    }
}

#[tokio::test]
async fn it_is_told_of_people_marks_and_files_too() {
    let hooks = Hooks::new().await;
    let app = bridge(all(&hooks)).await;
    let [ann, ben] = app.users(["ann", "ben"]).await;
    let room = ann.conversation("group", &[&ben]).await;
    let sent = ann.say(room, "hi").await;
    let socket = ben.connect().await;
    ben.call("receipt.read", json!({ "conversation": room, "seq": sent["seq"] }))
        .await;
    ben.call("message.delete", json!({ "messages": [sent["id"]] })).await;
    ben.call("user.update", json!({ "nickname": "Ben" })).await;
    let role = json!({ "conversation": room, "user": "ben", "role": "admin" });
    ann.call("member.role", role).await;
    let notice = json!({ "conversation": room, "text": "Closed on Monday" });
    ann.call("conversation.announce", notice).await;
    let body = "--x\r\ncontent-disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\r\nhello\r\n--x--\r\n";
    request(ann.address(), "POST", "/v1/files")
        .bearer(&ann.token)
        .header("content-type", "multipart/form-data; boundary=x".to_owned())
        .bytes(body)
        .send()
        .await
        .ok();
    socket.close().await;

    let told = async |event: &str| {
        eventually(&format!("{event} to be told"), async || {
            let received = hooks.received();
            let found = received.iter().find(|one| one.headers["switchboard-event"] == event)?;
            Some(verified(&app, found))
        })
        .await
    };
    assert_eq!(told("user.online").await["user"], json!({ "uid": "ben" }));
    assert_eq!(told("user.offline").await["user"], json!({ "uid": "ben" }));
    let marked = told("marked").await;
    assert_eq!(
        (&marked["mark"]["uid"], &marked["mark"]["read_seq"]),
        (&json!("ben"), &sent["seq"])
    );
    assert_eq!(
        told("messages.hidden").await["hidden"],
        json!({ "uid": "ben", "messages": [sent["id"]] })
    );
    assert_eq!(told("user.updated").await["user"]["nickname"], "Ben");
    let member = told("member.updated").await["member"].clone();
    assert_eq!((&member["role"], &member["by"]), (&json!("admin"), &json!("ann")));
    assert_eq!(told("announced").await["notice"]["text"], "Closed on Monday");
    assert_eq!(told("file.uploaded").await["file"]["owner"], "ann");
    let undelivered = told("message.undelivered").await;
    assert_eq!(
        (&undelivered["undelivered"]["uids"], &undelivered["message"]["id"]),
        (&json!(["ben"]), &sent["id"])
    );
}

/// Waits for the last of these events, and answers the first of each, in their order; others may be among them.
async fn told(hooks: &Hooks, types: &[&str]) -> Vec<Received> {
    let last = types.last().unwrap();
    eventually(&format!("{last} to be told"), async || {
        let received = hooks.received();
        let wanted: Vec<_> = received
            .into_iter()
            .filter(|one| types.contains(&one.headers["switchboard-event"].as_str()))
            .collect();
        let names: Vec<&str> = wanted
            .iter()
            .map(|one| one.headers["switchboard-event"].as_str())
            .collect();
        (names.last() == Some(last)).then(|| {
            assert_eq!(names, types);
            wanted.clone()
        })
    })
    .await
}
