use serde_json::{Value, json};

use crate::harness::{App, Claims, Guest, Response, Server, eventually, guest, request, variant};

/// An app whose plugin `forms` answers requests.
async fn with_forms() -> App {
    forms_in(App::new().await).await
}

async fn forms_in(app: App) -> App {
    let upload = app.upload("forms", guest(Guest::Switchman));
    upload.grants("kv,messages-send").install().await;
    app
}

/// A path of the plugin.
fn at(app: &App, path: &str) -> String {
    format!("/apps/{}/plugins/forms{path}", app.id)
}

async fn get(app: &App, path: &str) -> Response {
    request(app.server.address, "GET", &at(app, path)).send().await
}

/// What the plugin says it was asked.
async fn mirror(app: &App, path: &str) -> Value {
    get(app, &format!("/mirror{path}")).await.ok()
}

/// The code of an error that is not told with its code's own status.
#[track_caller]
fn failed(response: &Response, status: u16) -> String {
    assert_eq!(response.status, status, "{}", response.text());
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    let error = &body["error"];
    assert_eq!(error["request_id"], response.header("x-request-id"), "{body}");
    assert!(!error["message"].as_str().unwrap().is_empty(), "{body}");
    error["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_request_reaches_the_plugin_as_it_was_made() {
    let app = with_forms().await;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"] {
        let answer = request(app.server.address, method, &at(&app, "/mirror?b=2&a=x%20y&b=%C3%A9+"))
            .header("x-form", "one".to_owned())
            .header("user-agent", "tests".to_owned())
            .bytes("the body")
            .send()
            .await;
        let id = answer.header("x-request-id").to_owned();
        let address = app.server.address;
        let expected = json!({ "app": app.id.to_string(), "plugin": "forms", "depth": 0, "method": method,
            "path": "/mirror", "query": [["b", "2"], ["a", "x y"], ["b", "é "]],
            "headers": [["host", address.to_string()], ["x-form", "one"], ["user-agent", "tests"],
                ["content-length", "8"]],
            "body": "the body", "bytes": 8, "uid": null, "remote": "127.0.0.1",
            "base": format!("http://{address}/apps/{}/plugins/forms", app.id), "id": id });
        assert_eq!(answer.ok(), expected, "{method}");
    }
    for (path, seen) in [
        ("", "/"),
        ("/", "/"),
        ("/a%20b/%C3%A9", "/a b/é"),
        ("/a//b/", "/a//b/"),
        ("/a%2Fb", "/a/b"),
    ] {
        assert_eq!(get(&app, path).await.text(), format!("nothing at {seen}"), "{path}");
    }
}

#[tokio::test]
async fn head_is_asked_and_loses_the_body() {
    let app = with_forms().await;
    let answer = request(app.server.address, "HEAD", &at(&app, "/mirror")).send().await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert!(answer.header("content-length").parse::<u64>().unwrap() > 100);
}

#[tokio::test]
async fn the_host_says_who_asks() {
    let app = with_forms().await;
    let alice = app.user("alice").await;
    let bearer = request(app.server.address, "GET", &at(&app, "/mirror"))
        .bearer(&alice.token)
        .send()
        .await
        .ok();
    assert_eq!(bearer["uid"], "alice");
    let seen = mirror(&app, &format!("?x=1&token={}", alice.token)).await;
    assert_eq!((&seen["uid"], &seen["query"]), (&json!("alice"), &json!([["x", "1"]])));
    assert!(!seen.to_string().contains(&alice.token) && !bearer.to_string().contains(&alice.token));
    let issued = app
        .admin("POST", "/users/bob/tokens", json!({ "device": "phone" }))
        .await;
    // A user must be there before it has tokens.
    let issued = if issued.status == 404 {
        app.user("bob").await;
        app.admin("POST", "/users/bob/tokens", json!({ "device": "phone" }))
            .await
            .ok()
    } else {
        issued.ok()
    };
    let seen = mirror(&app, &format!("?token={}", issued["token"].as_str().unwrap())).await;
    assert_eq!(seen["uid"], "bob");
    // What is nobody's token here is not the plugin's affair either.
    let hidden = request(app.server.address, "GET", &at(&app, "/mirror"))
        .header("authorization", "Basic YTpi".to_owned())
        .header("proxy-authorization", "Basic YTpi".to_owned())
        .header("cookie", "a=b".to_owned())
        .header("referer", format!("http://x/y?token={}", alice.token))
        .send()
        .await
        .ok();
    assert_eq!(hidden["uid"], Value::Null);
    let headers = json!([["host", app.server.address.to_string()], ["referer", "http://x/y"]]);
    assert_eq!(hidden["headers"], headers);
}

