use serde_json::{Value, json};

use super::scene::{Scene, URL};
use crate::dialects::imrest::wire::Wire;

const EVENT_TOKEN: &str = "9ecf7da34b2e388340f7cef25c979f1d4f57db4d";
const CHAT_TOKEN: &str = "98f90cbc38061ae85e9bdac341a597344f57db41";

#[tokio::test]
async fn h1_the_printed_request() {
    let scene = Scene::new().await;
    let body = format!(
        r#"{{"modeType":"add","attach":[],"eventName":"T-1","token":"{EVENT_TOKEN}","notifyUrl":"{URL}","ticket":"{}"}}"#,
        scene.ticket
    );
    let answer = scene.post("/register", &body).await;
    assert_eq!((&answer["code"], &answer["msg"]), (&json!(0), &json!("事件注册成功")));
    let answer = scene.post("/register", &body).await;
    let expected = json!({ "code": 0, "status": "success", "msg": "事件修改成功",
        "info": { "eventNames": ["T-1"], "serviceType": "event" }, "time": answer["time"] });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn h1_deleted_is_gone() {
    let scene = Scene::new().await;
    scene.register("T-1", EVENT_TOKEN, URL).await;
    let mut wire = scene.connect(EVENT_TOKEN).await;
    let del = json!({ "modeType": "del", "eventName": "T-1", "token": EVENT_TOKEN });
    scene.ok("/register", del.clone()).await;
    assert_eq!(scene.code("/register", del).await, 404);
    let send = json!({ "serviceType": "event", "eventName": "T-1", "toUser": [], "data": {}, "notifyUrl": URL });
    assert_eq!(scene.ok("/send", send).await["info"]["num"], 0);
    // Nothing is left of the token: it opens nothing, and what it had opened is closed.
    while wire.text().await.is_some() {}
    let refused = Wire::try_open(scene.app.server.address, &scene.socket(EVENT_TOKEN), &[]).await;
    let (status, body) = refused.err().unwrap();
    assert_eq!((status, &body["status"]), (401, &json!("fail")));
}

#[tokio::test]
async fn h2_the_printed_request() {
    let scene = Scene::new().await;
    let body = format!(
        r#"{{"attach":[],"modeType":"add","uid":"123456","gids":["A"],"token":"{CHAT_TOKEN}","notifyUrl":"{URL}","ticket":"{}"}}"#,
        scene.ticket
    );
    let answer = scene.post("/register", &body).await;
    let expected = json!({ "code": 0, "status": "success", "msg": "注册成功",
        "info": { "uid": "123456", "gids": ["A"], "serviceType": "chat" }, "time": answer["time"] });
    assert_eq!(answer, expected);
    assert_eq!(scene.post("/register", &body).await["msg"], "修改成功");
    let other = scene.chatter("123456", json!("B"), CHAT_TOKEN, URL).await;
    assert_eq!(
        (&other["msg"], &other["info"]["gids"]),
        (&json!("注册成功"), &json!(["B"]))
    );
}

#[tokio::test]
async fn h1_h2_faults() {
    let scene = Scene::new().await;
    let good = [
        json!({ "eventName": "T-1", "token": "t", "notifyUrl": URL }),
        json!({ "uid": "1", "gids": ["A"], "token": "t", "notifyUrl": URL }),
    ];
    for body in &good {
        for (name, value) in [
            ("token", Value::Null),
            ("token", json!("x".repeat(101))),
            ("notifyUrl", Value::Null),
            ("notifyUrl", json!("ftp://x")),
            ("modeType", json!("put")),
            ("attach", json!("x")),
        ] {
            let mut body = body.clone();
            body[name] = value;
            let answer = scene.ask("/register", body.clone()).await;
            assert_eq!(
                (&answer["code"], &answer["status"]),
                (&json!(400), &json!("fail")),
                "{body}: {answer}"
            );
        }
    }
    for body in [
        json!({ "token": "t", "notifyUrl": URL }),
        json!({ "uid": "1", "token": "t", "notifyUrl": URL }),
        json!({ "gids": ["A"], "token": "t", "notifyUrl": URL }),
        json!({ "uid": "1", "gids": [], "token": "t", "notifyUrl": URL }),
        json!({ "uid": "x".repeat(65), "gids": ["A"], "token": "t", "notifyUrl": URL }),
        json!({ "eventName": "x".repeat(101), "token": "t", "notifyUrl": URL }),
    ] {
        assert_eq!(scene.code("/register", body.clone()).await, 400, "{body}");
    }
    let large = json!({ "eventName": "e", "token": "t", "notifyUrl": URL, "attach": { "x": "y".repeat(3000) } });
    assert_eq!(scene.code("/register", large).await, 413);
    let huge = json!({ "eventName": "e", "token": "t", "notifyUrl": URL, "attach": { "x": "y".repeat(300_000) } });
    assert_eq!(scene.code("/register", huge).await, 413);
}

#[tokio::test]
async fn another_apps_token_opens_nothing() {
    let (scene, other) = (Scene::new().await, Scene::new().await);
    scene.register("T-1", "tenants-own-token", URL).await;
    for token in ["tenants-own-token", "", "x"] {
        let refused = Wire::try_open(other.app.server.address, &other.socket(token), &[]).await;
        let (status, body) = refused.err().unwrap();
        assert_eq!((status, &body["status"]), (401, &json!("fail")), "{token}");
    }
    let send = json!({ "serviceType": "event", "eventName": "T-1", "toUser": ["tenants-own-token"], "data": {}, "notifyUrl": URL });
    assert_eq!(other.ok("/send", send).await["info"]["num"], 0);
}
