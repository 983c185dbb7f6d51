use serde_json::{Value, json};

use super::parrot::{Cage, Talk};
use crate::harness::{App, Server, request};

async fn post(cage: &Cage, kind: &str, body: impl Into<bytes::Bytes>) -> (u16, Value) {
    let path = format!("{}/echo", cage.prefix);
    let asked = request(cage.address(), "POST", &path).header("content-type", kind.to_owned());
    let answer = asked.bytes(body).send().await;
    (
        answer.status,
        serde_json::from_slice(&answer.body).unwrap_or(Value::Null),
    )
}

#[tokio::test]
async fn a_request_arrives_decoded() {
    let cage = Cage::new().await;
    let path = format!("{}/echo?a=1&b=x%20y+z&a=%E4%BD%A0", cage.prefix);
    let answer = request(cage.address(), "PUT", &path).header("x-test", "Yes".to_owned());
    let seen: Value = serde_json::from_slice(&answer.send().await.body).unwrap();
    assert_eq!(
        (
            &seen["app"],
            &seen["plugin"],
            &seen["method"],
            &seen["path"],
            &seen["header"]
        ),
        (
            &json!(cage.app.id.to_string()),
            &json!("parrot"),
            &json!("PUT"),
            &json!("/echo"),
            &json!("Yes")
        )
    );
    assert_eq!(seen["query"], json!([["a", "1"], ["b", "x y z"], ["a", "你"]]));
    assert_eq!(
        (&seen["base"], &seen["remote"]),
        (&json!(format!("http://{}", cage.address())), &json!("127.0.0.1"))
    );
    assert_eq!(seen["id"].as_str().unwrap().len(), 16);
    assert_eq!(seen["content"], Value::Null);

    for (kind, body, content) in [
        ("application/json", r#"{"x":[1]}"#, json!({ "text": r#"{"x":[1]}"# })),
        ("text/plain", "not { json", json!({ "text": "not { json" })),
        (
            "application/x-www-form-urlencoded",
            "a=1&b=%32&c",
            json!({ "form": [["a", "1"], ["b", "2"], ["c", ""]] }),
        ),
        (
            "application/x-www-form-urlencoded; charset=utf-8",
            "",
            json!({ "form": [] }),
        ),
        (
            "multipart/form-data; boundary=b",
            "--b\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--\r\n",
            json!({ "fields": [["a", "1"]], "files": 0 }),
        ),
        (
            "multipart/form-data; boundary=b",
            "--b\r\ncontent-disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\n\r\nhello\r\n--b--\r\n",
            json!({ "fields": [], "files": 1 }),
        ),
    ] {
        let (status, seen) = post(&cage, kind, body).await;
        assert_eq!((status, &seen["content"]), (200, &content), "{kind} {body}");
    }
    let (_, seen) = post(&cage, "application/json", vec![0xff, 0xfe]).await;
    assert_eq!(seen["content"], json!({ "bytes": 2 }));
}

#[tokio::test]
async fn the_head_alone_is_that_of_the_whole() {
    let cage = Cage::new().await;
    let answer = request(cage.address(), "HEAD", &format!("{}/echo", cage.prefix))
        .send()
        .await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
}

#[tokio::test]
async fn what_cannot_be_passed_on_is_told_in_the_dialects_words() {
    let cage = Cage::new().await;
    let fault = |name: &str| (418, json!(format!("FaultKind::{name}")));
    let told = async |path: &str| {
        let (status, body) = cage.get(path).await;
        (status, body["fault"].clone())
    };
    assert_eq!(told("/do/trap").await, fault("Failed"));
    assert_eq!(told("/do/spin").await, fault("Failed"));
    for status in [0, 100, 199, 600, 999] {
        assert_eq!(
            told(&format!("/do/status?status={status}")).await,
            fault("Failed"),
            "{status}"
        );
    }
    assert_eq!(told("/do/huge").await, fault("Failed"));
    let large = vec![b'x'; (256 << 10) + 1];
    let (status, body) = post(&cage, "text/plain", large).await;
    assert_eq!((status, body["fault"].clone()), fault("TooLarge"));
    for (kind, body) in [
        ("multipart/form-data; boundary=b", "no parts at all"),
        ("multipart/form-data", "--b--"),
    ] {
        let (status, body) = post(&cage, kind, body).await;
        assert_eq!((status, body["fault"].clone()), fault("Malformed"), "{kind}");
    }
    // A request that asks for a socket and shakes hands badly.
    let path = format!("{}/talk", cage.prefix);
    let badly = request(cage.address(), "GET", &path)
        .header("connection", "upgrade".to_owned())
        .header("upgrade", "websocket".to_owned());
    let answer = badly.send().await;
    assert!(
        answer.status == 418 && answer.text().contains("Malformed"),
        "{}",
        answer.text()
    );

    cage.app.change_plugin("parrot", json!({ "enabled": false })).await;
    assert_eq!(told("/echo").await.0, 404, "nobody says which paths there are");
    cage.app.change_plugin("parrot", json!({ "enabled": true })).await;
    cage.app.change(json!({ "enabled": false })).await;
    assert_eq!(told("/echo").await, fault("DisabledApp"));
    cage.app.change(json!({ "enabled": true })).await;
    assert_eq!(told("/echo").await.0, 200);
}

#[tokio::test]
async fn a_dialect_without_words_is_answered_for() {
    let cage = Cage::new().await;
    let answer = request(cage.address(), "GET", &format!("{}/do/trap?fault=trap", cage.prefix))
        .send()
        .await;
    let told: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((answer.status, &told["error"]["code"]), (502, &json!("plugin_failed")));
    assert_eq!(
        told["error"]["request_id"],
        answer.headers["x-request-id"].to_str().unwrap()
    );
}

#[tokio::test]
async fn other_paths_are_not_the_dialects() {
    let cage = Cage::new().await;
    for path in ["", "/", "/do", "/echo/", "/echo/more", "/talk", "/nothing"] {
        let answer = request(cage.address(), "GET", &format!("{}{path}", cage.prefix))
            .send()
            .await;
        assert_eq!(answer.status, 404, "{path}");
        answer.refused().is("not_found");
    }
    assert!(
        Talk::open(cage.address(), &format!("{}/echo", cage.prefix))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn credentials_pass_through_unseen() {
    let cage = Cage::new().await;
    let (_, seen) = cage.get("/do/seal?secret=pst%22").await;
    assert_eq!(seen, json!({ "hidden": true, "back": "pst\"" }));
    let (_, proven) = cage.get(&format!("/do/secret?secret={}", cage.app.secret)).await;
    assert_eq!(proven, json!({ "proven": true }));
    let other = App::new().await;
    let (_, proven) = cage.get(&format!("/do/secret?secret={}", other.secret)).await;
    assert_eq!(proven, json!({ "proven": false }));
}

#[tokio::test]
async fn headers_that_are_the_servers_own_stay_its_own() {
    let cage = Cage::new().await;
    let answer = request(cage.address(), "GET", &format!("{}/do/headers", cage.prefix))
        .send()
        .await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
    let header = |name: &str| answer.headers.get(name).map(|value| value.to_str().unwrap());
    assert_eq!(header("x-own"), Some("yes"));
    assert_eq!(header("content-length"), Some("2"));
    assert_eq!(header("x-content-type-options"), Some("nosniff"));
    assert_eq!(header("content-security-policy"), Some("sandbox"));
    for name in ["connection", "transfer-encoding", "set-cookie", "x-bad", "b"] {
        assert_eq!(header(name), None, "{name}");
    }
}

#[tokio::test]
async fn pages_of_other_origins_may_ask() {
    let cage = Cage::new().await;
    let path = format!("{}/echo", cage.prefix);
    let preflight = request(cage.address(), "OPTIONS", &path)
        .header("origin", "https://elsewhere.example".to_owned())
        .header("access-control-request-method", "POST".to_owned())
        .header("access-control-request-headers", "x-test".to_owned());
    let answer = preflight.send().await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    assert_eq!(answer.headers["access-control-allow-methods"], "POST");
    assert_eq!(answer.headers["access-control-allow-headers"], "x-test");
    let answer = request(cage.address(), "GET", &path).send().await;
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
}

#[tokio::test]
async fn words_that_keep_failing_are_left_alone() {
    let settings = [
        "plugins.breaker_failures=3",
        "plugins.breaker_first_ms=600000",
        "plugins.breaker_longest_ms=600000",
    ];
    let cage = Cage::on(&Server::start(&settings), json!({})).await;
    let large = vec![b'x'; (256 << 10) + 1];
    for _ in 0..5 {
        let path = format!("{}/echo?fault=trap", cage.prefix);
        let answer = request(cage.address(), "POST", &path).bytes(large.clone()).send().await;
        assert_eq!(answer.status, 502, "{}", answer.text());
    }
    let plugin = cage.app.plugin("parrot").await;
    assert_eq!(plugin["state"], "suspended", "{plugin}");
    let counters = cage.app.counters("parrot", "dialect").await;
    assert_eq!(
        (&counters["failures"], &counters["suspended"]),
        (&json!({ "trap": 3 }), &json!(2)),
        "{counters}"
    );
    assert!(cage.app.plugin_log("parrot").await.contains("dialect failed: "));
    // What it answers itself, it answers on.
    assert_eq!(cage.get("/echo").await.0, 200);
}
