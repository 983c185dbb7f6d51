//! Plugins ask other servers, by the interface of the contract and by WASI's, as far as the tenant and the operator let
//! them.

use serde_json::{Value, json};

use crate::harness::{App, Far, Guest, Server, User, eventually, guest, now_ms};

/// Everything the fetcher imports.
pub const GRANTS: &str = "connections,contacts,conversations-write,credentials,files,http,messages-edit,messages-send,\
                          metrics,timers,users-write,webhooks";
/// A server whose plugins may reach this machine.
const NEAR: &str = "callbacks.private_networks=[\"127.0.0.1\"]";

struct Scene {
    app: App,
    ann: User,
    room: u64,
    plugin: &'static str,
}

impl Scene {
    /// The fetcher, which may ask these hosts.
    async fn fetcher(settings: &[&str], hosts: &str) -> Self {
        let app = App::on(&Server::start(settings), json!({})).await;
        app.upload("fetcher", guest(Guest::Fetcher))
            .grants(GRANTS)
            .hosts(hosts)
            .install()
            .await;
        Self::with(app, "fetcher").await
    }

    /// The same by WASI's interface.
    async fn wasi(settings: &[&str], hosts: &str) -> Self {
        let app = App::on(&Server::start(settings), json!({})).await;
        app.upload("wasi", guest(Guest::WasiFetcher))
            .grants("http")
            .hosts(hosts)
            .install()
            .await;
        Self::with(app, "wasi").await
    }

    async fn with(app: App, plugin: &'static str) -> Self {
        let ann = app.user("ann").await;
        let room = ann.conversation("group", &[]).await;
        Self { app, ann, room, plugin }
    }

    /// Tells the plugin something and waits for the next line that it writes to its log itself.
    async fn tell(&self, text: &str) -> String {
        let before = self.told().await.len();
        self.ann.say(self.room, text).await;
        eventually("the plugin's answer", async || self.told().await.get(before).cloned()).await
    }

    async fn told(&self) -> Vec<String> {
        let log = self.app.plugin_log(self.plugin).await;
        let own = log.lines().filter_map(|line| line.strip_prefix("\"info\" "));
        own.map(|text| serde_json::from_str(text).unwrap()).collect()
    }

    async fn get(&self, url: &str) -> String {
        self.tell(&json!({ "get": { "url": url, "follow": 0 } }).to_string())
            .await
    }

    async fn follow(&self, url: &str) -> String {
        self.tell(&json!({ "get": { "url": url, "follow": 3 } }).to_string())
            .await
    }
}

fn read(told: &str) -> Value {
    serde_json::from_str(told).unwrap_or_else(|_| panic!("no answer: {told}"))
}

#[tokio::test]
async fn an_allowed_host_is_asked_and_its_answer_read() {
    let far = Far::new().await;
    let scene = Scene::fetcher(&[NEAR], &far.address.to_string()).await;
    let hello = json!({ "status": 200, "body": "hello", "type": "text/plain" });
    assert_eq!(read(&scene.get(&far.url("/ok")).await), hello);
    assert_eq!(
        read(&scene.get(&far.url("/status/503")).await)["status"],
        503,
        "an answer is an answer"
    );
    assert_eq!(
        read(&scene.get(&far.url("/to?/ok")).await)["status"],
        302,
        "nothing is followed"
    );
    let post = json!({ "post": { "url": far.url("/echo"), "body": "{\"a\":1}", "timeout_ms": 5000 } });
    let echo = read(read(&scene.tell(&post.to_string()).await)["body"].as_str().unwrap());
    assert_eq!((&echo["method"], &echo["body"]), (&json!("POST"), &json!("{\"a\":1}")));
    let headers = &echo["headers"];
    assert_eq!(headers["host"], far.address.to_string());
    assert_eq!(
        (&headers["x-own"], &headers["user-agent"]),
        (&json!("1"), &json!("Switchboard"))
    );
    let forged = scene
        .tell(&json!({ "forge": { "url": far.url("/ok") } }).to_string())
        .await;
    assert!(forged.starts_with("invalid `host`"), "{forged}");
    let shown = scene.app.plugin("fetcher").await;
    assert_eq!(shown["http_hosts"], json!([far.address.to_string()]));
}

