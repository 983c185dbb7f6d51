//! An app that speaks the protocol, and requests as its document prints them.

use serde_json::{Value, json};

use super::wire::Wire;
use crate::harness::{App, Server, User, bundled, request};

/// What the dialect may use.
pub const GRANTS: &str =
    "conversations,conversations-write,credentials,files,messages,messages-send,proofs,signatures,users,users-write";

/// An app with the dialect installed and mounted.
pub struct Scene {
    pub app: App,
}

impl Scene {
    /// As the demo app has it: logins without a token, one connection for each device.
    pub async fn new() -> Self {
        Self::with(json!({}), json!({})).await
    }

    /// With settings of the app and a configuration of the install.
    pub async fn with(settings: Value, config: Value) -> Self {
        let mut all = json!({ "open_logins": true, "login": "per_device" });
        all.as_object_mut()
            .unwrap()
            .extend(settings.as_object().unwrap().clone());
        let app = App::with(all).await;
        app.upload("standard-types", bundled("standard-types")).install().await;
        let upload = app.upload("imrest", bundled("imrest")).grants(GRANTS).config(config);
        upload.install().await;
        let mount = json!({ "dialect": "imrest", "prefix": format!("/t{}", app.id) });
        let path = format!("/apps/{}/mounts", app.id);
        let mounted = Server::shared().admin("POST", &path, mount).await;
        assert_eq!(mounted.status, 201, "{}", mounted.text());
        Self { app }
    }

    /// A request with the headers and body that are given.
    pub async fn raw(&self, method: &str, path: &str, headers: &[(&'static str, &str)], body: &str) -> Value {
        let path = format!("/t{}{path}", self.app.id);
        let mut asked = request(self.app.server.address, method, &path);
        for (name, value) in headers {
            asked = asked.header(name, (*value).to_owned());
        }
        let response = asked.bytes(body.to_owned()).send().await;
        assert_eq!(response.status, 200, "{method} {path}: {}", response.text());
        serde_json::from_str(&response.text()).unwrap_or_else(|error| panic!("{error}: {}", response.text()))
    }

    /// A request of the app with its key, and a JSON body.
    pub async fn ask(&self, method: &str, path: &str, body: Value) -> Value {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.raw(method, path, &self.headers(&self.app.id.to_string()), &body)
            .await
    }

    /// The headers the document prints, for an app's id.
    pub fn headers<'a>(&'a self, id: &'a str) -> [(&'static str, &'a str); 3] {
        [
            ("app-id", id),
            ("app-key", &self.app.secret),
            ("content-type", "application/json"),
        ]
    }

    /// The `data` of a request that must succeed.
    pub async fn ok(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.ask(method, path, body.clone()).await;
        assert_eq!(
            (&answer["code"], &answer["message"]),
            (&json!(0), &json!("ok")),
            "{method} {path} {body}: {answer}"
        );
        answer["data"].clone()
    }

    /// The code of a request.
    pub async fn code(&self, method: &str, path: &str, body: Value) -> u64 {
        self.ask(method, path, body).await["code"].as_u64().unwrap()
    }

    /// A new conversation, by its `conv_id`.
    pub async fn conversation(&self, creator: &str, others: &[&str], conv_type: u8) -> String {
        let body = json!({ "client_id": creator, "to_client_ids": others, "conv_type": conv_type });
        let made = self.ok("POST", "/im/conversations", body).await;
        made["conv_id"].as_str().unwrap().to_owned()
    }

    /// Sends a message and answers its `msg_id`.
    pub async fn say(&self, conv: &str, body: Value) -> String {
        let path = format!("/im/conversations/{conv}/message");
        let sent = self.ok("POST", &path, body).await;
        sent["msg_id"].as_str().unwrap().to_owned()
    }

    /// The newest messages of a conversation.
    pub async fn messages(&self, conv: &str) -> Vec<Value> {
        let path = format!("/im/conversations/{conv}/message?size=100");
        let page = self.ok("GET", &path, Value::Null).await;
        page["data"].as_array().unwrap().clone()
    }

    /// A socket that nobody has logged in on.
    pub async fn socket(&self) -> Wire {
        Wire::open(self.app.server.address, &format!("/t{}/im/ws", self.app.id)).await
    }

    /// A socket of a user on a device.
    pub async fn login(&self, client: &str, device: &str) -> Wire {
        let mut wire = self.socket().await;
        wire.send(self.login_frame(client, device)).await;
        let answer = wire.next().await;
        assert_eq!(answer["type"], "login.success", "{answer}");
        wire
    }

    /// The document's login.
    pub fn login_frame(&self, client: &str, device: &str) -> Value {
        let app = self.app.id.to_string();
        json!({ "type": "login", "data": { "device_id": device, "app_id": app, "client_id": client,
            "ext": { "nickname": "liliSara" } } })
    }
}

/// The server's id of a user's only conversation.
pub async fn native(user: &User) -> u64 {
    let list = user.call("conversation.list", json!({})).await;
    let all = list["conversations"].as_array().unwrap();
    assert_eq!(all.len(), 1, "{list}");
    all[0]["id"].as_u64().unwrap()
}

/// Fails unless this is 32 hex digits.
#[track_caller]
pub fn hex32(value: &Value) -> String {
    let text = value.as_str().unwrap_or_else(|| panic!("no text: {value}"));
    assert!(
        text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{text}"
    );
    text.to_owned()
}
