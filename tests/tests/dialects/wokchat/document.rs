//! The requests as the document prints them, byte for byte but for the ids and signatures it leaves to be filled in.

use serde_json::{Value, json};

use super::md5::md5;
use super::page::Page;
use super::shop::{Shop, seconds};

#[tokio::test]
async fn a_page_follows_the_document_from_login_to_bye() {
    let shop = Shop::new().await;
    let (customer, agent) = shop.two().await;
    let mut page = Page::open(&shop).await;
    let time = seconds();
    let (id, sign) = (shop.app.id, md5(&format!("{}{time}", customer.token)));
    page.send_text(&format!(
        r#"{{"action":"login","app_id":{id},"uid":1,"sign":"{sign}","time":{time}}}"#
    ))
    .await;
    let welcome = page.expect("login_success").await;
    assert_eq!(
        (&welcome["user"]["id"], &welcome["user"]["nickname"]),
        (&json!(1), &json!("测试"))
    );

    page.send_text(r#"{"action":"connect_to_user","to_uid":2}"#).await;
    let connected = page.expect("connect_to_success").await;
    let session = connected["session"]["id"].as_u64().unwrap();
    assert_eq!(
        (&connected["to_user"]["id"], &connected["to_user"]["nickname"]),
        (&json!(2), &json!("测试2"))
    );

    let mut desk = agent.page().await;
    page.send_text(&format!(
        r#"{{"action":"send_by_session","session_id":{session},"content":"hello world","type":1}}"#
    ))
    .await;
    assert_eq!(
        page.expect("send_success").await,
        json!({ "do_action": "send_success" })
    );
    for side in [&mut page, &mut desk] {
        let news = side.expect("new_message").await;
        assert_eq!(
            (&news["session"]["id"], &news["from_uid"]),
            (&json!(session), &json!(1))
        );
    }

    page.send_text(r#"{"action":"get_session_list","skip":0,"kwd":"","pagesize":200}"#)
        .await;
    let list = page.expect("get_session_list_success").await;
    assert_eq!(
        (&list["list"][0]["id"], &list["has_more"]),
        (&json!(session), &json!(false))
    );

    desk.send_text(&format!(r#"{{"action":"connect_to_session","session_id":{session}}}"#))
        .await;
    let connected = desk.expect("connect_to_success").await;
    assert_eq!(
        (&connected["session"]["id"], &connected["to_user"]["id"]),
        (&json!(session), &json!(1))
    );
    desk.send_text(&format!(
        r#"{{"action":"get_history_message_list","session_id":{session},"from_msg_id":0,"pagesize":20}}"#
    ))
    .await;
    let history = desk.expect("get_history_list_success").await;
    let first = history["list"][0].clone();
    assert_eq!(
        (&first["content"], &history["has_more"]),
        (&json!("hello world"), &json!(false))
    );
    desk.send_text(&format!(
        r#"{{"action":"get_new_message_list","session_id":{session},"from_msg_id":{},"pagesize":20}}"#,
        first["id"]
    ))
    .await;
    let news = desk.expect("get_new_message_list_success").await;
    assert_eq!((&news["list"], &news["has_more"]), (&json!([]), &json!(false)));

    page.send_text(r#"{"action":"bye"}"#).await;
    let rest = page.until_closed().await;
    assert_eq!(rest.last(), Some(&json!({ "code": 1, "msg": "bye" })));
}

#[tokio::test]
async fn the_tenants_server_follows_the_document() {
    let shop = Shop::new().await;
    shop.two().await;
    let sent = shop
        .done(
            "createMsg",
            json!({ "uid": 1, "to_uid": 2, "content": "hello world", "type": 1 }),
        )
        .await;
    let session = sent["session_id"].clone();
    let sessions = shop
        .done(
            "getSessionList",
            json!({ "uid": 2, "pagesize": 20, "skip": "", "kwd": "" }),
        )
        .await;
    assert_eq!(sessions["list"][0]["new_msg_count"], 1);
    let count = json!({ "uid": 2, "session_id": session, "from_msg_id": 0, "pagesize": 20 });
    assert_eq!(shop.done("getNewMessageCount", count).await["count"], 1);
    for call in ["getHistoryMessageList", "getNewMessageList"] {
        let page = json!({ "uid": 2, "session_id": session, "from_msg_id": 0, "pagesize": 20 });
        let answer = shop.done(call, page).await;
        assert_eq!(answer["list"][0]["content"], Value::from("hello world"), "{call}");
        assert_eq!(answer["has_more"], false);
    }
}
