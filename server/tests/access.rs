//! Every route, as the OpenAPI description lists them, refuses strangers and other tenants; the admin API keeps its
//! secrets. The real rules over real storage, without a socket.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};
use switchboard::ambient::{SystemClock, SystemRandom};
use switchboard::chat::{Blobs, Chat, Files, Parts};
use switchboard::cluster::LocalBus;
use switchboard::config::Config;
use switchboard::delivery::Delivery;
use switchboard::gateway::{self, DemoApp, DemoUser, Gateway, openapi};
use switchboard::hub::Hub;
use switchboard::model::{App, AppSettings, Clock, Context, Millis, Random, UserId, UserPatch};
use switchboard::outbound;
use switchboard::plugin_host::{self, Mounts, PluginHost};
use switchboard::storage::sqlite;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

const OPERATOR: &str = "the operator's token";
const COMPONENT_BYTES: usize = 1000;

struct House {
    router: Router,
    chat: Arc<Chat>,
    ours: Arc<App>,
    theirs: Arc<App>,
    _data: tempfile::TempDir,
}

struct Answer {
    status: StatusCode,
    body: Value,
    request_id: Option<String>,
}

impl Answer {
    fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }
}

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

fn now() -> Millis {
    SystemClock.now()
}

impl House {
    async fn built(operator: Option<&str>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (clock, random): (Arc<dyn Clock>, Arc<dyn Random>) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        let settings = sqlite::Settings::new(data.path());
        let (storage, announcements) = sqlite::open(settings, clock.clone()).await.unwrap();
        let hub = Arc::new(Hub::new(16, 4));
        let delivery = Arc::new(Delivery::new(
            hub.clone(),
            Arc::new(LocalBus),
            Vec::new(),
            Arc::default(),
        ));
        let settings = plugin_host::Settings::new(data.path().join("artifacts"), "/nonexistent".into());
        let client = Arc::new(outbound::Client::new(outbound::Reach::default()).unwrap());
        let plugins = PluginHost::start(settings, storage.clone(), clock.clone(), random.clone(), client)
            .await
            .unwrap();
        let mounts = Mounts::start(plugins.clone(), storage.clone(), "none".into(), &[])
            .await
            .unwrap();
        let config = Config::load(None, &[]).unwrap();
        let limits = config.limits;
        let blobs = Blobs::open(data.path()).unwrap();
        let parts = Parts {
            files: Files::new(storage.clone(), blobs, config.files, clock.clone(), random.clone()),
            storage,
            hub: hub.clone(),
            delivery: delivery.clone(),
            plugins: plugins.clone(),
            random: random.clone(),
            limits,
            kept_conversations: 10,
            profile_bytes: 65_536,
        };
        let chat = Chat::start(parts).await.unwrap();
        tokio::spawn(delivery.run(announcements));
        let settings = AppSettings {
            auto_create_users: false,
            ..AppSettings::default()
        };
        let make = |name: &str| {
            chat.tenants()
                .create(None, name.to_owned(), None, name == "ours", settings.clone())
        };
        let (ours, theirs) = (make("ours").await.unwrap(), make("theirs").await.unwrap());
        for (app, name) in [(&ours, "ann"), (&ours, "bob"), (&theirs, "ann")] {
            chat.put_user(&Context::admin(app.id, now()), &user(name), UserPatch::default())
                .await
                .unwrap();
        }
        let demo_user = DemoUser {
            user: user("ann"),
            nickname: "Ann".into(),
            role: "agent",
        };
        let demo_app = |app: &App| DemoApp {
            app: app.id,
            name: app.name.clone(),
            users: vec![demo_user.clone()],
        };
        let gateway = Gateway {
            metrics: None,
            chat: chat.clone(),
            hub,
            plugins,
            mounts,
            clock,
            random,
            limits,
            component_bytes: COMPONENT_BYTES,
            admin_token: operator.map(str::to_owned),
            demo: vec![demo_app(&ours), demo_app(&theirs)],
            shutdown: CancellationToken::new(),
        };
        let router = gateway::router(gateway, TaskTracker::new());
        Self {
            router,
            chat,
            ours,
            theirs,
            _data: data,
        }
    }

