//! W6: who logs in, and who is sent away.

use std::time::Duration;

use serde_json::json;

use super::md5::md5;
use super::page::Page;
use super::shop::{Shop, seconds};
use crate::harness::Server;

#[tokio::test]
async fn w06_login_proves_the_user() {
    let shop = Shop::new().await;
    let (customer, other) = shop.two().await;
    for path in ["/", "/chat", "/chat/"] {
        let mut page = Page::at(&shop, path).await;
        page.ask(customer.login(), "login_success").await;
    }
    let mut page = Page::open(&shop).await;
    let time = seconds();
    let frame = |app: u64, uid: u64, token: &str, time: u64| json!({ "action": "login", "app_id": app, "uid": uid, "time": time, "sign": md5(&format!("{token}{time}")) });
    let app = shop.app.id;
    assert_eq!(page.refused(frame(app, 1, "wrong", time)).await, "签名错误");
    assert_eq!(
        page.refused(frame(app, 1, &customer.token, time - 3_600)).await,
        "签名已过期，请检查设备时间"
    );
    assert_eq!(
        page.refused(frame(app, 1, &customer.token, time + 3_600)).await,
        "签名已过期，请检查设备时间"
    );
    assert_eq!(page.refused(frame(app, 99, "x", time)).await, "用户不存在");
    let missing = json!({ "action": "login", "app_id": app, "uid": 1, "time": time });
    assert_eq!(page.refused(missing).await, "sign不能为空");
    let mistyped = json!({ "action": "login", "app_id": app, "uid": 1, "time": "x", "sign": "y" });
    assert_eq!(page.refused(mistyped).await, "time必须是数字");
    // Nothing has closed it, and nothing else works before the login.
    for action in ["get_session_list", "send_by_session", "create_room", "nonsense"] {
        assert_eq!(page.refused(json!({ "action": action })).await, "请先登录", "{action}");
    }
    page.send(json!({ "action": "heartbeat" })).await;
    page.ask(customer.login(), "login_success").await;
    page.ask(customer.login(), "login_success").await;
    assert_eq!(page.refused(other.login()).await, "该连接已登录其他用户");
    assert_eq!(page.refused(json!({ "action": "nonsense" })).await, "失败-nonsense");
}

#[tokio::test]
async fn w06_who_says_nothing_is_sent_away() {
    let server = Server::start(&["limits.login_timeout_ms=3000", "limits.idle_timeout_ms=5000"]);
    let shop = Shop::on(&server, json!({})).await;
    let (customer, _) = shop.two().await;
    let mut stranger = Page::open(&shop).await;
    assert_eq!(stranger.until_closed().await, Vec::<serde_json::Value>::new());
    let mut page = customer.page().await;
    // Heartbeats keep it open for longer than the idle time.
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        page.send(json!({ "action": "heartbeat" })).await;
    }
    assert_eq!(page.so_far().await, Vec::<serde_json::Value>::new());
    assert_eq!(page.until_closed().await, [json!({ "code": 1, "msg": "bye" })]);
}
