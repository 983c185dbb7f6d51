//! What must not work, and how it is refused: in the document's envelope.

use serde_json::json;

use super::desk::{Desk, encode};
use crate::harness::request;

#[tokio::test]
async fn unknown_paths_and_methods() {
    let desk = Desk::new().await;
    let me = desk.register("18094152050", "张益达").await;
    let token = [("access_token", me.token.as_str())];
    for path in [
        "/user/nothing",
        "/room/",
        "/tigase/x/y",
        "/console/",
        "/upload/x",
        "/friends/%00",
    ] {
        assert_eq!(desk.get(path, &token).await["resultCode"], 0, "{path}");
    }
    for method in ["PUT", "DELETE", "PATCH"] {
        let path = format!("/user/get?access_token={}", encode(&me.token));
        assert_eq!(desk.raw(method, &path, None).await["resultCode"], 0, "{method}");
    }
}

#[tokio::test]
async fn malformed_and_oversize_bodies() {
    let desk = Desk::new().await;
    let me = desk.register("18094152050", "张益达").await;
    let path = format!("/user/get?access_token={}", encode(&me.token));
    for (kind, body) in [
        ("application/json", "{".to_owned()),
        ("application/json", "[1]".to_owned()),
        ("application/json", "\u{0}".to_owned()),
        ("application/x-www-form-urlencoded", "%%%=&&==".to_owned()),
        ("text/plain", "x".to_owned()),
        ("multipart/form-data; boundary=x", "--x\r\nbroken".to_owned()),
        ("multipart/form-data", "--x".to_owned()),
        ("", "x".to_owned()),
    ] {
        desk.raw("POST", &path, Some((kind, body))).await;
    }
    let large = format!("access_token={}&content={}", encode(&me.token), "x".repeat(2_000_000));
    let answer = desk
        .raw(
            "POST",
            "/tigase/search",
            Some(("application/x-www-form-urlencoded", large)),
        )
        .await;
    assert_eq!(answer["resultCode"], 0);
}

#[tokio::test]
async fn bytes_that_are_no_text() {
    let desk = Desk::new().await;
    for (kind, body) in [
        ("application/x-www-form-urlencoded", b"access_token=\xff\xfe".as_slice()),
        ("application/json", b"{\"access_token\":\"\xff\"}"),
    ] {
        let path = format!("{}/user/get", desk.prefix);
        let request = request(desk.app.server.address, "POST", &path).header("content-type", kind.to_owned());
        let answer = request.bytes(body.to_vec()).send().await;
        assert!((200..500).contains(&answer.status), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_disabled_app_answers_in_the_envelope() {
    let desk = Desk::new().await;
    let me = desk.register("18094152050", "张益达").await;
    desk.app.change(json!({ "enabled": false })).await;
    assert_eq!(desk.ask(&me, "/user/get", &[]).await["resultCode"], 0);
    let refused = desk
        .try_connect(&format!("access_token={}", encode(&me.token)))
        .await
        .err()
        .unwrap();
    assert_eq!(refused.1["resultCode"], 0);
}

#[tokio::test]
async fn of_two_values_one_counts() {
    let desk = Desk::new().await;
    let me = desk.register("18094152050", "张益达").await;
    assert_eq!(
        desk.get("/user/get", &[("access_token", &me.token)]).await["resultCode"],
        1
    );
    // Twice the same parameter: the last one counts.
    let params = [("access_token", "nonsense"), ("access_token", me.token.as_str())];
    assert_eq!(desk.get("/user/get", &params).await["resultCode"], 1);
    // What the body says goes before what the address says.
    let path = format!("/user/get?access_token={}", encode(&me.token));
    let form = ("application/x-www-form-urlencoded", "access_token=nonsense".to_owned());
    assert_eq!(
        desk.raw("POST", &path, Some(form)).await["resultCode"],
        super::desk::BAD_TOKEN
    );
}
