use serde_json::{Value, json};

use super::scene::{Scene, URL};

fn send(to: Value, data: Value) -> Value {
    json!({ "serviceType": "event", "modeType": "send", "eventName": "T-1", "toUser": to, "data": data, "notifyUrl": URL })
}

#[tokio::test]
async fn h3_the_printed_request_and_frame() {
    let scene = Scene::new().await;
    scene.register("T-1", "token-1", URL).await;
    let mut wire = scene.connect("token-1").await;
    let body = format!(
        r#"{{"serviceType":"event","modeType":"send","eventName":"T-1","toUser":["token-1"],"data":{{"name":"LSQ"}},"notifyUrl":"{URL}","ticket":"{}"}}"#,
        scene.ticket
    );
    let answer = scene.post("/send", &body).await;
    let expected = json!({ "code": 0, "status": "success", "msg": "事件已经发送！",
        "info": { "num": 1, "serviceType": "event" }, "time": answer["time"] });
    assert_eq!(answer, expected);
    let frame = wire.next().await;
    let expected =
        json!({ "code": 0, "status": "success", "msg": "ok", "info": { "name": "LSQ" }, "time": frame["time"] });
    assert_eq!(frame, expected);
    assert!(frame["time"].as_u64().unwrap() > 1_600_000_000);
}

#[tokio::test]
async fn h3_to_some_and_to_all() {
    let scene = Scene::new().await;
    let mut wires = Vec::new();
    for token in ["a", "b", "c"] {
        scene.register("T-1", token, URL).await;
        wires.push(scene.connect(token).await);
    }
    scene.register("T-2", "d", URL).await;
    scene.register("T-1", "not-connected", URL).await;
    let num = async |to: Value, n: u64| scene.ok("/send", send(to, json!({ "n": n }))).await["info"]["num"].clone();
    assert_eq!(num(json!(["a", "c", "d", "nobody"]), 1).await, 2);
    assert_eq!(num(json!([]), 2).await, 4);
    assert_eq!(num(json!("b"), 3).await, 1);
    assert_eq!(num(json!(["not-connected"]), 4).await, 1);
    for (wire, expected) in wires.iter_mut().zip([vec![1, 2], vec![2, 3], vec![1, 2]]) {
        for n in expected {
            assert_eq!(wire.next().await["info"], json!({ "n": n }));
        }
    }
}

#[tokio::test]
async fn h3_a_large_event_reaches_everyone() {
    /// More than two batches.
    const TOKENS: usize = 150;
    let scene = Scene::new().await;
    let mut wires = Vec::new();
    for n in 0..TOKENS {
        let token = format!("token-{n}");
        scene.register("T-1", &token, URL).await;
        if n % 10 == 0 {
            wires.push(scene.connect(&token).await);
        }
    }
    assert_eq!(
        scene.ok("/send", send(json!([]), json!(["x"]))).await["info"]["num"],
        TOKENS
    );
    for wire in &mut wires {
        assert_eq!(wire.next().await["info"], json!(["x"]));
    }
}

#[tokio::test]
async fn h3_a_token_for_events_and_chat() {
    let scene = Scene::new().await;
    scene.register("T-1", "both", URL).await;
    let mut before = scene.connect("both").await;
    scene.chatter("u1", json!(["A"]), "both", URL).await;
    let mut after = scene.connect("both").await;
    scene.ok("/send", send(json!(["both"]), json!({ "n": 1 }))).await;
    for wire in [&mut before, &mut after] {
        assert_eq!(wire.next().await["info"]["n"], 1);
    }
}

#[tokio::test]
async fn h3_faults() {
    let scene = Scene::new().await;
    for (name, value, code) in [
        ("serviceType", Value::Null, 400),
        ("serviceType", json!("chat"), 400),
        ("modeType", json!("del"), 400),
        ("eventName", Value::Null, 400),
        ("eventName", json!([]), 400),
        ("data", Value::Null, 400),
        ("data", json!("x"), 400),
        ("notifyUrl", Value::Null, 400),
        ("toUser", json!([{}]), 400),
        ("toUser", json!(vec!["x"; 101]), 400),
        ("data", json!({ "x": "y".repeat(9000) }), 413),
    ] {
        let mut body = send(json!([]), json!({}));
        body[name] = value;
        assert_eq!(scene.code("/send", body.clone()).await, code, "{name}");
    }
}
