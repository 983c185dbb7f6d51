//! A tenant of its own for each test.

use std::sync::Arc;

use serde_json::{Value, json};

use super::http::{Response, request};
use super::server::Server;
use super::user::{Claims, User};

/// A tenant on a server.
#[derive(Clone)]
pub struct App {
    pub server: Arc<Server>,
    pub id: u64,
    pub secret: String,
}

impl App {
    /// On the shared server.
    pub async fn new() -> Self {
        Self::with(json!({})).await
    }

    /// On the shared server, with settings.
    pub async fn with(settings: Value) -> Self {
        Self::on(&Server::shared(), settings).await
    }

    /// On a server, with settings.
    pub async fn on(server: &Arc<Server>, settings: Value) -> Self {
        let mut body = json!({ "name": "a test's" });
        body.as_object_mut()
            .unwrap()
            .extend(settings.as_object().unwrap().clone());
        let response = server.admin("POST", "/apps", body).await;
        let made = response.ok();
        assert_eq!(response.status, 201, "{made}");
        Self {
            server: Arc::clone(server),
            id: made["app_id"].as_u64().unwrap(),
            secret: made["secret"].as_str().unwrap().to_owned(),
        }
    }

    /// The same tenant on the server that was started after this one's end.
    pub fn moved(&self, server: &Arc<Server>) -> Self {
        Self {
            server: Arc::clone(server),
            id: self.id,
            secret: self.secret.clone(),
        }
    }

    /// The same server and secret, for another app's id.
    pub fn posing_as(&self, other: &Self) -> Self {
        Self {
            server: Arc::clone(&self.server),
            id: other.id,
            secret: self.secret.clone(),
        }
    }

    /// A request to the admin API under this app, by the app itself.
    pub async fn admin(&self, method: &str, path: &str, body: Value) -> Response {
        let path = format!("/admin/api/apps/{}{path}", self.id);
        request(self.server.address, method, &path)
            .bearer(&self.secret)
            .json(&body)
            .send()
            .await
    }

    /// Changes the app itself, by the operator.
    pub async fn change(&self, body: Value) -> Value {
        self.server
            .admin("PATCH", &format!("/apps/{}", self.id), body)
            .await
            .ok()
    }

    /// A user who exists.
    pub async fn user(&self, uid: &str) -> User {
        let user = self.stranger(uid);
        user.rest("GET", "/v1/me", Value::Null).await.ok();
        user
    }

    /// A user whom the server has not met yet.
    pub fn stranger(&self, uid: &str) -> User {
        User {
            server: Arc::clone(&self.server),
            uid: uid.to_owned(),
            token: Claims::of(self.id, uid).sign(&self.secret),
        }
    }

    /// Several users who exist.
    pub async fn users<const N: usize>(&self, uids: [&str; N]) -> [User; N] {
        let mut users = Vec::new();
        for uid in uids {
            users.push(self.user(uid).await);
        }
        users.try_into().unwrap_or_else(|_| unreachable!())
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.server.complain();
    }
}