    async fn token(&self, app: &App, name: &str) -> String {
        self.chat
            .issue_token(app.id, &user(name), None, 60, now())
            .await
            .unwrap()
            .0
    }

    async fn ask(&self, method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> Answer {
        match body {
            Some(body) => {
                self.send(method, path, token, ("application/json", body.to_string()))
                    .await
            }
            None => {
                self.send(method, path, token, ("application/wasm", "not wasm".into()))
                    .await
            }
        }
    }

    async fn send(&self, method: &str, path: &str, token: Option<&str>, (kind, body): (&str, String)) -> Answer {
        let mut request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).unwrap())
            .uri(path)
            .header(header::CONTENT_TYPE, kind);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Body::from(body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        Answer {
            status: head.status,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            request_id: head
                .headers
                .get("x-request-id")
                .map(|id| id.to_str().unwrap().to_owned()),
        }
    }
}

/// Every operation as (method, path, its name), with the ids of the things that `ours` has.
fn operations(ours: &App, conversation: &Value, message: &Value) -> Vec<(String, String, String)> {
    let document = openapi::document();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path
            .replace("{app}", &ours.id.to_string())
            .replace("{conversation}", &conversation.to_string())
            .replace("{message}", &message.to_string())
            .replace("{user}", "bob")
            .replace("{emoji}", "%F0%9F%91%8D")
            .replace("{name}", "tags")
            .replace("{job}", "1");
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            operations.push((method.to_uppercase(), path.clone(), name.to_owned()));
        }
    }
    operations
}

/// What an operation can be asked with.
fn body(name: &str) -> Option<Value> {
    match name {
        "install_plugin" | "inspect_component" => None,
        "add_members" | "remove_members" => Some(json!({ "users": ["bob"] })),
        "update_member" => Some(json!({ "role": "admin" })),
        "send_message" => Some(json!({ "kind": "text", "body": { "text": "x" } })),
        "edit_message" => Some(json!({ "body": { "text": "x" } })),
        "mark" => Some(json!({ "read_seq": 1 })),
        "announce" => Some(json!({ "text": "x" })),
        "act" | "act_on_message" => Some(json!({ "data": {} })),
        "prefer" => Some(json!({ "pinned": true })),
        "remark_friend" | "set_remark" => Some(json!({ "remark": "x" })),
        "create_conversation" => Some(json!({ "kind": "direct", "members": ["bob"] })),
        "create_app" | "complete_command" => Some(json!({ "name": "x" })),
        _ => Some(json!({})),
    }
}

fn query(name: &str) -> &'static str {
    match name {
        "install_plugin" => "?name=tags",
        "get_presence" => "?users=bob",
        _ => "",
    }
}

/// A conversation of ann and bob in `ours`, and a message in it.
async fn talk(house: &House) -> (Value, Value) {
    let ann = house.token(&house.ours, "ann").await;
    let made = house
        .ask("POST", "/v1/conversations", Some(&ann), body("create_conversation"))
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let conversation = made.body["id"].clone();
    let path = format!("/v1/conversations/{conversation}/messages");
    let sent = house.ask("POST", &path, Some(&ann), body("send_message")).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.body);
    (conversation, sent.body["id"].clone())
}

