use serde_json::{Value, json};

use super::callbacks::Tenant;
use super::scene::{Scene, URL, md5, random};
use crate::harness::{App, now_ms, request};

#[tokio::test]
async fn tickets_are_for_who_has_the_key() {
    let scene = Scene::new().await;
    let with = |name: &str, value: Value| {
        let mut body = scene.signed(&random());
        body[name] = value;
        body.to_string()
    };
    let answer = scene.post("/ticket", &with("x", json!(1))).await;
    assert_eq!((&answer["code"], &answer["status"]), (&json!(0), &json!("success")));
    assert!(answer["info"]["ticket"].as_str().unwrap().len() >= 32);
    let mut told = Vec::new();
    for (body, code) in [
        (with("sign", json!("0".repeat(32))), 401),
        (with("sign", json!("x")), 401),
        (with("time", json!(now_ms() / 1000 - 3600)), 402),
        (with("time", json!(now_ms() / 1000 + 3600)), 402),
        (with("app_id", json!(999_999_999)), 405),
        (with("sign", Value::Null), 400),
        (with("time", json!("x")), 400),
        (with("randomStr", json!("")), 400),
        ("{".to_owned(), 400),
        (String::new(), 400),
    ] {
        let answer = scene.post("/ticket", &body).await;
        assert_eq!(
            (&answer["code"], &answer["status"]),
            (&json!(code), &json!("fail")),
            "{body}: {answer}"
        );
        told.push(answer["msg"].clone());
    }
    assert!(
        told[0] != told[2] && told[2] != told[4] && told[0] != told[4],
        "{told:?}"
    );
}

#[tokio::test]
async fn a_signature_is_good_once() {
    let scene = Scene::new().await;
    let body = scene.signed(&random());
    assert_eq!(scene.post("/ticket", &body.to_string()).await["code"], 0);
    assert_eq!(scene.post("/ticket", &body.to_string()).await["code"], 402);
    let mut later = body;
    later["time"] = json!(now_ms() / 1000 + 1);
    assert_eq!(scene.post("/ticket", &later.to_string()).await["code"], 402);
}

#[tokio::test]
async fn what_a_callback_carries_opens_nothing() {
    let scene = Scene::calling_back().await;
    let mut tenant = Tenant::new().await;
    let task = json!({ "cronType": 3, "cronName": "x", "cronTime": 1, "notifyUrl": tenant.url("/") });
    scene.ok("/cron", task).await;
    let info = tenant.next().await.body["info"].clone();
    let random = info["randomStr"].as_str().unwrap();
    assert_eq!(info["sign"], md5(&format!("{random}{}", scene.app.secret)));
    let body = scene.signed(random);
    assert_eq!(body["sign"], info["sign"]);
    assert_eq!(scene.post("/ticket", &body.to_string()).await["code"], 401);
}

#[tokio::test]
async fn every_other_call_needs_a_ticket() {
    let (scene, other) = (Scene::new().await, Scene::new().await);
    let bodies = [
        (
            "/register",
            json!({ "eventName": "T-1", "token": "t", "notifyUrl": URL }),
        ),
        (
            "/send",
            json!({ "serviceType": "event", "eventName": "T-1", "toUser": [], "data": {}, "notifyUrl": URL }),
        ),
        (
            "/cron",
            json!({ "cronType": 3, "cronName": "x", "cronTime": 1, "notifyUrl": URL }),
        ),
    ];
    for (path, body) in bodies {
        for ticket in [
            Value::Null,
            json!(""),
            json!("x"),
            json!(5),
            json!([scene.ticket]),
            json!(other.ticket),
        ] {
            let mut body = body.clone();
            body["ticket"] = ticket.clone();
            let answer = scene.post(path, &body.to_string()).await;
            assert_eq!(answer["code"], 403, "{path} {ticket}: {answer}");
        }
        let method = request(
            scene.app.server.address,
            "GET",
            &format!("/t{}/hook{path}", scene.app.id),
        );
        let answer: Value = serde_json::from_str(&method.send().await.text()).unwrap();
        assert_eq!(answer["code"], 400, "{path}");
    }
}

#[tokio::test]
async fn a_disabled_app_says_so() {
    let scene = Scene::of(App::new().await).await;
    scene.app.change(json!({ "enabled": false })).await;
    let answer = scene.post("/ticket", &scene.signed(&random()).to_string()).await;
    assert_eq!(answer["code"], 406, "{answer}");
}