#[tokio::test]
async fn what_is_not_on_the_list_is_not_asked() {
    let (far, other) = (Far::new().await, Far::new().await);
    let scene = Scene::fetcher(&[NEAR], &far.address.to_string()).await;
    for url in [
        other.url("/ok"),
        far.at("localhost", "/ok"),
        far.at("[::ffff:127.0.0.1]", "/ok"),
        "https://example.com/".to_owned(),
    ] {
        assert_eq!(scene.get(&url).await, "refused http_forbidden", "{url}");
    }
    let redirected = scene.follow(&far.url(&format!("/to?{}", other.url("/ok")))).await;
    assert_eq!(redirected, "refused http_forbidden");
    for nonsense in ["ftp://127.0.0.1/", "/ok", "http://", "http://a b/", ""] {
        let told = scene.get(nonsense).await;
        assert!(told.starts_with("invalid"), "{nonsense}: {told}");
    }
    let user = far.url("/ok").replace("http://", "http://ann:secret@");
    assert!(scene.get(&user).await.starts_with("invalid"));
    assert_eq!((far.asked(), other.asked()), (1, 0));
    let log = scene.app.plugin_log("fetcher").await;
    assert!(
        log.contains("is not among the hosts this plugin may ask (http_hosts)"),
        "{log}"
    );
    // The list is the tenant's to change, and none is nobody.
    scene.app.change_plugin("fetcher", json!({ "http_hosts": [] })).await;
    assert_eq!(scene.get(&far.url("/ok")).await, "refused http_forbidden");
    let change = json!({ "http_hosts": ["https://a.example.com"] });
    let refused = scene.app.admin("PATCH", "/plugins/fetcher", change).await.refused();
    refused.is("bad_field").blames("http_hosts");
}

