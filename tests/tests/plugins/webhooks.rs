use serde_json::{Value, json};

use crate::harness::{App, Guest, Hooks, Server, User, eventually, guest};

/// A server that may send to this machine and gives up soon.
const PATIENT: [&str; 4] = [
    "callbacks.allow_private=true",
    "callbacks.backoff_ms=20",
    "callbacks.backoff_max_ms=40",
    "callbacks.attempts=4",
];

/// An app with the clock, a user, and a room of that user's own.
async fn posting(settings: &[&str]) -> (App, User, u64) {
    let app = App::on(&Server::start(settings), json!({})).await;
    app.upload("clock", guest(Guest::Clock))
        .grants("kv,messages-send,messages-edit,timers,webhooks")
        .install()
        .await;
    let ann = app.user("ann").await;
    let room = ann.conversation("group", &[]).await;
    (app, ann, room)
}

async fn post(by: &User, room: u64, url: &str, body: Value) {
    let told = json!({ "post": { "url": url, "body": body } });
    by.say(room, &told.to_string()).await;
}

async fn webhooks(app: &App, query: &str) -> Vec<Value> {
    let page = app.admin("GET", &format!("/webhooks{query}"), Value::Null).await.ok();
    page["webhooks"].as_array().unwrap().clone()
}

#[tokio::test]
async fn they_are_signed_and_arrive_in_order_though_the_first_is_tried_again() {
    let (app, ann, room) = posting(&PATIENT).await;
    // The first two tries fail, whatever they bring.
    let hooks = Hooks::answering(|number, _| (if number < 2 { 503 } else { 204 }, String::new())).await;
    for number in 0..5 {
        post(&ann, room, &hooks.url("/in-order"), json!(number)).await;
    }
    let received = hooks.wait_for(7).await;
    let told: Vec<Value> = received.iter().map(|one| one.told()).collect();
    assert_eq!(told, [0, 0, 0, 1, 2, 3, 4].map(|number| json!(number)));
    let one = &received[0];
    assert_eq!(one.path, "/in-order");
    assert_eq!(one.headers["content-type"], "application/x-told");
    assert_eq!(one.headers["host"], hooks.address.to_string());
    let time: u64 = one.headers["x-time"].parse().unwrap();
    assert!(time.abs_diff(one.at / 1000) <= 60, "{time}");
    for one in &received {
        let signed = format!("{}.{}", one.headers["x-time"], one.body);
        assert_eq!(one.headers["x-signature"], hmac(&app.secret, &signed));
        assert_eq!(one.headers["x-delivery"].len(), 32);
    }
    let same = |a: usize, b: usize| received[a].headers["x-delivery"] == received[b].headers["x-delivery"];
    assert!(same(0, 1) && same(1, 2) && !same(2, 3), "one id for every try");
    eventually("nothing to be left", async || {
        webhooks(&app, "").await.is_empty().then_some(())
    })
    .await;
}

#[tokio::test]
async fn one_target_does_not_wait_for_another() {
    let (app, ann, room) = posting(&[
        "callbacks.allow_private=true",
        "callbacks.backoff_ms=3600000",
        "callbacks.backoff_max_ms=3600000",
    ])
    .await;
    let hooks = Hooks::answering(|_, one| (if one.path == "/down" { 500 } else { 200 }, String::new())).await;
    post(&ann, room, &hooks.url("/down"), json!(1)).await;
    hooks.wait_for(1).await;
    post(&ann, room, &hooks.url("/down"), json!(2)).await;
    post(&ann, room, &hooks.url("/up"), json!(3)).await;
    let received = hooks.wait_for(2).await;
    assert_eq!(received[1].path, "/up", "{received:?}");
    // It has arrived before the server has written that it has.
    let waiting = eventually("one to be done", async || {
        let waiting = webhooks(&app, "?state=waiting").await;
        (waiting.len() == 2).then_some(waiting)
    })
    .await;
    assert_eq!(
        (&waiting[1]["attempts"], &waiting[0]["attempts"]),
        (&json!(1), &json!(0))
    );
    assert!(waiting[1]["error"].as_str().unwrap().contains("500"), "{waiting:?}");
    // An order key joins what different URLs would keep apart.
    for (path, number) in [("/down", 4), ("/up", 5)] {
        let told = json!({ "post": { "url": hooks.url(path), "body": number, "key": "joined" } });
        ann.say(room, &told.to_string()).await;
    }
    post(&ann, room, &hooks.url("/last"), json!(6)).await;
    let received = eventually("the last", async || {
        let received = hooks.received();
        received.iter().any(|one| one.path == "/last").then_some(received)
    })
    .await;
    assert!(!received.iter().any(|one| one.told() == 5), "{received:?}");
    let path = format!("/webhooks/{}", waiting[0]["delivery"].as_str().unwrap());
    app.admin("DELETE", &path, Value::Null).await.ok();
    assert_eq!(webhooks(&app, "?limit=1").await.len(), 1);
}

