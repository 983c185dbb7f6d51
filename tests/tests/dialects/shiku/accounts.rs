//! Registering, logging in, the profile and the configuration.

use serde_json::{Value, json};

use super::desk::{BAD_TOKEN, Desk, NO_TOKEN, data, shape};

#[tokio::test]
async fn k1_config_needs_no_token() {
    let desk = Desk::new().await;
    let config = data(&desk.get("/config", &[]).await);
    assert!(config["wsUrl"].as_str().unwrap().starts_with("ws://"), "{config}");
    assert!(config["apiUrl"].as_str().unwrap().starts_with("http://"), "{config}");
}

#[tokio::test]
async fn k1_profiles_have_every_documented_field() {
    let desk = Desk::new().await;
    let me = desk.register("18094152050", "张益达").await;
    assert_eq!(me.id, "100001");
    let profile = desk.did(&me, "/user/get", &[]).await;
    let printed: Value = serde_json::from_str(include_str!("../../../../plugins/shiku/printed/user.json")).unwrap();
    assert_eq!(shape(&profile), shape(&printed));
    for (field, value) in [
        ("nickname", "张益达"),
        ("phone", "18094152050"),
        ("telephone", "8618094152050"),
        ("areaCode", "86"),
        ("password", ""),
    ] {
        assert_eq!(profile[field], value, "{field}");
    }
    assert_eq!(profile["userId"], 100_001);
    let answer = desk.ask(&me, "/user/get", &[]).await.to_string();
    assert!(!answer.contains("secret-1") && !answer.contains("argon2"), "{answer}");
    // Others see it without phones.
    let other = desk.register("13112345611", "测试001").await;
    let seen = desk.did(&other, "/user/get", &[("userId", &me.id)]).await;
    assert_eq!((&seen["nickname"], &seen["telephone"]), (&json!("张益达"), &json!("")));
    desk.failed(&other, "/user/get", &[("userId", "999999")]).await;
}

#[tokio::test]
async fn k1_users_register_once_and_log_in() {
    let desk = Desk::new().await;
    let me = desk.register("18094152050", "张益达").await;
    let again = [
        ("phone", "18094152050"),
        ("areaCode", "86"),
        ("password", "x"),
        ("nickname", "x"),
    ];
    assert_eq!(desk.post("/user/register", &again).await["resultCode"], 0);
    for login in [
        &[("phone", "18094152050"), ("password", "secret-1")][..],
        &[("phone", "18094152050"), ("areaCode", "86"), ("password", "secret-1")],
        &[
            ("telephone", "8618094152050"),
            ("areaCode", "86"),
            ("password", "secret-1"),
        ],
    ] {
        let came = data(&desk.post("/user/login", login).await);
        assert_eq!(came["userId"].as_u64().unwrap().to_string(), me.id);
        let token = came["access_token"].as_str().unwrap();
        data(&desk.get("/user/get", &[("access_token", token)]).await);
        data(&desk.post("/user/get", &[("access_token", token)]).await);
    }
    let wrong = [("phone", "18094152050"), ("password", "secret-2")];
    let unknown = [("phone", "18094152051"), ("password", "secret-1")];
    let (wrong, unknown) = (
        desk.post("/user/login", &wrong).await,
        desk.post("/user/login", &unknown).await,
    );
    assert_eq!(
        (&wrong["resultCode"], &wrong["resultMsg"]),
        (&json!(0), &unknown["resultMsg"])
    );
    for missing in [
        &[("phone", "18094152050")][..],
        &[("password", "x")],
        &[("phone", "1x"), ("password", "x")],
    ] {
        assert_eq!(desk.post("/user/login", missing).await["resultCode"], 0);
        assert_eq!(desk.post("/user/register", missing).await["resultCode"], 0);
    }
}

#[tokio::test]
async fn k1_a_body_may_be_json() {
    let desk = Desk::new().await;
    let body = json!({ "phone": 18094152050_u64, "areaCode": 86, "password": "secret-1", "nickname": "张益达" });
    let made = desk
        .raw("POST", "/user/register", Some(("application/json", body.to_string())))
        .await;
    assert_eq!(data(&made)["nickname"], "张益达");
}

#[tokio::test]
async fn the_token_s_two_codes() {
    let desk = Desk::new().await;
    for (params, code) in [
        (&[][..], NO_TOKEN),
        (&[("access_token", "")], NO_TOKEN),
        (&[("access_token", "nonsense")], BAD_TOKEN),
        (&[("access_token", "sbu_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")], BAD_TOKEN),
    ] {
        for path in [
            "/user/get",
            "/friends/page",
            "/room/list/his",
            "/tigase/search",
            "/console/oneSendOne",
        ] {
            assert_eq!(desk.get(path, params).await["resultCode"], code, "{path} {params:?}");
            assert_eq!(desk.post(path, params).await["resultCode"], code, "{path} {params:?}");
        }
    }
}

#[tokio::test]
async fn a_banned_user_is_out() {
    let desk = Desk::new().await;
    let me = desk.register("18094152050", "张益达").await;
    let ban = format!("/users/{}/ban", me.id);
    desk.app.admin("POST", &ban, json!({ "reason": "x" })).await.ok();
    assert_ne!(desk.ask(&me, "/user/get", &[]).await["resultCode"], 1);
    let login = [("phone", "18094152050"), ("password", "secret-1")];
    assert_eq!(desk.post("/user/login", &login).await["resultCode"], 0);
}
