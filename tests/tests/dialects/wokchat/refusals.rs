//! Wrong, late and foreign: each of it is refused in the protocol's own words.

use std::sync::Arc;

use serde_json::{Value, json};

use super::md5::md5;
use super::page::Page;
use super::shop::{Shop, seconds};
use crate::harness::{Home, Server, request};

const ADMIN_CALLS: [&str; 6] = [
    "pushUser",
    "createMsg",
    "getSessionList",
    "getHistoryMessageList",
    "getNewMessageList",
    "getNewMessageCount",
];
const USER_CALLS: [&str; 11] = [
    "connectToUser",
    "sendBySession",
    "createRoom",
    "createRoomBySession",
    "addUserToRoom",
    "setSessionRank",
    "upfile",
    "getSessionList",
    "getHistoryMessageList",
    "getNewMessageList",
    "getNewMessageCount",
];

#[tokio::test]
async fn every_call_wants_a_signature() {
    let shop = Shop::new().await;
    let (customer, _) = shop.two().await;
    let time = seconds();
    let signed = |key: &str, time: u64| json!({ "app_id": shop.app.id, "uid": 1, "time": time, "sign": md5(&format!("{key}{time}")) });
    let calls = ADMIN_CALLS
        .iter()
        .map(|name| ("wokchatadmin", *name, shop.app.secret.as_str()));
    let calls = calls.chain(
        USER_CALLS
            .iter()
            .map(|name| ("wokchatuser", *name, customer.token.as_str())),
    );
    for (area, name, key) in calls {
        let path = format!("/api/{area}/{name}");
        let refused = async |body: Value, msg: &str| {
            let answer = shop.post(&path, "application/json", body.to_string()).await;
            assert_eq!(answer, json!({ "code": 0, "msg": msg }), "{path} {body}");
        };
        refused(signed("wrong", time), "签名错误").await;
        refused(signed(key, time - 3_600), "签名已过期，请检查设备时间").await;
        refused(signed(key, time + 3_600), "签名已过期，请检查设备时间").await;
        refused(json!({ "app_id": shop.app.id, "uid": 1 }), "sign不能为空").await;
        refused(json!({ "app_id": shop.app.id, "uid": 1, "sign": "x" }), "time不能为空").await;
        let mut telling = signed(key, time);
        telling["secret"] = json!("x");
        refused(telling, "不要传secret参数").await;
        // A user's signature does not open the tenant's calls, nor the other way round.
        let other = if area == "wokchatadmin" {
            &customer.token
        } else {
            &shop.app.secret
        };
        refused(signed(other, time), "签名错误").await;
    }
}

/// A server that has the dialect mounted for all apps.
fn everyone() -> Arc<Server> {
    let home = Home::with("[[mounts]]\ndialect = \"wokchat\"\n");
    let plugins = std::env::var("SWITCHBOARD_PLUGINS").expect("the tests are run by `cargo xtask test`");
    let plugins = format!("plugins.bundled={plugins}");
    Arc::new(home.start(&[&plugins]))
}

#[tokio::test]
async fn w01_the_app_id_says_which_app_it_is() {
    let server = everyone();
    let (one, other) = (
        Shop::unmounted(&server, json!({})).await,
        Shop::unmounted(&server, json!({})).await,
    );
    let (customer, _) = one.two().await;
    let (theirs, _) = other.two().await;
    let (mut page, mut their_page) = (customer.page().await, theirs.page().await);
    assert_eq!(page.so_far().await, Vec::<Value>::new());
    assert_eq!(their_page.so_far().await, Vec::<Value>::new());

    let call = async |body: String| {
        one.post("/api/wokchatadmin/getSessionList", "application/json", body)
            .await["msg"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(call("{}".to_owned()).await, "app_id不能为空");
    assert_eq!(call("not json".to_owned()).await, "数据格式错误");
    assert_eq!(call(r#"{"app_id":4503599627370496}"#.to_owned()).await, "应用不存在");
    assert_eq!(call(r#"{"app_id":"x"}"#.to_owned()).await, "应用不存在");
    let bare = crate::harness::App::on(&server, json!({})).await;
    assert_eq!(call(json!({ "app_id": bare.id }).to_string()).await, "应用未开通聊天");
    let fields = one.signed(json!({ "uid": 1 }));
    one.app.change(json!({ "enabled": false })).await;
    assert_eq!(call(Value::from(fields).to_string()).await, "应用已停用");

    let mut page = Page::open(&other).await;
    assert_eq!(page.refused(customer.login()).await, "应用已停用");
    assert_eq!(page.refused(json!({ "action": "login" })).await, "app_id不能为空");
    assert_eq!(page.refused(json!({ "action": "get_session_list" })).await, "请先登录");
    page.send(json!({ "action": "heartbeat" })).await;
    page.ask(theirs.login(), "login_success").await;
}

#[tokio::test]
async fn other_apps_ids_do_not_exist() {
    let (shop, other) = tokio::join!(Shop::new(), Shop::new());
    let (customer, agent) = shop.two().await;
    let (them, they) = other.two().await;
    let session = them.session_with(&they).await;
    let id = them.say(session, "private").await;
    let room = them.done("createRoom", json!({ "that_uid": 2 })).await["session"]["id"].clone();
    let own = customer.session_with(&agent).await;
    for (name, fields) in [
        (
            "sendBySession",
            json!({ "session_id": session, "content": "x", "type": 1 }),
        ),
        ("createRoomBySession", json!({ "session_id": session })),
        ("addUserToRoom", json!({ "room_session_id": room, "that_uid": 2 })),
        ("setSessionRank", json!({ "session_id": session, "rank": 1 })),
        ("getHistoryMessageList", json!({ "session_id": session })),
        ("getNewMessageList", json!({ "session_id": session })),
        ("getNewMessageCount", json!({ "session_id": session })),
    ] {
        assert_eq!(customer.refused(name, fields).await, "会话不存在", "{name}");
    }
    let mut page = customer.page().await;
    let frame = json!({ "action": "connect_to_session", "session_id": session });
    assert_eq!(page.refused(frame).await, "会话不存在");
    for name in ["getHistoryMessageList", "getNewMessageList"] {
        let fields = json!({ "session_id": own, "from_msg_id": id });
        let answer = customer.call(name, fields).await;
        assert!(!answer.to_string().contains("private"), "{name}: {answer}");
    }
}

#[tokio::test]
async fn bodies_that_are_none_are_told_so() {
    let shop = Shop::new().await;
    shop.two().await;
    for body in ["not json", "[]", "\u{0}", "{\"app_id\":", "\"x\""] {
        let answer = shop
            .post("/api/wokchatadmin/pushUser", "application/json", body.to_owned())
            .await;
        assert_eq!(answer["code"], 0, "{body}: {answer}");
    }
    let huge = json!({ "app_id": shop.app.id, "x": "x".repeat(2_000_000) }).to_string();
    let path = format!("{}/api/wokchatuser/getSessionList", shop.prefix);
    let answer = request(shop.address(), "POST", &path)
        .header("content-type", "application/json".to_owned())
        .bytes(huge)
        .try_send()
        .await;
    if let Ok(answer) = answer {
        let answer: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(answer, json!({ "code": 0, "msg": "发送内容过长" }));
    }
}
