use std::collections::HashSet;

use serde_json::{Value, json};

use crate::harness::{App, Socket, User, bundled, eventually, now_ms};

/// An app with a group of these users and the owner.
async fn group<const N: usize>(config: Value, uids: [&str; N]) -> (App, User, [User; N], u64) {
    let app = App::new().await;
    let upload = app
        .upload("red-packet", bundled("red-packet"))
        .grants("timers,messages-edit");
    upload.config(config).install().await;
    let owner = app.user("owner").await;
    let members = app.users(uids).await;
    let id = owner.conversation("group", &members.each_ref()).await;
    (app, owner, members, id)
}

fn packet(conversation: u64, body: Value) -> Value {
    json!({ "conversation": conversation, "kind": "red-packet", "body": body })
}

async fn send(user: &User, conversation: u64, body: Value) -> u64 {
    let sent = user.call("message.send", packet(conversation, body)).await;
    sent["id"].as_u64().unwrap()
}

async fn claim(socket: &mut Socket, message: u64) -> Value {
    let claim = json!({ "message": message, "data": { "action": "claim" } });
    socket.call("message.act", claim).await["answer"].clone()
}

async fn body(user: &User, message: u64) -> Value {
    user.call("message.get", json!({ "message": message })).await["body"].clone()
}

#[tokio::test]
async fn a_packet_is_shared_once_and_whole() {
    let (_app, owner, [alice, bob], id) = group(json!({}), ["alice", "bob"]).await;
    let message = send(&owner, id, json!({ "total": 100, "count": 3, "text": "恭喜发财" })).await;
    let before = body(&owner, message).await;
    assert_eq!(
        (&before["mode"], &before["left"], &before["state"], &before["claims"]),
        (&json!("equal"), &json!(100), &json!("open"), &json!([]))
    );
    let mut hears = owner.connect().await;
    let (mut on_alice, mut on_bob) = (alice.connect().await, bob.connect().await);
    assert_eq!(
        claim(&mut on_alice, message).await,
        json!({ "amount": 34, "state": "open", "left": 66 })
    );
    let edited = hears.event("message.edited").await["data"].clone();
    assert_eq!(
        (&edited["id"], &edited["body"]["claims"][0]["user"]),
        (&json!(message), &json!("alice"))
    );
    assert_eq!(claim(&mut on_alice, message).await["amount"], 34);
    assert_eq!(claim(&mut on_bob, message).await["amount"], 33);
    // The sender may claim as well, and then nothing is left.
    assert_eq!(
        claim(&mut hears, message).await,
        json!({ "amount": 33, "state": "finished", "left": 0 })
    );
    assert_eq!(
        claim(&mut on_bob, message).await,
        json!({ "amount": 33, "state": "finished", "left": 0 })
    );
    let after = body(&bob, message).await;
    assert_eq!(
        (
            &after["left"],
            &after["state"],
            after["claims"].as_array().unwrap().len()
        ),
        (&json!(0), &json!("finished"), 3)
    );
}

#[tokio::test]
async fn claims_at_the_same_time_never_pay_more_than_there_is() {
    const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let (_app, owner, members, id) = group(json!({ "salt": "s" }), NAMES).await;
    let message = send(&owner, id, json!({ "total": 1_000, "count": 5, "mode": "random" })).await;
    let claims = members.iter().cloned().map(|user| {
        tokio::spawn(async move {
            let mut socket = user.connect().await;
            let mut amounts = HashSet::new();
            for _ in 0..3 {
                amounts.insert(claim(&mut socket, message).await["amount"].as_u64().unwrap());
            }
            amounts
        })
    });
    let mut paid = Vec::new();
    for claim in claims.collect::<Vec<_>>() {
        let mut amounts = claim.await.unwrap();
        // Who came too late gets nothing, each time.
        assert_eq!(amounts.len(), 1, "the same each time: {amounts:?}");
        paid.extend(amounts.drain().filter(|amount| *amount > 0));
    }
    assert_eq!((paid.len(), paid.iter().sum::<u64>()), (5, 1_000));
    let stored = body(&owner, message).await;
    let claims = stored["claims"].as_array().unwrap();
    let users: HashSet<&str> = claims.iter().map(|claim| claim["user"].as_str().unwrap()).collect();
    assert_eq!((users.len(), &stored["state"]), (5, &json!("finished")));
}

