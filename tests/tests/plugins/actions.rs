use serde_json::{Value, json};

use crate::harness::{App, Guest, User, Way, eventually, guest};

async fn claiming(left: u64) -> (App, User, u64, u64) {
    let app = App::new().await;
    app.upload("clock", guest(Guest::Clock))
        .grants("kv,messages-send,messages-edit,timers,webhooks")
        .install()
        .await;
    let ann = app.user("ann").await;
    let room = ann.conversation("group", &[]).await;
    let message = claim(&ann, room, left).await;
    (app, ann, room, message)
}

async fn claim(by: &User, room: u64, left: u64) -> u64 {
    let sent = by
        .call(
            "message.send",
            json!({ "conversation": room, "kind": "claim", "body": { "left": left } }),
        )
        .await;
    sent["id"].as_u64().unwrap()
}

fn act(message: u64, what: &str) -> Value {
    json!({ "message": message, "data": { "do": what } })
}

async fn body(of: &User, message: u64) -> Value {
    of.call("message.get", json!({ "message": message })).await["body"].clone()
}

#[tokio::test]
async fn the_owner_of_a_kind_acts_on_its_messages() {
    let (app, ann, room, _) = claiming(1).await;
    for way in Way::BOTH {
        let message = claim(&ann, room, 2).await;
        let mut door = ann.by(way).await;
        let mut other = ann.connect().await;
        let reply = door.call("message.act", act(message, "claim")).await;
        assert_eq!(reply, json!({ "answer": { "left": 1 } }));
        let edited = other.event("message.edited").await;
        assert_eq!(edited["data"]["body"], json!({ "left": 1, "claims": ["ann"] }));
        assert_eq!(door.call("message.act", act(message, "look")).await["answer"], 1);
        door.call("message.act", act(message, "claim")).await;
        let refused = door.attempt("message.act", act(message, "claim")).await.unwrap_err();
        refused.is("nothing_left");
        assert_eq!(
            body(&ann, message).await,
            json!({ "left": 0, "claims": ["ann", "ann"] })
        );
    }
    let texts = eventually("what the actions wrote", async || {
        let texts = ann.texts(room).await;
        let took = texts.iter().filter(|text| *text == "ann took one").count();
        (took >= 4).then_some(texts)
    })
    .await;
    assert_eq!(
        texts.iter().filter(|text| *text == "ann took one").count(),
        4,
        "{texts:?}"
    );
    assert_eq!(app.counters("clock", "message-action").await["refused"], 2);
}

#[tokio::test]
async fn what_cannot_be_acted_on_is_refused() {
    let (app, ann, room, message) = claiming(2).await;
    let stranger = app.user("eve").await;
    let text = ann.say(room, "hello").await["id"].as_u64().unwrap();
    let gone = claim(&ann, room, 1).await;
    ann.call("message.recall", json!({ "message": gone })).await;
    for way in Way::BOTH {
        let mut door = ann.by(way).await;
        for (data, code) in [
            (act(message, "nonsense"), "no_such_thing"),
            (act(message, "spoil"), "plugin_failed"),
            (act(message, "crash"), "plugin_failed"),
            (act(text, "claim"), "unknown_action"),
            (act(gone, "claim"), "conflict"),
            (act(999_999_999, "claim"), "not_found"),
            (json!({ "message": message, "data": [] }), "bad_field"),
            (json!({ "message": message }), "missing_field"),
            (
                json!({ "message": message, "data": { "x": "y".repeat(40_000) } }),
                "too_large",
            ),
        ] {
            let refused = door.attempt("message.act", data.clone()).await.unwrap_err();
            assert_eq!(refused.code, code, "{data}");
        }
        let mut outside = stranger.by(way).await;
        let refused = outside.attempt("message.act", act(message, "claim")).await.unwrap_err();
        refused.is("not_found");
        let edit = json!({ "message": message, "body": { "left": 100 } });
        door.attempt("message.edit", edit)
            .await
            .unwrap_err()
            .is("not_permitted");
    }
    assert_eq!(body(&ann, message).await, json!({ "left": 2 }));
    // The app of another tenant knows nothing of the message.
    let other = App::new().await.user("ann").await;
    other
        .attempt("message.act", act(message, "claim"))
        .await
        .unwrap_err()
        .is("not_found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_claims_never_take_more_than_there_is() {
    const LEFT: u64 = 25;
    let (app, ann, room, message) = claiming(LEFT).await;
    let claims = (0..8).map(|number| {
        let (ann, app) = (ann.clone(), app.clone());
        tokio::spawn(async move {
            let user = app.user(&format!("u{number}")).await;
            ann.call("member.add", json!({ "conversation": room, "users": [user.uid] }))
                .await;
            let mut taken = 0;
            loop {
                match user.attempt("message.act", act(message, "claim")).await {
                    Ok(_) => taken += 1,
                    Err(failure) if failure.code == "busy" => {}
                    Err(failure) => {
                        failure.is("nothing_left");
                        return taken;
                    }
                }
            }
        })
    });
    let taken: u64 = futures_util::future::join_all(claims)
        .await
        .into_iter()
        .map(Result::unwrap)
        .sum();
    assert_eq!(taken, LEFT);
    let body = body(&ann, message).await;
    assert_eq!(
        (&body["left"], body["claims"].as_array().unwrap().len()),
        (&json!(0), 25)
    );
    // Each claim wrote one message, and those that came too late wrote none.
    let note = ann.call("message.act", act(message, "note")).await;
    assert_eq!(note["answer"], Value::Null);
    let texts = eventually("the note", async || {
        let texts = ann.texts(room).await;
        texts.contains(&"noted".to_owned()).then_some(texts)
    })
    .await;
    let took = texts.iter().filter(|text| text.ends_with(" took one")).count();
    assert_eq!(took, 25, "{texts:?}");
}

#[tokio::test]
async fn a_plugin_acts_once_though_its_call_is_made_again() {
    let (app, ann, room, message) = claiming(5).await;
    let payload = json!({ "say": room.to_string(), "claim": message.to_string(), "fail": "once" });
    let told = json!({ "set": { "name": "taker", "payload": payload } });
    ann.say(room, &told.to_string()).await;
    let texts = eventually("the claim", async || {
        let texts = ann.texts(room).await;
        texts.iter().any(|text| text.starts_with("claimed")).then_some(texts)
    })
    .await;
    assert!(texts.contains(&"claimed {\"left\":4}".to_owned()), "{texts:?}");
    // A second timer comes after the first has been tried again.
    eventually("the second try", async || {
        let counters = app.counters("clock", "timer").await;
        (counters["calls"].as_u64() >= Some(2)).then_some(())
    })
    .await;
    let told = json!({ "set": { "name": "after", "payload": { "say": room.to_string() } } });
    ann.say(room, &told.to_string()).await;
    eventually("the second timer", async || {
        let texts = ann.texts(room).await;
        texts.iter().any(|text| text.starts_with("after ")).then_some(())
    })
    .await;
    assert_eq!(body(&ann, message).await, json!({ "left": 4, "claims": ["the app"] }));
}
