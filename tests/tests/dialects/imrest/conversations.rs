use serde_json::{Value, json};

use super::scene::{Scene, hex32, native};

const PATH: &str = "/im/conversations";

#[tokio::test]
async fn r1_the_printed_request_creates() {
    let scene = Scene::new().await;
    let id = scene.app.id.to_string();
    let body = r#"{"client_id":"1597500303","to_client_ids":["1597500304"],"conv_type":2,"conv_extend":{"conv_name":"just test"}}"#;
    let answer = scene.raw("POST", PATH, &scene.headers(&id), body).await;
    assert_eq!(
        (&answer["code"], &answer["message"], &answer["request-id"]),
        (&json!(0), &json!("ok"), &Value::Null)
    );
    assert_eq!(answer["data"]["conv_extend"], json!({ "conv_name": "just test" }));
    hex32(&answer["data"]["conv_id"]);
}

#[tokio::test]
async fn r1_every_type_and_the_private_one_once() {
    let scene = Scene::new().await;
    for conv_type in 1..=4 {
        let body = json!({ "client_id": "Tom", "to_client_ids": ["Jerry"], "conv_type": conv_type });
        let made = scene.ok("POST", PATH, body).await;
        assert_eq!(made["conv_extend"], Value::Null);
    }
    let first = scene.conversation("Tom", &["Jerry"], 1).await;
    assert_eq!(scene.conversation("Jerry", &["Tom"], 1).await, first, "the same two");
    assert_ne!(scene.conversation("Tom", &["Jerry"], 3).await, first);
    for (body, code) in [
        (
            json!({ "client_id": "Tom", "to_client_ids": ["a", "b"], "conv_type": 1 }),
            4405,
        ),
        (
            json!({ "client_id": "Tom", "to_client_ids": ["Tom"], "conv_type": 1 }),
            4406,
        ),
        (
            json!({ "client_id": "Tom", "to_client_ids": ["a"], "conv_type": 5 }),
            4405,
        ),
        (json!({ "to_client_ids": ["a"], "conv_type": 1 }), 4001),
        (json!({ "client_id": "Tom", "conv_type": 1 }), 4001),
        (json!({ "client_id": "Tom", "to_client_ids": ["a"] }), 4001),
        (
            json!({ "client_id": "Tom", "to_client_ids": "a", "conv_type": 1 }),
            4406,
        ),
        (json!({ "client_id": [], "to_client_ids": ["a"], "conv_type": 1 }), 4406),
        (
            json!({ "client_id": "Tom", "to_client_ids": ["a b"], "conv_type": 1 }),
            212,
        ),
    ] {
        assert_eq!(scene.code("POST", PATH, body.clone()).await, code, "{body}");
    }
}

#[tokio::test]
async fn r2_lists_by_where() {
    let scene = Scene::new().await;
    let group = scene.conversation("Tom", &["Jerry", "Iron"], 3).await;
    let private = scene.conversation("Tom", &["Jerry"], 1).await;
    scene.conversation("Alex", &["Iron"], 2).await;
    let list = async |filter: Value| {
        let path = format!("{PATH}?where={}&page=1&size=20", encoded(&filter.to_string()));
        let page = scene.ok("GET", &path, Value::Null).await;
        let found = page["data"].as_array().unwrap();
        let ids: Vec<String> = found.iter().map(|item| hex32(&item["conv_id"])).collect();
        assert_eq!(page["total"], ids.len());
        (ids, page)
    };
    let (ids, page) = list(json!([["conv_id", "=", group]])).await;
    assert_eq!(ids, std::slice::from_ref(&group));
    let item = &page["data"][0];
    assert_eq!(
        (&item["conv_type"], &item["client_num"], &item["conv_creater_id"]),
        (&json!(3), &json!(3), &json!("Tom"))
    );
    assert_eq!(item["app_id"], scene.app.id.to_string());
    assert_eq!((&item["conv_extend"], &item["mtime"]), (&Value::Null, &Value::Null));
    let ctime = item["ctime"].as_str().unwrap();
    assert!(
        ctime.len() == 19 && ctime.as_bytes()[10] == b' ' && ctime.starts_with("20"),
        "{ctime}"
    );
    assert_eq!(
        (&page["current_page"], &page["last_page"], &page["per_page"]),
        (&json!(1), &json!(1), &json!("20"))
    );
    assert_eq!(
        list(json!([["conv_creater_id", "=", "Tom"]])).await.0,
        [private.clone(), group.clone()]
    );
    assert_eq!(
        list(json!([["user_id", "=", "Iron"], ["conv_type", "=", 3]])).await.0,
        [group]
    );
    assert_eq!(list(json!([["conv_type", "=", 1]])).await.0, [private]);
    for nothing in ["e7c42cf35bd47c216f4b8e205e1fc0ca", "nothing", ""] {
        assert!(list(json!([["conv_id", "=", nothing]])).await.0.is_empty(), "{nothing}");
    }
}

