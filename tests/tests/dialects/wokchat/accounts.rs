//! W1 and W2: apps, and users who are made known.

use serde_json::{Value, json};

use super::md5::md5;
use super::page::Page;
use super::shop::{Shop, seconds};

#[tokio::test]
async fn w01_apps_share_nothing() {
    let (one, other) = tokio::join!(Shop::new(), Shop::new());
    let (a, b) = one.two().await;
    let session = a.session_with(&b).await;
    a.say(session, "hello world").await;
    // The other tenant has users of the same uids, and none of this.
    let (theirs, _) = other.two().await;
    let list = theirs.done("getSessionList", json!({})).await;
    assert_eq!((&list["list"], &list["has_more"]), (&json!([]), &json!(false)));
    let history = json!({ "uid": 1, "session_id": session });
    assert_eq!(other.refused("getHistoryMessageList", history).await, "会话不存在");
    // Its secret does not open this one, nor does a user's token of the one prove the same uid of the other.
    let time = seconds();
    let forged =
        json!({ "app_id": one.app.id, "time": time, "sign": md5(&format!("{}{time}", other.app.secret)), "uid": 1 });
    let answer = one
        .post(
            "/api/wokchatadmin/getSessionList",
            "application/json",
            forged.to_string(),
        )
        .await;
    assert_eq!(answer, json!({ "code": 0, "msg": "签名错误" }));
    // One app's address is not another's, whatever the request says.
    let elsewhere = Value::from(other.signed(json!({ "uid": 1 }))).to_string();
    let answer = one
        .post("/api/wokchatadmin/getSessionList", "application/json", elsewhere)
        .await;
    assert_eq!(answer, json!({ "code": 0, "msg": "应用不存在" }));
    let mut page = Page::open(&one).await;
    assert_eq!(page.refused(theirs.login()).await, "应用不存在");
    let mut posing = a.clone();
    posing.shop = other;
    assert_eq!(posing.refused("getSessionList", json!({})).await, "签名错误");
}

#[tokio::test]
async fn w02_push_user_keeps_or_makes_a_token() {
    let shop = Shop::new().await;
    let given = json!({ "uid": 7, "nickname": "小王", "avatar": "/a.png", "token": "user_token", "remark": "老客户" });
    assert_eq!(
        shop.done("pushUser", given).await,
        json!({ "code": 1, "msg": "成功", "data": { "token": "user_token" } })
    );
    // An update without a token keeps the old one, and what is left out stays.
    let kept = shop
        .done("pushUser", json!({ "uid": 7, "nickname": "老王", "token": "" }))
        .await;
    assert_eq!(kept["data"]["token"], "user_token");
    let made = shop.done("pushUser", json!({ "uid": 8, "nickname": "新人" })).await;
    let token = made["data"]["token"].as_str().unwrap();
    assert!((8..=100).contains(&token.len()), "{token}");
    assert_eq!(
        shop.done("pushUser", json!({ "uid": 8, "nickname": "新人" })).await["data"]["token"],
        token
    );
    // Forms, as PHP sends them.
    let fields = shop.signed(json!({ "uid": 9, "nickname": "x", "token": "t9" }));
    let form: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", value.as_str().map_or(value.to_string(), str::to_owned)))
        .collect();
    let answer = shop
        .post(
            "/api/wokchatadmin/pushUser",
            "application/x-www-form-urlencoded",
            form.join("&"),
        )
        .await;
    assert_eq!(answer["data"]["token"], "t9");
    let mut known = shop.person(7, "老王").await;
    known.token = "user_token".to_owned();
    let mut page = Page::open(&shop).await;
    let user = page.ask(known.login(), "login_success").await["user"].clone();
    assert_eq!(
        (&user["nickname"], &user["remark"], &user["avatar"]),
        (&json!("老王"), &json!("老客户"), &json!("/a.png"))
    );
}

#[tokio::test]
async fn w02_push_user_refuses_what_it_cannot_keep() {
    let shop = Shop::new().await;
    let long = "长".repeat(101);
    for (fields, msg) in [
        (json!({ "nickname": "x" }), "uid不能为空"),
        (json!({ "uid": [1], "nickname": "x" }), "uid格式错误"),
        (json!({ "uid": 1 }), "nickname不能为空"),
        (
            json!({ "uid": 1, "nickname": "x", "token": long }),
            "token不能超过100字符",
        ),
        (json!({ "uid": "x".repeat(65), "nickname": "x" }), "uid格式错误"),
        (
            json!({ "uid": 1, "nickname": "x", "secret": shop.app.secret }),
            "不要传secret参数",
        ),
        (json!({ "uid": 1, "nickname": { "a": 1 } }), "nickname格式错误"),
    ] {
        assert_eq!(shop.refused("pushUser", fields.clone()).await, msg, "{fields}");
    }
    let fits = "t".repeat(100);
    let pushed = shop
        .done("pushUser", json!({ "uid": 1, "nickname": "x", "token": fits }))
        .await;
    assert_eq!(pushed["data"]["token"], Value::from(fits));
}
