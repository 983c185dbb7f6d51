//! W12: what the server makes a page do.

use serde_json::json;

use super::shop::Shop;

#[tokio::test]
async fn w12_a_second_login_puts_the_first_out() {
    let shop = Shop::with(json!({ "login_duplication": false })).await;
    let (customer, _) = shop.two().await;
    let mut first = customer.page().await;
    let mut second = customer.page().await;
    assert_eq!(
        first.until_closed().await,
        [json!({ "do_action": "login_duplication" })]
    );
    assert_eq!(second.so_far().await, Vec::<serde_json::Value>::new());

    let shop = Shop::with(json!({ "login_duplication": true })).await;
    let (customer, _) = shop.two().await;
    let mut first = customer.page().await;
    let _second = customer.page().await;
    assert_eq!(first.so_far().await, Vec::<serde_json::Value>::new());
}

#[tokio::test]
async fn w12_who_is_banned_is_sent_off_the_page() {
    let shop = Shop::new().await;
    let (customer, _) = shop.two().await;
    let mut page = customer.page().await;
    shop.app
        .admin("POST", "/users/1/ban", json!({ "reason": "spam" }))
        .await
        .ok();
    assert_eq!(page.until_closed().await, [json!({ "do_action": "close_page" })]);
    let mut page = super::page::Page::open(&shop).await;
    assert_eq!(page.refused(customer.login()).await, "用户已被禁用");
    assert_eq!(customer.refused("getSessionList", json!({})).await, "用户已被禁用");
}

#[tokio::test]
async fn w12_every_failure_is_a_toast_and_never_the_end() {
    let shop = Shop::new().await;
    let (customer, _) = shop.two().await;
    let mut page = customer.page().await;
    for text in ["", "x", "[]", "7", "{", r#"{"action":7}"#, "{}", r#"{"action":null}"#] {
        page.send_text(text).await;
        let toast = page.expect("show_toast").await;
        assert!(!toast["text"].as_str().unwrap().is_empty(), "{text}");
    }
    page.send_text(&format!(
        r#"{{"action":"send_by_session","content":"{}"}}"#,
        "x".repeat(100_000)
    ))
    .await;
    assert_eq!(page.expect("show_toast").await["text"], "发送内容过长");
    page.ask(json!({ "action": "get_session_list" }), "get_session_list_success")
        .await;
}