#[tokio::test]
async fn given_up_ones_are_kept_and_sent_when_asked_for() {
    let (app, ann, room) = posting(&PATIENT).await;
    let hooks = Hooks::answering(|number, _| (if number < 9 { 500 } else { 200 }, String::new())).await;
    let url = hooks.url("/down");
    post(&ann, room, &url, json!("a")).await;
    post(&ann, room, &url, json!("b")).await;
    let dead = eventually("both to be given up", async || {
        let dead = webhooks(&app, "?state=dead").await;
        (dead.len() == 2).then_some(dead)
    })
    .await;
    assert_eq!(hooks.received().len(), 8, "four tries each");
    assert_eq!((&dead[0]["attempts"], &dead[0]["plugin"]), (&json!(4), &json!("clock")));
    assert_eq!(dead[0]["url"], url);
    let delivery = |at: usize| dead[at]["delivery"].as_str().unwrap();
    // The older one alone fails once more, then arrives; then the rest of its target.
    app.admin("POST", &format!("/webhooks/{}/retry", delivery(1)), Value::Null)
        .await
        .ok();
    let received = hooks.wait_for(10).await;
    assert_eq!(
        (received[9].told(), received[9].headers["x-delivery"].as_str()),
        (json!("a"), delivery(1))
    );
    let retry = json!({ "plugin": "clock", "target": url });
    assert_eq!(
        app.admin("POST", "/webhooks/retry", retry.clone()).await.ok()["retried"],
        1
    );
    assert_eq!(hooks.wait_for(11).await[10].told(), "b");
    assert_eq!(app.admin("POST", "/webhooks/retry", retry).await.ok()["retried"], 0);
    for (method, path) in [("POST", "/webhooks/nothing/retry"), ("DELETE", "/webhooks/nothing")] {
        app.admin(method, path, Value::Null).await.refused().is("not_found");
    }
}

#[tokio::test]
async fn redirections_are_not_followed_and_410_ends_it_at_once() {
    let (app, ann, room) = posting(&PATIENT).await;
    let hooks = Hooks::answering(|_, one| match one.path.as_str() {
        "/moved" => (307, "location: /elsewhere\r\n".to_owned()),
        _ => (410, String::new()),
    })
    .await;
    post(&ann, room, &hooks.url("/moved"), json!(1)).await;
    post(&ann, room, &hooks.url("/gone"), json!(2)).await;
    let dead = eventually("both to be given up", async || {
        let dead = webhooks(&app, "?state=dead").await;
        (dead.len() == 2).then_some(dead)
    })
    .await;
    let received = hooks.received();
    let count = |path: &str| received.iter().filter(|one| one.path == path).count();
    assert_eq!((count("/moved"), count("/gone"), count("/elsewhere")), (4, 1, 0));
    let attempts: Vec<u64> = dead.iter().map(|one| one["attempts"].as_u64().unwrap()).collect();
    assert_eq!(attempts, [1, 4]);
}

#[tokio::test]
async fn private_addresses_are_refused_by_default() {
    let (app, ann, room) = posting(&["callbacks.attempts=1"]).await;
    let hooks = Hooks::new().await;
    let port = hooks.address.port();
    let urls = [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://0.0.0.0:{port}/"),
        format!("http://[::1]:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://10.0.0.1/".to_owned(),
    ];
    for url in &urls {
        post(&ann, room, url, json!(1)).await;
    }
    let dead = eventually("all to be refused", async || {
        let dead = webhooks(&app, "?state=dead").await;
        (dead.len() == urls.len()).then_some(dead)
    })
    .await;
    for one in &dead {
        assert!(one["error"].as_str().unwrap().contains("private address"), "{one}");
    }
    assert_eq!(hooks.received().len(), 0);
}

#[tokio::test]
async fn what_is_no_webhook_is_refused_and_a_retried_call_posts_once() {
    let (_app, ann, room) = posting(&PATIENT).await;
    let hooks = Hooks::new().await;
    for url in ["ftp://x/", "/path", "http://user:pass@example.com/"] {
        post(&ann, room, url, json!(1)).await;
    }
    let told = json!({ "post": { "url": hooks.url("/"), "body": 7 }, "fail_once": true });
    ann.say(room, &told.to_string()).await;
    post(&ann, room, &hooks.url("/"), json!(8)).await;
    let received = hooks.wait_for(2).await;
    assert_eq!([received[0].told(), received[1].told()], [7, 8]);
    // A webhook may arrive before the plugin has said that it was posted.
    let texts = eventually("all five to be told of", async || {
        let texts = ann.texts(room).await;
        let count = |what: &str| texts.iter().filter(|text| text.contains(what)).count();
        assert!(count("Invalid") <= 3 && count("posted ") <= 2, "{texts:?}");
        (count("Invalid") == 3 && count("posted ") == 2).then_some(texts)
    })
    .await;
    assert!(
        texts.contains(&format!("posted {}", received[0].headers["x-delivery"])),
        "{texts:?}"
    );
}

/// HMAC-SHA-256 in hex, by the test's own means.
pub fn hmac(key: &str, text: &str) -> String {
    use jsonwebtoken::crypto::sign;
    use jsonwebtoken::{Algorithm, EncodingKey};
    let signature = sign(
        text.as_bytes(),
        &EncodingKey::from_secret(key.as_bytes()),
        Algorithm::HS256,
    )
    .unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: Vec<u32> = signature
        .chars()
        .map(|letter| u32::try_from(alphabet.find(letter).unwrap()).unwrap())
        .collect();
    let bytes = bits.chunks(4).flat_map(|four| {
        let sum = four.iter().fold(0, |sum, six| (sum << 6) | six) << (6 * (4 - four.len()));
        let count = four.len() * 6 / 8;
        sum.to_be_bytes()[1..=count].to_vec()
    });
    bytes.map(|byte| format!("{byte:02x}")).collect()
}