#[tokio::test]
async fn nobody_forges_a_claim() {
    let (app, owner, [alice], id) = group(json!({}), ["alice"]).await;
    let forged = json!({
        "total": 100, "count": 2, "state": "finished", "left": 0, "returned": 3,
        "claims": [{ "user": "owner", "amount": 100, "at": 1 }]
    });
    let message = send(&owner, id, forged.clone()).await;
    let stored = body(&owner, message).await;
    assert_eq!(
        (&stored["left"], &stored["claims"], &stored["state"]),
        (&json!(100), &json!([]), &json!("open"))
    );
    assert!(stored.get("returned").is_none());
    let edit = json!({ "message": message, "body": forged });
    owner.attempt("message.edit", edit).await.unwrap_err();
    let mut on_owner = owner.connect().await;
    for data in [
        json!({ "action": "expire" }),
        json!({ "action": "claim all" }),
        json!({}),
    ] {
        let refused = on_owner
            .attempt("message.act", json!({ "message": message, "data": data }))
            .await;
        assert!(
            ["not_permitted", "bad_body"].contains(&refused.unwrap_err().code.as_str()),
            "{data}"
        );
    }
    assert_eq!(body(&owner, message).await, stored);
    // A stranger, and another app, find nothing.
    let act = json!({ "message": message, "data": { "action": "claim" } });
    let stranger = app.user("stranger").await;
    stranger
        .connect()
        .await
        .attempt("message.act", act.clone())
        .await
        .unwrap_err()
        .is("not_found");
    let elsewhere = App::new().await.user("alice").await;
    elsewhere
        .connect()
        .await
        .attempt("message.act", act.clone())
        .await
        .unwrap_err()
        .is("not_found");
    // A recalled packet is over.
    owner.call("message.recall", json!({ "message": message })).await;
    alice.connect().await.attempt("message.act", act).await.unwrap_err();
}

#[tokio::test]
async fn what_nobody_claims_in_time_is_returned() {
    let (_app, owner, [alice, bob], id) = group(json!({ "expiry_seconds": 6 }), ["alice", "bob"]).await;
    let message = send(&owner, id, json!({ "total": 100, "count": 3 })).await;
    assert_eq!(claim(&mut alice.connect().await, message).await["amount"], 34);
    let over = eventually("the end of a packet", async || {
        let body = body(&owner, message).await;
        (body["state"] == "expired").then_some(body)
    })
    .await;
    assert_eq!((&over["left"], &over["returned"]), (&json!(0), &json!(66)));
    let late = claim(&mut bob.connect().await, message).await;
    assert_eq!(
        late,
        json!({ "amount": 0, "state": "expired", "left": 0, "returned": 66 })
    );
    assert_eq!(claim(&mut alice.connect().await, message).await["amount"], 34);
    // A sender may ask for less time, not for more.
    let ends = now_ms() + 60_000;
    let long = packet(id, json!({ "total": 100, "count": 3, "expires_at": ends }));
    owner.attempt("message.send", long).await.unwrap_err().is("bad_body");
}

#[tokio::test]
async fn bounds_are_the_tenants() {
    let (app, owner, [_alice], id) = group(json!({ "max_total": 500, "max_count": 10 }), ["alice"]).await;
    for body in [
        json!({ "total": 501, "count": 1 }),
        json!({ "total": 500, "count": 11 }),
        json!({ "total": 5, "count": 6 }),
        json!({ "total": 0, "count": 0 }),
        json!({ "total": 10.5, "count": 1 }),
        json!({ "total": "10", "count": 1 }),
        json!({ "count": 1 }),
        json!({ "total": 10, "count": 1, "mode": "all" }),
        json!({ "total": 10, "count": 1, "text": "x".repeat(201) }),
    ] {
        let refused = owner
            .attempt("message.send", packet(id, body.clone()))
            .await
            .unwrap_err();
        assert_eq!(refused.code, "bad_body", "{body}: {refused:?}");
    }
    let mut transient = packet(id, json!({ "total": 10, "count": 1 }));
    transient["transient"] = true.into();
    owner
        .attempt("message.send", transient)
        .await
        .unwrap_err()
        .is("bad_body");
    send(&owner, id, json!({ "total": 500, "count": 10 })).await;
    drop(app);
}
