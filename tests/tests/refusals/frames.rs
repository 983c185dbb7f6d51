use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::harness::{App, request};

#[tokio::test]
async fn a_bad_frame_is_answered_and_closes_nothing() {
    let app = App::new().await;
    let mut socket = app.user("alice").await.connect().await;
    let long_id = format!(r#"{{"id":"{}","type":"ping"}}"#, "x".repeat(65));
    let deep = format!(
        r#"{{"id":1,"type":"ping","data":{}{}}}"#,
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    for (frame, id, codes) in [
        ("", Value::Null, &["bad_json"][..]),
        ("no json", Value::Null, &["bad_json"]),
        ("{", Value::Null, &["bad_json"]),
        (r#"{"id":1,"type":"ping"} x"#, Value::Null, &["bad_json"]),
        ("[]", Value::Null, &["bad_frame"]),
        ("5", Value::Null, &["bad_frame"]),
        ("null", Value::Null, &["bad_frame"]),
        ("{}", Value::Null, &["bad_frame", "missing_field"]),
        (r#"{"id":4}"#, json!(4), &["bad_frame", "missing_field"]),
        (r#"{"id":5,"type":7}"#, json!(5), &["bad_frame", "bad_field"]),
        (r#"{"id":{},"type":"ping"}"#, Value::Null, &["bad_frame", "bad_field"]),
        (r#"{"id":true,"type":"ping"}"#, Value::Null, &["bad_frame", "bad_field"]),
        (long_id.as_str(), Value::Null, &["bad_frame", "bad_field"]),
        (deep.as_str(), json!(1), &["bad_json", "bad_frame", "pong"]),
        (r#"{"id":8,"type":"message.explode"}"#, json!(8), &["unknown_type"]),
        (r#"{"id":9,"type":""}"#, json!(9), &["unknown_type"]),
        (r#"{"id":"a","type":"message.get"}"#, json!("a"), &["missing_field"]),
        (
            r#"{"id":14,"type":"message.get","data":{"message":1e400}}"#,
            json!(14),
            &["bad_field", "bad_json"],
        ),
        (
            r#"{"id":11,"type":"message.get","data":[]}"#,
            json!(11),
            &["bad_frame", "bad_field"],
        ),
        (
            r#"{"id":12,"type":"message.get","data":"x"}"#,
            json!(12),
            &["bad_frame", "bad_field"],
        ),
        (
            r#"{"id":13,"type":"session.login","data":{}}"#,
            json!(13),
            &["missing_field", "conflict", "not_permitted"],
        ),
    ] {
        socket.send_text(frame).await;
        let answer = socket.next_answer().await;
        let shown: String = frame.chars().take(60).collect();
        let code = answer["error"]["code"].as_str().unwrap_or("pong");
        assert!(codes.contains(&code), "{shown}: {answer}");
        assert!(
            answer["id"] == id || (code == "bad_json" && answer["id"].is_null()),
            "{shown}: {answer}"
        );
    }
    socket.send(Message::binary(vec![0xff_u8, 0, 1])).await;
    assert_eq!(socket.next_answer().await["type"], "error");
    socket.call("ping", Value::Null).await;
}

#[tokio::test]
async fn what_is_no_websocket_ends_the_connection() {
    let app = App::new().await;
    let alice = app.user("alice").await;
    let mut socket = alice.connect().await;
    let no_text = Frame::message(vec![0xff_u8, 0xfe], OpCode::Data(Data::Text), true);
    socket.send(Message::Frame(no_text)).await;
    assert_eq!(socket.closed().await, 1002);
    alice.connect().await.call("ping", Value::Null).await;
}

#[tokio::test]
async fn a_bad_body_over_rest_is_answered() {
    let app = App::new().await;
    let alice = app.user("alice").await;
    for (body, code) in [
        (&b"{"[..], "bad_json"),
        (b"", "bad_json"),
        (b"[]", "bad_frame"),
        (b"\xff\xfe", "bad_json"),
        (b"\"text\"", "bad_frame"),
    ] {
        let response = request(alice.address(), "POST", "/v1/conversations")
            .bearer(&alice.token)
            .header("content-type", "application/json".to_owned())
            .bytes(body.to_vec())
            .send()
            .await;
        response.refused().is(code);
    }
    for (method, path) in [
        ("GET", "/v1/nothing"),
        ("GET", "/nothing"),
        ("GET", "/admin/api/nothing"),
    ] {
        alice.rest(method, path, Value::Null).await.refused().is("not_found");
    }
    let odd = alice.rest("DELETE", "/v1/me", Value::Null).await;
    assert!([404, 405].contains(&odd.status), "{odd:?}");
    for path in [
        "/v1/conversations/abc",
        "/v1/conversations/0",
        "/v1/conversations/-1",
        "/v1/conversations/9007199254740992",
        "/v1/messages/abc",
        "/v1/conversations/%ff",
        "/v1/users/%00",
    ] {
        let refusal = alice.rest("GET", path, Value::Null).await.refused();
        assert!(
            ["not_found", "bad_field"].contains(&refusal.code.as_str()),
            "{path}: {refusal:?}"
        );
    }
}