#[tokio::test]
async fn every_route_refuses_strangers() {
    let house = House::built(Some(OPERATOR)).await;
    let (conversation, message) = talk(&house).await;
    for (method, path, name) in operations(&house.ours, &conversation, &message) {
        if name == "read_openapi" {
            continue;
        }
        let path = format!("{path}{}", query(&name));
        for (token, code) in [
            (None, "unauthenticated"),
            (Some("wrong"), "bad_token"),
            (Some(""), "bad_token"),
        ] {
            let answer = house.ask(&method, &path, token, body(&name)).await;
            assert_eq!(
                (answer.status, answer.code()),
                (StatusCode::UNAUTHORIZED, code),
                "{method} {path} {token:?}"
            );
            assert_eq!(
                answer.body["error"]["request_id"].as_str(),
                answer.request_id.as_deref(),
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn to_another_tenant_nothing_is_there() {
    let house = House::built(Some(OPERATOR)).await;
    let (conversation, message) = talk(&house).await;
    let ann = house.token(&house.theirs, "ann").await;
    for (method, path, name) in operations(&house.ours, &conversation, &message) {
        let admin = path.starts_with("/admin/");
        let about_ours = path.split('/').any(|part| part == "bob") || path.contains(&format!("/{conversation}"));
        if !admin && !about_ours && !path.contains(&format!("/{message}")) {
            continue;
        }
        let token = if admin {
            house.theirs.secret.as_str()
        } else {
            ann.as_str()
        };
        let path = format!("{path}{}", query(&name));
        let answer = house.ask(&method, &path, Some(token), body(&name)).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::NOT_FOUND, "not_found"),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn a_secret_opens_its_app_and_is_told_once() {
    let house = House::built(Some(OPERATOR)).await;
    let made = house
        .ask(
            "POST",
            "/admin/api/apps",
            Some(OPERATOR),
            Some(json!({ "name": "new", "text_chars": 9 })),
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED);
    let secret = made.body["secret"].as_str().unwrap().to_owned();
    let path = format!("/admin/api/apps/{}", made.body["app_id"]);
    let seen = house.ask("GET", &path, Some(&secret), None).await;
    assert_eq!(seen.body["settings"]["text_chars"], 9);
    let all = house.ask("GET", "/admin/api/apps", Some(OPERATOR), None).await;
    assert!(!format!("{}{}", seen.body, all.body).contains("secret"));
    for (method, outside) in [
        ("POST", "/admin/api/apps"),
        ("GET", "/admin/api/apps"),
        ("POST", "/admin/api/plugins/inspect"),
    ] {
        assert_eq!(
            house.ask(method, outside, Some(&secret), None).await.status,
            StatusCode::NOT_FOUND,
            "{outside}"
        );
    }
    let rotated = house
        .ask("POST", &format!("{path}/secret/rotate"), Some(&secret), None)
        .await;
    assert_eq!(house.ask("GET", &path, Some(&secret), None).await.code(), "bad_token");
    let secret = rotated.body["secret"].as_str().unwrap();
    let off = house
        .ask("PATCH", &path, Some(secret), Some(json!({ "enabled": false })))
        .await;
    assert_eq!(off.body["enabled"], false);
    assert_eq!(house.ask("GET", &path, Some(secret), None).await.code(), "app_disabled");
}

#[tokio::test]
async fn without_an_operator_only_secrets_open() {
    let house = House::built(Some("")).await;
    let answer = house.ask("GET", "/admin/api/apps", Some(OPERATOR), None).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(
        answer.body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("no operator token is set")
    );
    assert_eq!(
        house.ask("GET", "/admin/api/apps", Some(""), None).await.status,
        StatusCode::UNAUTHORIZED
    );
    let own = format!("/admin/api/apps/{}", house.ours.id);
    assert_eq!(
        house.ask("GET", &own, Some(&house.ours.secret), None).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn what_cannot_be_decoded_is_named() {
    let house = House::built(Some(OPERATOR)).await;
    let ann = house.token(&house.ours, "ann").await;
    let app = format!("/admin/api/apps/{}", house.ours.id);
    let large = json!({ "nickname": "x".repeat(300_000) });
    for (method, path, token, body, code, field) in [
        (
            "GET",
            "/v1/conversations?limit=0",
            &*ann,
            None,
            "bad_field",
            Some("limit"),
        ),
        ("GET", "/v1/conversations/x", &ann, None, "not_found", None),
        ("GET", "/v1/presence", &ann, None, "missing_field", Some("users")),
        ("PATCH", "/v1/me", &ann, Some(large), "too_large", Some("body_bytes")),
        ("PATCH", "/v1/me", &ann, Some(json!([])), "bad_frame", None),
        ("PATCH", "/v1/me", &ann, None, "bad_json", None),
        ("POST", "/v1/me", &ann, None, "method_not_allowed", None),
        ("GET", "/v1/nowhere", &ann, None, "not_found", None),
        (
            "PATCH",
            &app,
            OPERATOR,
            Some(json!({ "colour": "red" })),
            "bad_field",
            Some("colour"),
        ),
        (
            "POST",
            &format!("{app}/plugins?name=Tags"),
            OPERATOR,
            None,
            "bad_field",
            Some("name"),
        ),
        (
            "POST",
            &format!("{app}/plugins?name=tags&grants=kv,all"),
            OPERATOR,
            None,
            "bad_field",
            Some("grants"),
        ),
        (
            "GET",
            &format!("{app}/jobs?state=due"),
            OPERATOR,
            None,
            "bad_field",
            Some("state"),
        ),
    ] {
        let answer = house.ask(method, path, Some(token), body).await;
        let named = answer.body["error"]["field"].as_str();
        assert_eq!(
            (answer.code(), named),
            (code, field),
            "{method} {path}: {}",
            answer.body
        );
        assert!(answer.request_id.is_some());
    }
}

#[tokio::test]
async fn an_upload_is_bounded_and_is_a_component() {
    let house = House::built(Some(OPERATOR)).await;
    let path = format!("/admin/api/apps/{}/plugins?name=tags", house.ours.id);
    for (kind, bytes, code, field) in [
        (
            "application/wasm",
            COMPONENT_BYTES + 1,
            "too_large",
            Some("component_bytes"),
        ),
        ("application/wasm", 0, "bad_frame", None),
        ("application/json", 10, "bad_field", Some("content-type")),
    ] {
        let answer = house
            .send("POST", &path, Some(OPERATOR), (kind, "x".repeat(bytes)))
            .await;
        let named = answer.body["error"]["field"].as_str();
        assert_eq!((answer.code(), named), (code, field), "{kind}, {bytes} bytes");
    }
}

#[tokio::test]
async fn the_demo_knows_only_its_own() {
    let house = House::built(None).await;
    let apps = house.ask("GET", "/demo/apps", None, None).await;
    assert_eq!(
        apps.body["apps"].as_array().unwrap().len(),
        1,
        "an app that is not marked does not exist"
    );
    let session = |app: &App, user: &str| Some(json!({ "app": app.id.get(), "user": user }));
    for (app, user) in [(&house.ours, "bob"), (&house.theirs, "ann")] {
        assert_eq!(
            house
                .ask("POST", "/demo/session", None, session(app, user))
                .await
                .code(),
            "not_found"
        );
    }
    let first = house
        .ask("POST", "/demo/session", None, session(&house.ours, "ann"))
        .await;
    let second = house
        .ask("POST", "/demo/session", None, session(&house.ours, "ann"))
        .await;
    assert_eq!(first.body["token"], second.body["token"]);
    let me = house.ask("GET", "/v1/me", first.body["token"].as_str(), None).await;
    assert_eq!(me.body["user"], "ann");
    assert_eq!(house.ask("GET", "/", None, None).await.status, StatusCode::OK);
    assert_eq!(
        house.ask("GET", "/page/main.js", None, None).await.status,
        StatusCode::OK
    );
    assert_eq!(
        house.ask("GET", "/page/..%2Fmod.rs", None, None).await.code(),
        "not_found"
    );
}
