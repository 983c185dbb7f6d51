use std::sync::Arc;

use serde_json::{Value, json};

use super::callbacks::Tenant;
use super::scene::{Scene, URL, md5};
use crate::harness::now_ms;

fn task(name: &str, url: &str) -> Value {
    json!({ "cronType": 1, "cronName": name, "data": { "uid": 3, "name": "LSQ" }, "modeType": "add", "runNum": 2,
        "notifyUrl": url, "start_time": 1_594_988_027, "cronTime": 1 })
}

#[tokio::test]
async fn h5_the_printed_callback() {
    let scene = Scene::calling_back().await;
    let mut tenant = Tenant::new().await;
    let answer = scene.ok("/cron", task("j-3", &tenant.url("/notify"))).await;
    assert_eq!(answer["info"], json!({ "cronName": "j-3", "serviceType": "cron" }));
    for _ in 0..2 {
        let run = tenant.next().await.body;
        let random = run["info"]["randomStr"].as_str().unwrap();
        let expected = json!({ "code": 0, "status": "success", "msg": "ok",
            "info": { "uid": 3, "name": "LSQ", "serviceType": "cron", "randomStr": random,
                "sign": md5(&format!("{random}{}", scene.app.secret)) },
            "time": run["time"] });
        assert_eq!(run, expected);
    }
    // Twice and no more: what comes next is another task's.
    let mut other = task("other", &tenant.url("/other"));
    other["cronType"] = json!(3);
    other["cronTime"] = json!(now_ms() / 1000 + 2);
    scene.ok("/cron", other).await;
    assert_eq!(tenant.next().await.path, "/other");
}

#[tokio::test]
async fn h5_types_2_and_3() {
    let scene = Scene::calling_back().await;
    let mut tenant = Tenant::new().await;
    let started = now_ms();
    let mut second = task("two", &tenant.url("/two"));
    second["cronType"] = json!("2");
    second["start_time"] = json!(now_ms() / 1000 + 1);
    scene.ok("/cron", second).await;
    assert_eq!(tenant.next().await.path, "/two");
    assert_eq!(tenant.next().await.path, "/two");
    assert!(now_ms() - started >= 1_000, "not before its time");
    let mut third = task("three", &tenant.url("/three"));
    third["cronType"] = json!(3);
    third["cronTime"] = json!(1_594_988_027);
    third["data"] = json!({ "serviceType": "forged", "sign": "forged", "own": [1] });
    scene.ok("/cron", third).await;
    let run = tenant.next().await;
    assert_eq!(run.path, "/three");
    let info = &run.body["info"];
    assert_eq!((&info["serviceType"], &info["own"]), (&json!("cron"), &json!([1])));
    assert_ne!(info["sign"], "forged");
}

#[tokio::test]
async fn h5_a_name_is_one_task() {
    let scene = Scene::calling_back().await;
    let mut tenant = Tenant::new().await;
    let to = tenant.url("");
    let far = |name: &str, path: &str| {
        let mut task = task(name, &format!("{to}{path}"));
        task["cronTime"] = json!(1_594_988_027);
        task
    };
    let added = scene.ok("/cron", far("x", "/old")).await;
    let mut soon = far("x", "/new");
    soon["cronType"] = json!(3);
    let modified = scene.ok("/cron", soon).await;
    assert_ne!(added["msg"], modified["msg"]);
    assert_eq!(tenant.next().await.path, "/new");
    let del = json!({ "modeType": "del", "cronName": "y" });
    scene.ok("/cron", far("y", "/y")).await;
    scene.ok("/cron", del.clone()).await;
    assert_eq!(scene.code("/cron", del).await, 404);
}

#[tokio::test]
async fn h5_a_task_survives_a_restart() {
    let scene = Scene::calling_back().await;
    let mut tenant = Tenant::new().await;
    let mut plan = task("x", &tenant.url("/x"));
    plan["runNum"] = json!(3);
    scene.ok("/cron", plan).await;
    let first = tenant.next().await.body["info"]["randomStr"].clone();
    let server = Arc::clone(&scene.app.server);
    server.kill();
    let again = Arc::new(server.home.start(&["callbacks.allow_private=true"]));
    let scene = scene.moved(scene.app.moved(&again));
    let mut last = task("last", &tenant.url("/last"));
    last["cronType"] = json!(3);
    last["cronTime"] = json!(now_ms() / 1000 + 4);
    scene.ok("/cron", last).await;
    // A callback that was on its way when the server was killed may come twice, but it is the same run's.
    let mut runs = vec![first];
    loop {
        let came = tenant.next().await;
        if came.path == "/last" {
            break;
        }
        if !runs.contains(&came.body["info"]["randomStr"]) {
            runs.push(came.body["info"]["randomStr"].clone());
        }
    }
    assert_eq!(runs.len(), 3, "three runs and no more: {runs:?}");
}

#[tokio::test]
async fn h5_faults() {
    let scene = Scene::new().await;
    for (name, value, code) in [
        ("cronType", Value::Null, 400),
        ("cronType", json!(4), 400),
        ("cronName", Value::Null, 400),
        ("cronName", json!("x".repeat(101)), 400),
        ("runNum", Value::Null, 400),
        ("runNum", json!(0), 400),
        ("cronTime", Value::Null, 400),
        ("cronTime", json!("x"), 400),
        ("notifyUrl", Value::Null, 400),
        ("modeType", json!("x"), 400),
        ("data", json!("x"), 400),
        ("data", json!({ "x": "y".repeat(9000) }), 413),
    ] {
        let mut body = task("x", URL);
        body[name] = value.clone();
        assert_eq!(scene.code("/cron", body).await, code, "{name} {value}");
    }
    let mut body = task("x", URL);
    body["cronType"] = json!(2);
    body["start_time"] = Value::Null;
    assert_eq!(scene.code("/cron", body).await, 400);
}