#[tokio::test]
async fn private_addresses_are_out_of_reach_unless_the_operator_says_so() {
    let far = Far::new().await;
    let hosts = "127.0.0.1,localhost,169.254.169.254,[::1]";
    let scene = Scene::fetcher(&[], hosts).await;
    for url in [
        far.url("/ok"),
        // A name that leads to a private address.
        far.at("localhost", "/ok"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://[::1]:9/".to_owned(),
    ] {
        assert_eq!(scene.get(&url).await, "refused http_private", "{url}");
    }
    assert_eq!(far.asked(), 0);
    // One address of this machine is allowed, its neighbour is not: not by way of a redirection either.
    let scene = Scene::fetcher(&[NEAR], "127.0.0.1,127.0.0.2").await;
    assert_eq!(read(&scene.get(&far.url("/ok")).await)["status"], 200);
    let redirected = scene
        .follow(&far.url(&format!("/to?{}", far.at("127.0.0.2", "/ok"))))
        .await;
    assert_eq!(redirected, "refused http_private");
}

#[tokio::test]
async fn answers_are_bounded_in_size_and_time() {
    let far = Far::new().await;
    let settings = [
        NEAR,
        "plugins.http_response_bytes=10000",
        "plugins.http_timeout_ms=2000",
    ];
    let scene = Scene::fetcher(&settings, "127.0.0.1").await;
    assert_eq!(read(&scene.get(&far.url("/huge/10000")).await)["body"], 10000);
    assert_eq!(scene.get(&far.url("/huge/10001")).await, "refused http_too_large");
    assert_eq!(scene.get(&far.url("/endless")).await, "refused http_too_large");
    let begun = now_ms();
    let post = json!({ "post": { "url": far.url("/slow/20000"), "body": "", "timeout_ms": 300 } });
    let told = scene.tell(&post.to_string()).await;
    assert!(told.starts_with("unavailable no answer within"), "{told}");
    let told = scene.get(&far.url("/slow/20000")).await;
    assert!(told.starts_with("unavailable no answer within"), "{told}");
    assert!(
        now_ms() - begun < 15_000,
        "the guest may ask for less time, not for more"
    );
    let nobody = Far::new().await.address;
    let far_away = format!("http://127.0.0.1:{}/", if nobody.port() > 2000 { 1 } else { 2 });
    assert!(scene.get(&far_away).await.starts_with("unavailable cannot connect"));
}

#[tokio::test]
async fn waiting_counts_only_where_somebody_is_held_up() {
    let far = Far::new().await;
    let settings = [NEAR, "plugins.wall_ms=4000", "plugins.http_wait_ms=8000"];
    let scene = Scene::fetcher(&settings, "127.0.0.1").await;
    // An observer may wait longer than its own time.
    assert_eq!(read(&scene.get(&far.url("/slow/6000")).await)["status"], 200);
    assert_eq!(scene.app.counters("fetcher", "observer").await["failures"], json!({}));
    // A policy may not: somebody waits for its verdict, which is then its declared one.
    let begun = now_ms();
    scene
        .ann
        .say(
            scene.room,
            &json!({ "judge": { "url": far.url("/slow/25000") } }).to_string(),
        )
        .await;
    assert!(now_ms() - begun < 20_000);
    assert_eq!(
        scene.app.counters("fetcher", "policy").await["failures"],
        json!({ "wall": 1 })
    );
    // And nobody may for ever.
    scene
        .ann
        .say(
            scene.room,
            &json!({ "get": { "url": far.url("/slow/60000"), "follow": 0 } }).to_string(),
        )
        .await;
    eventually("the observer to be cut off", async || {
        let failures = scene.app.counters("fetcher", "observer").await["failures"].clone();
        failures["wall"].is_u64().then_some(())
    })
    .await;
}

#[tokio::test]
async fn ordinary_libraries_work_by_the_same_grant() {
    let (far, other) = (Far::new().await, Far::new().await);
    let settings = [
        NEAR,
        "plugins.wall_ms=4000",
        "plugins.http_response_bytes=10000",
        "plugins.http_timeout_ms=12000",
    ];
    let scene = Scene::wasi(&settings, &format!("{},127.0.0.2", far.address)).await;
    assert_eq!(scene.tell(&format!("GET {}", far.url("/ok"))).await, "200 hello");
    assert_eq!(
        scene.tell(&format!("GET {}", far.url("/slow/6000"))).await,
        "200 hello",
        "waiting is free"
    );
    assert_eq!(
        scene.tell(&format!("GET {}", far.url("/huge/10000"))).await,
        "200 10000 bytes"
    );
    let echo = scene.tell(&format!("POST {} one two", far.url("/echo"))).await;
    let echo = read(echo.strip_prefix("200 ").unwrap());
    assert_eq!((&echo["method"], &echo["body"]), (&json!("POST"), &json!("one two")));
    for (url, reason) in [
        (other.url("/ok"), "HttpRequestDenied"),
        (far.at("localhost", "/ok"), "HttpRequestDenied"),
        (far.at("127.0.0.2", "/ok"), "DestinationIpProhibited"),
        (far.url("/huge/10001"), "HttpResponseBodySize"),
        (far.url("/slow/60000"), "HttpResponseTimeout"),
    ] {
        let told = scene.tell(&format!("GET {url}")).await;
        assert!(told.starts_with("failed: ") && told.contains(reason), "{url}: {told}");
    }
    assert_eq!(other.asked(), 0);
}

#[tokio::test]
async fn a_component_that_asks_needs_the_grant() {
    let app = App::new().await;
    for (component, rest) in [
        (guest(Guest::Fetcher), GRANTS.replace("http,", "")),
        (guest(Guest::WasiFetcher), String::new()),
    ] {
        let refused = app.upload("asker", component).grants(&rest).send().await.refused();
        refused.is("plugin_rejected").blames("grants");
        assert!(refused.message.contains("not granted: http"), "{}", refused.message);
    }
}

#[tokio::test]
async fn too_many_requests_are_refused_and_counted() {
    let far = Far::new().await;
    let settings = [NEAR, "quotas.http_per_minute=3"];
    let scene = Scene::fetcher(&settings, "127.0.0.1").await;
    let repeat = json!({ "repeat": { "what": "fetch", "times": 5, "url": far.url("/ok") } });
    let told = scene.tell(&repeat.to_string()).await;
    assert_eq!(told, "fetch: ok ok ok quota http_per_minute quota http_per_minute");
    assert_eq!(far.asked(), 3);
    assert_eq!(
        scene.app.plugin("fetcher").await["quotas"],
        json!({ "http_per_minute": 2 })
    );
    let scene = Scene::wasi(&[NEAR, "quotas.http_per_minute=3"], "127.0.0.1").await;
    let told = scene.tell(&format!("FLOOD {}", far.url("/ok"))).await;
    assert!(
        told.starts_with("3 answered") && told.contains("ConnectionLimitReached"),
        "{told}"
    );
}

#[tokio::test]
async fn requests_of_libraries_are_calls_of_the_host_too() {
    let far = Far::new().await;
    let settings = [NEAR, "plugins.host_calls=10", "jobs.attempts=1"];
    let scene = Scene::wasi(&settings, "127.0.0.1").await;
    scene.ann.say(scene.room, &format!("FLOOD {}", far.url("/ok"))).await;
    eventually("the call to be ended", async || {
        let failures = scene.app.counters("wasi", "observer").await["failures"].clone();
        (failures["host_calls"] == 1).then_some(())
    })
    .await;
    assert_eq!(far.asked(), 10);
}

#[tokio::test]
async fn a_request_of_a_library_waits_in_nobodys_memory() {
    let far = Far::new().await;
    let settings = [NEAR, "plugins.http_per_install=1", "plugins.http_timeout_ms=60000"];
    let scene = Scene::wasi(&settings, "127.0.0.1").await;
    let other = scene.ann.conversation("group", &[]).await;
    scene
        .ann
        .say(scene.room, &format!("GET {}", far.url("/slow/20000")))
        .await;
    eventually("the first request", async || (far.asked() == 1).then_some(())).await;
    scene.ann.say(other, &format!("POST {} body", far.url("/echo"))).await;
    let told = eventually("the second's refusal", async || scene.told().await.pop()).await;
    assert!(told.contains("ConnectionLimitReached"), "{told}");
    assert_eq!(far.asked(), 1);
    let log = scene.app.plugin_log("wasi").await;
    assert!(log.contains("http_per_install"), "{log}");
}

#[tokio::test]
async fn who_looks_sees_where_requests_went_and_no_secrets_of_theirs() {
    let far = Far::new().await;
    let own = Scene::fetcher(&[NEAR], "127.0.0.1").await;
    let wasi = Scene::wasi(&[NEAR], "127.0.0.1").await;
    for (scene, what) in [(&own, "http.fetch"), (&wasi, "http.outgoing-handler")] {
        let trace = format!("/plugins/{}/trace", scene.plugin);
        scene.app.admin("PUT", &trace, json!({ "seconds": 60 })).await.ok();
        for (path, outcome) in [
            (far.url("/echo"), json!(200)),
            (far.at("localhost", "/echo"), Value::Null),
        ] {
            let told = match scene.plugin {
                "fetcher" => json!({ "post": { "url": path, "body": "quiet", "timeout_ms": 5000 } }).to_string(),
                _ => format!("POST {path} quiet"),
            };
            scene.tell(&told).await;
            let effect = eventually("the request's line", async || {
                let page = scene.app.admin("GET", &trace, Value::Null).await.ok();
                let calls = page["calls"].as_array()?.clone();
                let mut effects = calls.iter().filter_map(|call| call["effects"].as_array()).flatten();
                effects.find(|effect| effect["with"]["url"] == path.as_str()).cloned()
            })
            .await;
            assert_eq!(
                (&effect["what"], &effect["with"]["method"]),
                (&json!(what), &json!("POST"))
            );
            assert_eq!(effect["outcome"]["status"], outcome, "{effect}");
            assert_eq!(effect["outcome"]["error"].is_null(), !outcome.is_null(), "{effect}");
            assert!(!effect.to_string().contains("quiet"), "{effect}");
        }
    }
    let figure = json!({ "figure": { "name": "seen", "labels": [], "change": { "count": 2 } } });
    own.tell(&figure.to_string()).await;
    eventually("the figure's line", async || {
        let page = own.app.admin("GET", "/plugins/fetcher/trace", Value::Null).await.ok();
        let text = page.to_string();
        (text.contains("metrics.") && text.contains("\"seen\"")).then_some(())
    })
    .await;
}
