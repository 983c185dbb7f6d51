//! An app that speaks the protocol, and a tenant's server with its key.

use std::sync::atomic::{AtomicU64, Ordering};

use md5::{Digest, Md5};
use serde_json::{Value, json};

use crate::dialects::imrest::wire::Wire;
use crate::harness::{App, Server, bundled, now_ms, request};

/// What the dialect may use.
const GRANTS: &str = "connections,conversations,conversations-write,credentials,impersonation,kv,messages,messages-send,\
    proofs,signatures,timers,users,users-write,webhooks";

/// An app with the dialect installed and mounted, and a ticket.
pub struct Scene {
    pub app: App,
    pub ticket: String,
}

/// Random texts must differ.
static NEXT: AtomicU64 = AtomicU64::new(0);

impl Scene {
    /// On the shared server.
    pub async fn new() -> Self {
        Self::of(App::with(json!({ "open_logins": true })).await).await
    }

    /// On a server that may call back to this machine.
    pub async fn calling_back() -> Self {
        let server = Server::start(&["callbacks.allow_private=true"]);
        Self::of(App::on(&server, json!({ "open_logins": true })).await).await
    }

    /// In an app.
    pub async fn of(app: App) -> Self {
        app.upload("standard-types", bundled("standard-types")).install().await;
        app.upload("hooks", bundled("hooks")).grants(GRANTS).install().await;
        let mount = json!({ "dialect": "hooks", "prefix": format!("/t{}/hook", app.id) });
        let mounted = app
            .server
            .admin("POST", &format!("/apps/{}/mounts", app.id), mount)
            .await;
        assert_eq!(mounted.status, 201, "{}", mounted.text());
        let mut scene = Self {
            app,
            ticket: String::new(),
        };
        let answer = scene.post("/ticket", &scene.signed(&random()).to_string()).await;
        assert_eq!(answer["code"], 0, "{answer}");
        scene.ticket = answer["info"]["ticket"].as_str().unwrap().to_owned();
        scene
    }

    /// The same tenant on the server that was started after this one's end.
    pub fn moved(&self, app: App) -> Self {
        Self {
            app,
            ticket: self.ticket.clone(),
        }
    }

    /// What a tenant sends for a ticket.
    pub fn signed(&self, random: &str) -> Value {
        json!({ "app_id": self.app.id, "time": now_ms() / 1000, "randomStr": random,
            "sign": md5(&format!("{random}{}", self.app.secret)) })
    }

    /// A request as it is.
    pub async fn post(&self, path: &str, body: &str) -> Value {
        let path = format!("/t{}/hook{path}", self.app.id);
        let asked = request(self.app.server.address, "POST", &path);
        let asked = asked.header("content-type", "application/json".to_owned());
        let response = asked.bytes(body.to_owned()).send().await;
        assert_eq!(response.status, 200, "{path}: {}", response.text());
        serde_json::from_str(&response.text()).unwrap_or_else(|error| panic!("{error}: {}", response.text()))
    }

    /// A request with the ticket.
    pub async fn ask(&self, path: &str, mut body: Value) -> Value {
        body["ticket"] = json!(self.ticket);
        self.post(path, &body.to_string()).await
    }

    /// The answer to a request that must succeed.
    pub async fn ok(&self, path: &str, body: Value) -> Value {
        let answer = self.ask(path, body.clone()).await;
        assert_eq!(
            (&answer["code"], &answer["status"]),
            (&json!(0), &json!("success")),
            "{path} {body}: {answer}"
        );
        assert!(answer["time"].as_u64().unwrap() > 1_600_000_000, "{answer}");
        answer
    }

    /// The code of a request.
    pub async fn code(&self, path: &str, body: Value) -> u64 {
        self.ask(path, body).await["code"].as_u64().unwrap()
    }

    /// Registers a token for an event.
    pub async fn register(&self, event: &str, token: &str, url: &str) -> Value {
        let body = json!({ "modeType": "add", "attach": [], "eventName": event, "token": token, "notifyUrl": url });
        self.ok("/register", body).await
    }

    /// Registers a token for chat.
    pub async fn chatter(&self, uid: &str, gids: Value, token: &str, url: &str) -> Value {
        let body = json!({ "uid": uid, "gids": gids, "token": token, "notifyUrl": url });
        self.ok("/register", body).await
    }

    /// Connects with a token.
    pub async fn connect(&self, token: &str) -> Wire {
        Wire::open(self.app.server.address, &self.socket(token)).await
    }

    /// The address of a token's socket.
    pub fn socket(&self, token: &str) -> String {
        format!("/t{}/hook/ws?token={token}", self.app.id)
    }
}

/// The document's notifyUrl.
pub const URL: &str = "http://115.29.140.95/message/index/notify";

/// A text that nobody has used.
pub fn random() -> String {
    format!("{}-{}", now_ms(), NEXT.fetch_add(1, Ordering::Relaxed))
}

pub fn md5(text: &str) -> String {
    Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A frame up and its answer.
pub async fn call(wire: &mut Wire, frame: Value) -> Value {
    wire.send(frame).await;
    wire.next().await
}
