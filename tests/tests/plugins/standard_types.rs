use serde_json::{Value, json};

use crate::harness::{App, bundled, craft};

#[tokio::test]
async fn the_usual_kinds_are_checked_and_completed() {
    let app = App::new().await;
    app.upload("standard-types", bundled("standard-types")).install().await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let id = alice.conversation("direct", &[&bob]).await;
    let mut hears = bob.connect().await;
    let send = |kind: &str, body: Value| json!({ "conversation": id, "kind": kind, "body": body });
    for (kind, body, stored) in [
        (
            "image",
            json!({ "url": "/a.png", "width": "640", "height": 480 }),
            json!({ "url": "/a.png", "thumb_url": "/a.png", "width": 640, "height": 480, "thumb_width": 640, "thumb_height": 480,
                "mime": "image/png" }),
        ),
        (
            "voice",
            json!({ "url": "https://x.example/v.mp3", "duration": 2.5, "mime": "audio/mpeg" }),
            json!({ "url": "https://x.example/v.mp3", "duration": 2.5, "mime": "audio/mpeg" }),
        ),
        (
            "file",
            json!({ "url": "/f/%E6%8A%A5%E5%91%8A.pdf", "size": "2312432" }),
            json!({ "mime": "application/pdf", "name": "报告.pdf", "size": 2_312_432, "url": "/f/%E6%8A%A5%E5%91%8A.pdf" }),
        ),
        (
            "location",
            json!({ "latitude": 24.5, "longitude": 118.1, "own": [1] }),
            json!({ "latitude": 24.5, "longitude": 118.1, "own": [1] }),
        ),
        ("card", json!({ "user": "carol" }), json!({ "user": "carol" })),
        (
            "link",
            json!({ "url": "https://x.example", "title": "News" }),
            json!({ "url": "https://x.example", "title": "News" }),
        ),
        ("video", json!({ "text": "later" }), json!({ "text": "later" })),
    ] {
        alice.call("message.send", send(kind, body)).await;
        let event = hears.event("message.sent").await;
        assert_eq!(
            (&event["data"]["kind"], &event["data"]["body"]),
            (&json!(kind), &stored)
        );
    }
    for (kind, body, code) in [
        ("image", json!({}), "bad_body"),
        ("image", json!({ "url": "javascript:alert(1)" }), "bad_url"),
        ("file", json!({ "url": "data:text/html,x" }), "bad_url"),
        ("voice", json!({ "url": "/v", "duration": -1 }), "bad_body"),
        ("location", json!({ "latitude": 24.5 }), "bad_body"),
        ("card", json!({ "user": 5 }), "bad_body"),
    ] {
        let refusal = alice
            .attempt("message.send", send(kind, body.clone()))
            .await
            .unwrap_err();
        assert_eq!(refusal.code, code, "{kind} {body}: {refusal:?}");
    }
    assert_eq!(alice.say(id, "on").await["seq"], 8, "what is refused takes no place");
    // An edit is checked as well.
    let image = alice
        .call("message.send", send("image", json!({ "url": "/b.png" })))
        .await["id"]
        .clone();
    let bad = json!({ "message": image, "body": { "url": "javascript:x" } });
    alice.attempt("message.edit", bad).await.unwrap_err().is("bad_url");
    let good = json!({ "message": image, "body": { "url": "/c.png" } });
    assert_eq!(alice.call("message.edit", good).await["body"]["thumb_url"], "/c.png");
}

#[tokio::test]
async fn a_kind_that_nobody_owns_is_the_tenants_choice() {
    let app = App::with(json!({ "unowned_kinds": "refuse" })).await;
    let alice = app.user("alice").await;
    let id = alice.conversation("group", &[]).await;
    let vote = json!({ "conversation": id, "kind": "vote", "body": { "for": "tea" } });
    alice
        .attempt("message.send", vote.clone())
        .await
        .unwrap_err()
        .is("unknown_kind");
    app.change(json!({ "unowned_kinds": "accept" })).await;
    alice.call("message.send", vote.clone()).await;
    let page = alice.call("message.history", json!({ "conversation": id })).await;
    assert_eq!(
        (&page["messages"][0]["kind"], &page["messages"][0]["body"]),
        (&json!("vote"), &json!({ "for": "tea" }))
    );
    app.change(json!({ "unowned_kinds": "refuse" })).await;
    alice
        .attempt("message.send", vote)
        .await
        .unwrap_err()
        .is("unknown_kind");
    app.upload("standard-types", bundled("standard-types")).install().await;
    let image = json!({ "conversation": id, "kind": "image", "body": { "url": "/a.png" } });
    alice.call("message.send", image.clone()).await;
    app.change_plugin("standard-types", json!({ "enabled": false })).await;
    alice
        .attempt("message.send", image)
        .await
        .unwrap_err()
        .is("unknown_kind");
}

#[tokio::test]
async fn what_a_policy_makes_of_a_body_is_checked_and_completed_again() {
    let app = App::new().await;
    app.upload("standard-types", bundled("standard-types")).install().await;
    let alice = app.user("alice").await;
    let id = alice.conversation("group", &[]).await;
    let image = json!({ "conversation": id, "kind": "image", "body": { "url": "/a.png", "width": 6, "height": 4 } });
    let whole = |url: &str, width: u32, height: u32| {
        json!({ "url": url, "thumb_url": url, "width": width, "height": height, "thumb_width": width,
            "thumb_height": height, "mime": "image/png" })
    };
    // What fits is completed.
    let bare = craft::replacing("image", r#"{"url":"/b.png","width":3,"height":2}"#, true);
    app.upload("painter", bare).install().await;
    let sent = alice.call("message.send", image.clone()).await;
    assert_eq!(sent["body"], whole("/b.png", 3, 2));
    // What does not is a failure of the policy, with what it has declared for that.
    app.upload("painter", craft::replacing("image", "{}", false))
        .install()
        .await;
    let sent = alice.call("message.send", image.clone()).await;
    assert_eq!(sent["body"], whole("/a.png", 6, 4), "as if it had not been asked");
    app.upload("painter", craft::replacing("image", "{}", true))
        .install()
        .await;
    let refused = alice.attempt("message.send", image).await.unwrap_err();
    assert!(refused.is("plugin_failed").message.contains("painter"), "{refused:?}");
    let counted = app.counters("painter", "policy").await;
    assert_eq!(counted["failures"].as_object().unwrap().len(), 1, "{counted}");
    assert_eq!(alice.say(id, "text").await["seq"], 3, "other kinds are not its affair");
}