#[tokio::test]
async fn a_wrong_token_is_nobodys() {
    let (app, other) = (with_forms().await, App::new().await);
    let claims = || Claims::of(app.id, "alice");
    let before = app.counters("forms", "endpoint").await["calls"].clone();
    for (token, code) in [
        ("nonsense".to_owned(), "bad_token"),
        (app.secret.clone(), "bad_token"),
        (claims().sign("another secret"), "bad_token"),
        (other.stranger("alice").token, "bad_token"),
        (claims().with("exp", json!(1)).sign(&app.secret), "expired_token"),
    ] {
        let by_header = request(app.server.address, "GET", &at(&app, "/mirror"))
            .bearer(&token)
            .send()
            .await;
        assert_eq!(by_header.refused().code, code, "{token}");
        assert_eq!(by_header.status, 401);
        assert_eq!(by_header.header("www-authenticate"), "Bearer");
        assert_eq!(
            get(&app, &format!("/mirror?token={token}")).await.refused().code,
            code,
            "{token}"
        );
    }
    let carol = app.user("carol").await;
    app.admin("POST", "/users/carol/ban", json!({})).await.ok();
    let banned = request(app.server.address, "GET", &at(&app, "/mirror"))
        .bearer(&carol.token)
        .send()
        .await;
    banned.refused().is("user_banned");
    assert_eq!(
        app.counters("forms", "endpoint").await["calls"],
        before,
        "the plugin was not asked"
    );
}

#[tokio::test]
async fn a_plugin_acts_as_who_asks_and_as_nobody_else() {
    let app = with_forms().await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let group = alice.conversation("group", &[&bob]).await;
    let speak = async |token: Option<&str>, more: &str| {
        let path = at(&app, &format!("/speak?conversation={group}{more}"));
        let outgoing = request(app.server.address, "POST", &path);
        match token {
            Some(token) => outgoing.bearer(token).send().await,
            None => outgoing.send().await,
        }
    };
    let read = async |answer: &Response| {
        let id: u64 = answer.ok()["id"].as_str().unwrap().parse().unwrap();
        let message = alice.call("message.get", json!({ "message": id })).await;
        (message["from"].clone(), message["origin"].clone())
    };
    let sent = speak(Some(&alice.token), "&text=a&as=alice").await;
    assert_eq!(read(&sent).await, (json!("alice"), Value::Null), "as she would herself");
    for (token, what) in [
        (Some(&*alice.token), "&text=b&as=bob"),
        (None, "&text=c&as=alice"),
        (None, "&text=c&as=nobody"),
    ] {
        let refused = speak(token, what).await;
        assert_eq!(refused.status, 409, "{what}");
        assert!(refused.text().contains("unproven"), "{what}: {}", refused.text());
    }
    for token in [None, Some(&*alice.token)] {
        let sent = speak(token, "&text=d").await;
        assert_eq!(read(&sent).await, (Value::Null, json!("forms")), "the plugin itself");
    }
    // The user's own rules hold: who is not in it does not speak there.
    let mallory = app.user("mallory").await;
    let refused = speak(Some(&mallory.token), "&text=e&as=mallory").await;
    assert_eq!((refused.status, refused.text()), (409, "not found".to_owned()));
    let other = App::new().await;
    let theirs = other.user("x").await.conversation("group", &[]).await;
    let path = at(&app, &format!("/speak?conversation={theirs}&text=f"));
    let refused = request(app.server.address, "POST", &path).send().await;
    assert_eq!(
        (refused.status, refused.text()),
        (409, "not found".to_owned()),
        "another app's"
    );
    assert_eq!(alice.texts(group).await, ["a", "d", "d"]);
    assert_eq!(
        (get(&app, "/hold").await.text(), get(&app, "/hold").await.text()),
        ("1".into(), "2".into())
    );
}

