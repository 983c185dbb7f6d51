//! A tenant of the protocol: an app with the dialect mounted below a prefix of its own, and its server's calls.

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::md5::md5;
use super::page::Page;
use crate::harness::{App, Server, bundled, eventually, now_ms, request};

/// All that the plugin imports and somebody has to grant.
const GRANTS: &str = "users,users-write,credentials,proofs,conversations,conversations-write,messages,messages-send,\
                      webhooks,files";

/// A tenant.
#[derive(Clone)]
pub struct Shop {
    pub app: App,
    /// What goes before the document's paths.
    pub prefix: String,
}

/// Installs a bundled plugin, when the server takes one: it compiles only so many at a time.
pub async fn install(app: &App, name: &str, grants: &str) {
    eventually("a plugin to be taken", async || {
        let response = app.upload(name, bundled(name)).grants(grants).send().await;
        (response.status != 503).then(|| response.ok())
    })
    .await;
}

/// Seconds since 1970, as signatures have them.
pub fn seconds() -> u64 {
    now_ms() / 1_000
}

impl Shop {
    /// On the shared server.
    pub async fn new() -> Self {
        Self::with(json!({})).await
    }

    /// On the shared server, with settings of the app.
    pub async fn with(settings: Value) -> Self {
        Self::on(&Server::shared(), settings).await
    }

    /// On a server, mounted for its app.
    pub async fn on(server: &Arc<Server>, settings: Value) -> Self {
        let mut shop = Self::unmounted(server, settings).await;
        shop.prefix = format!("/t{}", shop.app.id);
        let path = format!("/apps/{}/mounts", shop.app.id);
        let mount = json!({ "dialect": "wokchat", "prefix": shop.prefix });
        server.admin("POST", &path, mount).await.ok();
        shop
    }

    /// On a server that has the dialect mounted for everyone, without a prefix.
    pub async fn unmounted(server: &Arc<Server>, settings: Value) -> Self {
        let app = App::on(server, settings).await;
        install(&app, "standard-types", "").await;
        install(&app, "wokchat", GRANTS).await;
        Self {
            app,
            prefix: String::new(),
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.app.server.address
    }

    /// A request to a path of the document, and its answer.
    pub async fn post(&self, path: &str, content_type: &str, body: impl Into<bytes::Bytes>) -> Value {
        let path = format!("{}{path}", self.prefix);
        let response = request(self.address(), "POST", &path)
            .header("content-type", content_type.to_owned())
            .bytes(body)
            .send()
            .await;
        assert_eq!(response.status, 200, "{path}: {}", response.text());
        serde_json::from_slice(&response.body).unwrap_or_else(|error| panic!("{error}: {}", response.text()))
    }

    /// The fields that prove the app.
    pub fn signed(&self, fields: Value) -> Map<String, Value> {
        self.signed_at(fields, seconds())
    }

    /// The same, signed at some time.
    pub fn signed_at(&self, fields: Value, time: u64) -> Map<String, Value> {
        let Value::Object(mut fields) = fields else {
            panic!("fields are an object: {fields}");
        };
        fields.insert("app_id".to_owned(), json!(self.app.id));
        fields.insert("time".to_owned(), json!(time));
        fields.insert("sign".to_owned(), json!(md5(&format!("{}{time}", self.app.secret))));
        fields
    }

    /// A call of the tenant's server, whatever it answers.
    pub async fn admin(&self, name: &str, fields: Value) -> Value {
        let body = Value::from(self.signed(fields)).to_string();
        self.post(&format!("/api/wokchatadmin/{name}"), "application/json", body)
            .await
    }

    /// A call that must succeed.
    pub async fn done(&self, name: &str, fields: Value) -> Value {
        let answer = self.admin(name, fields).await;
        assert_eq!(answer["code"], 1, "{name}: {answer}");
        answer
    }

    /// A call that must fail, and what it says.
    pub async fn refused(&self, name: &str, fields: Value) -> String {
        let answer = self.admin(name, fields).await;
        assert_eq!(answer["code"], 0, "{name}: {answer}");
        answer["msg"].as_str().unwrap().to_owned()
    }

    /// A user who is known.
    pub async fn person(&self, uid: u64, nickname: &str) -> Person {
        let pushed = self.done("pushUser", json!({ "uid": uid, "nickname": nickname })).await;
        Person {
            shop: self.clone(),
            uid,
            token: pushed["data"]["token"].as_str().unwrap().to_owned(),
        }
    }

    /// A customer and an agent.
    pub async fn two(&self) -> (Person, Person) {
        (self.person(1, "测试").await, self.person(2, "测试2").await)
    }
}

/// A user of a tenant.
#[derive(Clone)]
pub struct Person {
    pub shop: Shop,
    pub uid: u64,
    pub token: String,
}

impl Person {
    /// The fields that prove the user.
    pub fn signed(&self, fields: Value) -> Map<String, Value> {
        let Value::Object(mut fields) = fields else {
            panic!("fields are an object: {fields}");
        };
        let time = seconds();
        fields.insert("app_id".to_owned(), json!(self.shop.app.id));
        fields.insert("uid".to_owned(), json!(self.uid));
        fields.insert("time".to_owned(), json!(time));
        fields.insert("sign".to_owned(), json!(md5(&format!("{}{time}", self.token))));
        fields
    }

    /// A call of this user's browser, whatever it answers.
    pub async fn call(&self, name: &str, fields: Value) -> Value {
        let body = Value::from(self.signed(fields)).to_string();
        self.shop
            .post(&format!("/api/wokchatuser/{name}"), "application/json", body)
            .await
    }

    /// A call that must succeed.
    pub async fn done(&self, name: &str, fields: Value) -> Value {
        let answer = self.call(name, fields).await;
        assert_eq!(answer["code"], 1, "{name}: {answer}");
        answer
    }

    /// A call that must fail, and what it says.
    pub async fn refused(&self, name: &str, fields: Value) -> String {
        let answer = self.call(name, fields).await;
        assert_eq!(answer["code"], 0, "{name}: {answer}");
        answer["msg"].as_str().unwrap().to_owned()
    }

    /// The user's page, logged in.
    pub async fn page(&self) -> Page {
        let mut page = Page::open(&self.shop).await;
        let welcome = page.ask(self.login(), "login_success").await;
        assert_eq!(welcome["user"]["uid"], self.uid, "{welcome}");
        page
    }

    /// The frame that logs in.
    pub fn login(&self) -> Value {
        self.signed(json!({ "action": "login" })).into()
    }

    /// The session with another user.
    pub async fn session_with(&self, other: &Self) -> u64 {
        let answer = self.done("connectToUser", json!({ "to_uid": other.uid })).await;
        answer["session"]["id"].as_u64().unwrap()
    }

    /// A text over HTTP, and its id.
    pub async fn say(&self, session: u64, text: &str) -> u64 {
        let answer = self
            .done(
                "sendBySession",
                json!({ "session_id": session, "content": text, "type": 1 }),
            )
            .await;
        answer["message_id"].as_u64().unwrap()
    }
}
