use serde_json::json;

use super::club::Club;
use super::line::data;

#[tokio::test]
async fn a_user_registers_and_has_a_token() {
    let club = Club::new().await;
    let body =
        json!({ "app_id": club.app.id, "app_user_id": "u1", "nickname": "小白挨饿的时候", "head": "http://img/h.jpg" });
    let answer = club.post("/user/register", body).await;
    let data = &answer["data"];
    assert_eq!((&answer["code"], &answer["msg"]), (&json!(200), &json!("OK")));
    assert_eq!(
        (&data["app_user_id"], &data["nickname"], &data["head"]),
        (&json!("u1"), &json!("小白挨饿的时候"), &json!("http://img/h.jpg"))
    );
    assert!(
        data["token"].as_str().unwrap().len() > 20 && data["user_id"].is_u64(),
        "{data}"
    );
    // Forms, and JSON that says it is a form, do as well.
    let form = format!("app_id={}&app_user_id=u2&nickname=%E5%B0%8F", club.app.id);
    let answer = club
        .send("/user/register", "application/x-www-form-urlencoded", form)
        .await;
    assert_eq!(
        (&answer["code"], &answer["data"]["nickname"]),
        (&json!(200), &json!("小"))
    );
    let body = json!({ "app_id": club.app.id, "app_user_id": 8 }).to_string();
    let answer = club
        .send("/user/register", "application/x-www-form-urlencoded", body)
        .await;
    assert_eq!(
        (&answer["code"], &answer["data"]["user_id"]),
        (&json!(200), &json!(8)),
        "{answer}"
    );
}

#[tokio::test]
async fn nobody_takes_another_users_name() {
    let club = Club::new().await;
    let [a, b] = club.people(["a", "b"]).await;
    let body = json!({ "app_user_id": "a", "nickname": "taken" });
    assert_eq!(club.post("/user/register", body.clone()).await["code"], 401);
    assert_eq!(b.call("/user/register", body.clone()).await["code"], 401);
    let again = a.call("/user/register", json!({ "app_user_id": "a" })).await;
    assert_eq!(
        (&again["code"], &again["data"]["nickname"]),
        (&json!(200), &json!("nick a"))
    );
    let mut with_secret = body.clone();
    with_secret["secret"] = club.app.secret.as_str().into();
    assert_eq!(club.post("/user/register", with_secret.clone()).await["code"], 200);
    with_secret["secret"] = "wrong".into();
    assert_eq!(club.post("/user/register", with_secret).await["code"], 401);
    // An app may trust everyone.
    club.app.change(json!({ "open_logins": true })).await;
    let trusted = club.post("/user/register", body).await;
    assert_eq!(trusted["code"], 200, "{trusted}");
}

#[tokio::test]
async fn s7_a_new_profile_is_told_to_who_shares_a_conversation() {
    let club = Club::new().await;
    let [a, b, stranger] = club.people(["a", "b", "stranger"]).await;
    let (mut on_a, mut on_b, mut other) = (a.line().await, b.line().await, stranger.line().await);
    on_a.say("b", "hello").await;
    let changed = a
        .done(
            "/user/update",
            json!({ "nickname": "新", "head": "http://img/new.jpg" }),
        )
        .await;
    assert_eq!(changed["nickname"], "新");
    let told = on_b.system(10).await;
    let extra = data(&told)["extra"].clone();
    assert_eq!(
        (&extra["app_user_id"], &extra["nickname"], &extra["head"]),
        (&json!("a"), &json!("新"), &json!("http://img/new.jpg"))
    );
    assert!(
        told["msg_id"].is_u64() && told["nonce"].is_string() && told["time"].is_u64(),
        "{told}"
    );
    assert!(other.so_far().await.is_empty());
    on_a.say("b", "me again").await;
    on_b.action("chat").await;
    let next = on_b.action("chat").await;
    assert_eq!(data(&next)["nickname"], "新");
}

#[tokio::test]
async fn a_file_is_kept_and_served() {
    let club = Club::new().await;
    let a = club.person("a").await;
    let png = dot_png();
    let mut body = b"--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"dot.png\"\r\n\
                    content-type: image/png\r\n\r\n"
        .to_vec();
    body.extend(&png);
    body.extend(b"\r\n--x--\r\n");
    let path = format!("/upload?token={}", a.token);
    let answer = club.send(&path, "multipart/form-data; boundary=x", body.clone()).await;
    assert_eq!(answer["code"], 200, "{answer}");
    let data = &answer["data"];
    assert_eq!(
        (&data["width"], &data["height"], &data["file_name"]),
        (&json!(1), &json!(1), &json!("dot.png"))
    );
    let url = data["url"].as_str().unwrap();
    let at = url.find("/files/").unwrap_or_else(|| panic!("{data}"));
    let served = crate::harness::request(club.address(), "GET", &url[at..]).send().await;
    assert_eq!((served.status, served.body.as_ref()), (200, png.as_slice()));
    // Nobody uploads without a token, and nothing is no file.
    assert_eq!(
        club.send("/upload", "multipart/form-data; boundary=x", body).await["code"],
        401
    );
    assert_eq!(
        club.send(&path, "multipart/form-data; boundary=x", "--x--\r\n").await["code"],
        400
    );
    assert_eq!(a.refused("/upload", json!({})).await, 400);
}

/// The smallest picture: one dot.
fn dot_png() -> Vec<u8> {
    const PNG: [&str; 2] = [
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000",
        "000d49444154789c63f8cfc0f01f00050001ff89993d1d0000000049454e44ae426082",
    ];
    let digits = PNG.concat().into_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}