#[tokio::test]
async fn a_command_that_is_submitted_for_a_user_is_run() {
    let app = with_forms().await;
    let alice = app.user("alice").await;
    let group = alice.conversation("group", &[]).await;
    let submit = async |more: &str| {
        let path = at(&app, &format!("/speak?conversation={group}&{more}"));
        request(app.server.address, "POST", &path)
            .bearer(&alice.token)
            .send()
            .await
            .ok()
    };
    let receipt = |id: &str, seq: u64, duplicate: bool, body: Value| json!({ "id": id, "seq": seq, "duplicate": duplicate, "body": body });
    for duplicate in [false, true] {
        let ran = submit("as=alice&nonce=c&text=/count").await;
        assert_eq!(ran, receipt("0", 0, duplicate, Value::Null), "as of what is not stored");
    }
    assert_eq!(alice.say(group, "/count").await["command"]["whisper"], "2");
    let said = submit("as=alice&nonce=s&text=/say%20hello").await;
    let id = said["id"].as_str().unwrap();
    assert_eq!(said, receipt(id, 1, false, json!(r#"{"text":"hello"}"#)));
    assert_eq!(
        submit("as=alice&nonce=s&text=/say%20hello").await,
        receipt(id, 1, true, Value::Null)
    );
    // The plugin itself types nothing.
    submit("text=/count").await;
    assert_eq!(alice.texts(group).await, ["hello", "/count"]);
}

#[tokio::test]
async fn what_an_endpoint_does_for_a_token_counts_as_the_plugins() {
    let server = Server::start(&["quotas.messages_per_minute=2"]);
    let app = forms_in(App::on(&server, json!({})).await).await;
    let alice = app.user("alice").await;
    let group = alice.conversation("group", &[]).await;
    let path = at(&app, &format!("/speak?conversation={group}&as=alice&text=x"));
    for status in [200, 200, 409] {
        let answer = request(app.server.address, "POST", &path)
            .bearer(&alice.token)
            .send()
            .await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    let shown = app.plugin("forms").await;
    assert_eq!(shown["quotas"], json!({ "messages_per_minute": 1 }));
    assert_eq!(alice.texts(group).await, ["x", "x"]);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let (app, other) = (with_forms().await, App::new().await);
    other
        .upload("tags", guest(Guest::Tagger))
        .config(json!({ "tag": "!" }))
        .install()
        .await;
    let absent = async |app: &App, path: &str| {
        let answer = request(app.server.address, "GET", path).send().await;
        assert_eq!(answer.refused().is("not_found").message, "no such endpoint", "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
    };
    absent(&app, "/apps/999999999/plugins/forms/mirror").await;
    absent(&app, &format!("/apps/{}/plugins/forms/mirror", other.id)).await;
    absent(&app, &format!("/apps/{}/plugins/tags/mirror", other.id)).await;
    absent(&app, &format!("/apps/{}/plugins/nobody/mirror", app.id)).await;
    absent(&app, "/apps/x/plugins/forms/mirror").await;
    absent(&app, &format!("/apps/{}/plugins/No%20Name/mirror", app.id)).await;
    for path in [format!("/apps/{}/plugins", app.id), at(&app, "/%ff")] {
        request(app.server.address, "GET", &path)
            .send()
            .await
            .refused()
            .is("not_found");
    }
    app.change_plugin("forms", json!({ "enabled": false })).await;
    absent(&app, &at(&app, "/mirror")).await;
    app.change_plugin("forms", json!({ "enabled": true })).await;
    assert_eq!(mirror(&app, "").await["plugin"], "forms");
    app.change(json!({ "enabled": false })).await;
    absent(&app, &at(&app, "/mirror")).await;
    app.change(json!({ "enabled": true })).await;
    assert_eq!(app.admin("DELETE", "/plugins/forms", Value::Null).await.status, 204);
    absent(&app, &at(&app, "/mirror")).await;
}

#[tokio::test]
async fn an_answer_runs_nothing_and_keeps_nothing_here() {
    let app = with_forms().await;
    let page = get(&app, "/page").await;
    assert_eq!(page.text(), "<script>alert(1)</script>");
    assert_eq!(page.kind.as_deref(), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("content-security-policy"), "sandbox");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    let own = [
        "set-cookie",
        "connection",
        "keep-alive",
        "transfer-encoding",
        "content-length",
        "upgrade",
        "trailer",
        "strict-transport-security",
        "service-worker-allowed",
        "clear-site-data",
        "report-to",
        "nel",
        "www-authenticate",
        "access-control-allow-credentials",
        "alt-svc",
    ];
    let query: Vec<String> = own.iter().map(|name| format!("{name}=77")).collect();
    let given = "&x-mine=1&x-mine=2&cache-control=no-store&location=/y&x-request-id=forged&x-content-type-options=no";
    let policy = "&content-security-policy=sandbox%20allow-scripts%20allow-same-origin";
    let path = format!("/headers?status=302&{}{given}{policy}", query.join("&"));
    let answer = request(app.server.address, "POST", &at(&app, &path))
        .bytes(vec![0, 255, 1])
        .send()
        .await;
    assert_eq!((answer.status, &answer.body[..]), (302, &[0, 255, 1][..]));
    let all = |name: &str| -> Vec<&str> {
        answer
            .headers
            .get_all(name)
            .iter()
            .map(|value| value.to_str().unwrap())
            .collect()
    };
    for name in own.iter().filter(|name| **name != "content-length") {
        assert!(all(name).is_empty(), "{name}: {:?}", all(name));
    }
    assert_eq!(all("content-length"), ["3"]);
    assert_eq!(all("x-mine"), ["1", "2"]);
    assert_eq!((all("location"), all("cache-control")), (vec!["/y"], vec!["no-store"]));
    assert_eq!(all("x-content-type-options"), ["nosniff"]);
    assert_eq!(all("content-type"), ["application/octet-stream"]);
    assert_eq!(
        all("content-security-policy"),
        ["sandbox allow-scripts", "sandbox allow-scripts allow-same-origin"]
    );
    assert!(all("x-request-id").len() == 1 && all("x-request-id") != ["forged"]);
    assert_eq!(get(&app, "/headers?status=204").await.status, 204);
    assert_eq!(get(&app, "/headers?status=599").await.status, 599);
    for status in ["600", "199", "0"] {
        assert_eq!(
            failed(&get(&app, &format!("/headers?status={status}")).await, 502),
            "plugin_failed"
        );
    }
}

#[tokio::test]
async fn pages_of_others_may_ask() {
    let app = with_forms().await;
    let plain = get(&app, "/mirror").await;
    assert_eq!(plain.header("access-control-allow-origin"), "*");
    let chosen = get(&app, "/headers?access-control-allow-origin=https://shop.example").await;
    assert_eq!(chosen.header("access-control-allow-origin"), "https://shop.example");
    let preflight = |path: &str| {
        request(app.server.address, "OPTIONS", &at(&app, path))
            .header("origin", "https://shop.example".to_owned())
            .header("access-control-request-method", "PUT".to_owned())
            .header("access-control-request-headers", "authorization".to_owned())
    };
    let answered = preflight("/preflight").send().await;
    assert_eq!(answered.status, 204);
    assert_eq!(
        answered.header("access-control-allow-methods"),
        "GET, POST, OPTIONS",
        "the plugin's own"
    );
    let unheard = preflight("/nowhere").send().await;
    assert_eq!(unheard.status, 204);
    assert_eq!(
        ["methods", "headers", "origin", "credentials"]
            .map(|what| unheard.header(&format!("access-control-allow-{what}"))),
        ["PUT", "authorization", "*", ""]
    );
    // Without such a question it is a request like any other.
    let options = request(app.server.address, "OPTIONS", &at(&app, "/nowhere"))
        .send()
        .await;
    assert_eq!(options.status, 404);
}

#[tokio::test]
async fn bodies_are_bounded_both_ways() {
    let server = Server::start(&["limits.endpoint_body_bytes=65536", "plugins.output_bytes=65536"]);
    let app = forms_in(App::on(&server, json!({})).await).await;
    let send = async |bytes: usize| {
        let outgoing = request(app.server.address, "POST", &at(&app, "/headers"));
        outgoing.bytes(vec![b'x'; bytes]).send().await
    };
    assert_eq!(send(65_536).await.body.len(), 65_536);
    send(65_537)
        .await
        .refused()
        .is("too_large")
        .blames("endpoint_body_bytes");
    assert_eq!(get(&app, "/bytes?count=65536").await.body.len(), 65_536);
    assert_eq!(failed(&get(&app, "/bytes?count=65537").await, 502), "plugin_failed");
    let log = app.plugin_log("forms").await;
    assert!(log.contains("endpoint_body_bytes (65536)"), "{log}");
    assert_eq!(failed(&get(&app, "/bytes?count=3000000").await, 502), "plugin_failed");
    let failures = app.counters("forms", "endpoint").await["failures"].clone();
    assert_eq!(failures, json!({ "nonsense": 1, "output": 1 }));
    let many = format!("/mirror?{}", "a&".repeat(1_001));
    get(&app, &many).await.refused().is("too_large");
}

#[tokio::test]
async fn ten_mebibytes_fit() {
    let server = Server::start(&["plugins.deadline_ms=1000", "plugins.wall_ms=20000"]);
    let app = forms_in(App::on(&server, json!({})).await).await;
    let body: Vec<u8> = (0_u32..10 << 20).map(|n| n.to_le_bytes()[1]).collect();
    let answer = request(app.server.address, "PUT", &at(&app, "/headers"))
        .bytes(body.clone())
        .send()
        .await;
    assert_eq!(answer.status, 200);
    assert!(answer.body == body);
}

#[tokio::test]
async fn who_fails_is_named_by_the_request_and_suspended_in_the_end() {
    let server = Server::start(&["plugins.breaker_failures=3", "plugins.breaker_first_ms=30000"]);
    let app = forms_in(App::on(&server, json!({})).await).await;
    let neighbour = forms_in(App::on(&server, json!({})).await).await;
    for (path, reason) in [("/trap", "trap"), ("/loop", "cpu"), ("/trap", "trap")] {
        let answer = get(&app, path).await;
        assert_eq!(failed(&answer, 502), "plugin_failed");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert!(app.counters("forms", "endpoint").await["failures"][reason].as_u64() > Some(0));
    }
    let log = app.plugin_log("forms").await;
    assert!(log.contains("fails on purpose") && log.contains("deadline_ms"), "{log}");
    let suspended = get(&app, "/mirror").await;
    let refused = suspended.refused();
    assert!(refused.is("plugin_failed").message.contains("suspended"), "{refused:?}");
    let seconds: u64 = suspended.header("retry-after").parse().unwrap();
    assert!(
        (1..=30).contains(&seconds) && refused.retry_after_ms <= Some(30_000),
        "{refused:?}"
    );
    assert_eq!(mirror(&neighbour, "").await["plugin"], "forms");
    // The hooks of a plugin are suspended one by one.
    let alice = app.user("alice").await;
    let group = alice.conversation("group", &[]).await;
    assert_eq!(alice.say(group, "/silent").await["command"]["name"], "silent");
}

#[tokio::test]
async fn an_install_takes_so_many_at_a_time() {
    let bounds = [
        "plugins.instances_per_install=1",
        "plugins.deadline_ms=3000",
        "plugins.wall_ms=20000",
    ];
    let server = Server::start(&bounds);
    let app = forms_in(App::on(&server, json!({})).await).await;
    let other = forms_in(App::on(&server, json!({})).await).await;
    let (address, path) = (app.server.address, at(&app, "/loop"));
    let busy = tokio::spawn(async move {
        loop {
            let answer = request(address, "GET", &path).send().await;
            // It may find the place taken by the question whether it is.
            if answer.status != 503 {
                return answer;
            }
        }
    });
    eventually("the loop to turn", async || {
        let answer = get(&app, "/mirror").await;
        (answer.status != 200).then(|| answer.refused().is("busy").retry_after_ms)
    })
    .await;
    assert_eq!(mirror(&other, "").await["plugin"], "forms", "others have theirs");
    assert_eq!(failed(&busy.await.unwrap(), 502), "plugin_failed");
    assert_eq!(mirror(&app, "").await["plugin"], "forms");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn swapping_disturbs_no_request() {
    let app = with_forms().await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let (address, path) = (app.server.address, at(&app, "/hold"));
    let asking = tokio::spawn(async move {
        let mut held = 0_u64;
        while !*stopped.borrow() {
            let answer = request(address, "POST", &path).send().await;
            held += 1;
            assert_eq!((answer.status, answer.text()), (200, held.to_string()));
        }
        held
    });
    for n in 0..5 {
        let component = variant(guest(Guest::Switchman), &format!("e{n}"));
        app.upload("forms", component).install().await;
    }
    stop.send(true).unwrap();
    assert!(asking.await.unwrap() > 5);
}

#[tokio::test]
async fn a_body_that_is_too_large_does_not_reach_the_plugin() {
    const MOST: usize = 10 << 20;
    let app = with_forms().await;
    let post = async |bytes: usize| {
        let asked = request(app.server.address, "POST", &at(&app, "/nothing"));
        asked.bytes(vec![b'x'; bytes]).send().await
    };
    assert_eq!(post(MOST).await.text(), "nothing at /nothing");
    let refused = post(MOST + 1).await.refused();
    assert!(
        refused.is("too_large").message.contains(&MOST.to_string()),
        "{refused:?}"
    );
    assert_eq!(app.counters("forms", "endpoint").await["calls"], 1);
}