#[tokio::test]
async fn r2_the_printed_post_with_a_query_lists_too() {
    let scene = Scene::new().await;
    scene.conversation("Tom", &["Jerry"], 3).await;
    let id = scene.app.id.to_string();
    let headers = &scene.headers(&id)[..2];
    let query = "where=%5B%5B%22conv_id%22%2C%22%3D%22%2C%22e7c42cf35bd47c216f4b8e205e1fc0ca%22%5D%5D&page=1&size=20";
    let answer = scene.raw("POST", &format!("{PATH}?{query}"), headers, "").await;
    assert_eq!((&answer["code"], &answer["data"]["total"]), (&json!(0), &json!(0)));
    let query = "where=%5B%5B%22conv_type%22%2C%22%3D%22%2C3%5D%5D&page=1&size=2";
    let answer = scene.raw("POST", &format!("{PATH}?{query}"), headers, "").await;
    assert_eq!(
        (&answer["data"]["total"], &answer["data"]["per_page"]),
        (&json!(1), &json!("2"))
    );
}

#[tokio::test]
async fn r2_pages_and_their_faults() {
    let scene = Scene::new().await;
    for _ in 0..5 {
        scene.conversation("Tom", &["Jerry"], 3).await;
    }
    let filter = encoded(r#"[["user_id","=","Tom"]]"#);
    let page = scene
        .ok("GET", &format!("{PATH}?where={filter}&page=2&size=2"), Value::Null)
        .await;
    assert_eq!(
        (
            page["data"].as_array().unwrap().len(),
            &page["total"],
            &page["last_page"]
        ),
        (2, &json!(5), &json!(3))
    );
    for (query, code) in [
        (String::new(), 4001),
        ("where=x".to_owned(), 4406),
        (format!("where={filter}&page=0"), 4406),
        (format!("where={filter}&size=x"), 4406),
        (format!("where={}", encoded(r#"[["secret","=","x"]]"#)), 4406),
        (format!("where={}", encoded(r#"[["conv_type","=",9]]"#)), 4405),
    ] {
        let answered = scene.code("GET", &format!("{PATH}?{query}"), Value::Null).await;
        assert_eq!(answered, code, "{query}");
    }
}

#[tokio::test]
async fn r3_updates_the_extension() {
    let scene = Scene::new().await;
    let conv = scene.conversation("Tom", &["Jerry"], 3).await;
    let id = scene.app.id.to_string();
    let body = format!(
        r#"{{"where": [["conv_id","=","{conv}"]],
    "update": {{"conv_extend":{{"conv_name":"test2"}}}}}}"#
    );
    let answer = scene.raw("PUT", PATH, &scene.headers(&id), &body).await;
    assert_eq!(
        answer,
        json!({ "code": 0, "message": "ok", "data": true, "request-id": null })
    );
    let path = format!("{PATH}?where={}", encoded(&json!([["conv_id", "=", conv]]).to_string()));
    let item = scene.ok("GET", &path, Value::Null).await["data"][0].clone();
    assert_eq!(item["conv_extend"], json!({ "conv_name": "test2" }));
    assert!(item["mtime"].is_string(), "{item}");
    // Other protocols know it by its name.
    let tom = scene.app.user("Tom").await;
    let native = tom
        .call("conversation.get", json!({ "conversation": native(&tom).await }))
        .await;
    assert_eq!(native["name"], "test2");
    let found = json!([["conv_id", "=", conv]]);
    for (body, code) in [
        (json!({ "update": { "conv_extend": {} } }), 4001),
        (json!({ "where": found }), 4001),
        (json!({ "where": found, "update": {} }), 4001),
        (json!({ "where": found, "update": [] }), 4406),
        (json!({ "where": [], "update": { "conv_extend": {} } }), 4406),
        (
            json!({ "where": [["conv_id", "=", "b0e5ec174bd477df4b43e664927f6e3a"]], "update": { "conv_extend": {} } }),
            1,
        ),
        (
            json!({ "where": found, "update": { "conv_extend": { "x": "y".repeat(9000) } } }),
            4406,
        ),
    ] {
        assert_eq!(scene.code("PUT", PATH, body.clone()).await, code, "{body}");
    }
}

#[tokio::test]
async fn r4_deleted_is_gone() {
    let scene = Scene::new().await;
    for conv_type in 1..=4 {
        let conv = scene.conversation("Tom", &["Jerry"], conv_type).await;
        scene
            .say(&conv, json!({ "from_client": "Tom", "type": -1, "text": "x" }))
            .await;
        let path = format!("{PATH}/{conv}");
        assert_eq!(scene.ok("DELETE", &path, Value::Null).await, true, "{conv_type}");
        let filter = encoded(&json!([["conv_id", "=", conv]]).to_string());
        let page = scene.ok("GET", &format!("{PATH}?where={filter}"), Value::Null).await;
        assert_eq!(page["total"], 0);
        for (method, path) in [
            ("GET", format!("{path}/message")),
            ("GET", format!("{path}/members")),
            ("DELETE", path.clone()),
        ] {
            assert_eq!(scene.code(method, &path, Value::Null).await, 1, "{method} {path}");
        }
        let body = json!({ "from_client": "Tom", "type": -1, "text": "x" });
        assert_eq!(scene.code("POST", &format!("{path}/message"), body).await, 1);
    }
}

/// Percent-encoded.
pub fn encoded(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        write!(encoded, "%{byte:02X}").unwrap();
        encoded
    })
}
