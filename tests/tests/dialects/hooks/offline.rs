use serde_json::{Value, json};

use super::callbacks::Tenant;
use super::scene::{Scene, md5};

#[tokio::test]
async fn h4_the_printed_notice() {
    let scene = Scene::calling_back().await;
    let mut tenant = Tenant::new().await;
    let token = "9ecf7da34b2e388340f7cef25c979f1d4f57db4d";
    scene.register("T-1", token, &tenant.url("/message/index/notify")).await;
    let (first, second) = (scene.connect(token).await, scene.connect(token).await);
    first.close().await;
    second.close().await;
    let notice = tenant.next().await;
    assert_eq!(notice.path, "/message/index/notify");
    let info = &notice.body["info"];
    let random = info["randomStr"].as_str().unwrap();
    let expected = json!({ "code": 0, "status": "success", "msg": "ok",
        "info": { "serviceType": "colse", "token": token, "eventName": ["T-1"], "randomStr": random,
            "sign": md5(&format!("{random}{}", scene.app.secret)) },
        "time": notice.body["time"] });
    assert_eq!(notice.body, expected);
    // Once, though there were two connections: the next that comes is the next time's.
    scene.connect(token).await.close().await;
    assert_ne!(tenant.next().await.body["info"]["randomStr"], *random);
    assert!(tenant.so_far().is_empty());
}

#[tokio::test]
async fn h4_every_address_hears_of_its_own() {
    let scene = Scene::calling_back().await;
    let mut tenant = Tenant::new().await;
    scene.register("T-1", "t", &tenant.url("/a")).await;
    scene.register("T-2", "t", &tenant.url("/b")).await;
    scene.register("T-3", "t", &tenant.url("/a")).await;
    let chat = json!({ "uid": "u1", "gids": ["A", "B"], "token": "t", "notifyUrl": tenant.url("/c"),
        "attach": { "mine": 5, "serviceType": "forged" } });
    scene.ok("/register", chat).await;
    scene.connect("t").await.close().await;
    let mut told = [tenant.next().await, tenant.next().await, tenant.next().await];
    told.sort_by(|a, b| a.path.cmp(&b.path));
    let events: Vec<&Value> = told.iter().map(|notice| &notice.body["info"]["eventName"]).collect();
    assert_eq!(events, [&json!(["T-1", "T-3"]), &json!(["T-2"]), &json!([])]);
    let chat = &told[2].body["info"];
    assert_eq!(
        (&chat["uid"], &chat["gids"], &chat["mine"], &chat["serviceType"]),
        (&json!("u1"), &json!(["A", "B"]), &json!(5), &json!("colse"))
    );
}
