//! A tenant of the protocol: an app with the dialect mounted below a prefix of its own, and its users.

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Value, json};

use super::line::{Line, dial};
use crate::harness::{App, Server, bundled, eventually, request};

/// All that the plugin imports and somebody has to grant.
pub const GRANTS: &str = "kv,users,users-write,credentials,proofs,contacts,conversations,conversations-write,messages,\
                          messages-send,messages-edit,connections,files";

/// A tenant.
#[derive(Clone)]
pub struct Club {
    pub app: App,
    /// What goes before the paths.
    pub prefix: String,
}

/// A registered user.
#[derive(Clone)]
pub struct Person {
    pub club: Club,
    pub id: String,
    pub token: String,
}

impl Club {
    /// On the shared server; changes of groups are stored.
    pub async fn new() -> Self {
        Self::with(json!({ "system_messages": true })).await
    }

    /// On the shared server, with settings of the app.
    pub async fn with(settings: Value) -> Self {
        Self::on(&Server::shared(), settings).await
    }

    /// On a server, mounted for its app.
    pub async fn on(server: &Arc<Server>, settings: Value) -> Self {
        let mut club = Self::unmounted(server, settings).await;
        club.prefix = format!("/t{}", club.app.id);
        let path = format!("/apps/{}/mounts", club.app.id);
        let mount = json!({ "dialect": "social", "prefix": club.prefix });
        server.admin("POST", &path, mount).await.ok();
        club
    }

    /// On a server that has the dialect mounted at `/social` for everyone.
    pub async fn unmounted(server: &Arc<Server>, settings: Value) -> Self {
        let app = App::on(server, settings).await;
        load(&app, "standard-types", "").await;
        load(&app, "red-packet", "timers,messages-edit").await;
        load(&app, "social", GRANTS).await;
        Self {
            app,
            prefix: "/social".to_owned(),
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.app.server.address
    }

    /// A request below the mount, and its answer.
    pub async fn send(&self, path: &str, content_type: &str, body: impl Into<bytes::Bytes>) -> Value {
        let path = format!("{}{path}", self.prefix);
        let response = request(self.address(), "POST", &path)
            .header("content-type", content_type.to_owned())
            .bytes(body)
            .send()
            .await;
        assert_eq!(response.status, 200, "{path}: {}", response.text());
        let answer = serde_json::from_slice::<Value>(&response.body);
        let answer = answer.unwrap_or_else(|error| panic!("{path}: {error}: {}", response.text()));
        let names: Vec<&String> = answer.as_object().unwrap().keys().collect();
        assert_eq!(names, ["code", "data", "msg"], "{answer}");
        answer
    }

    /// JSON without a token.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.send(path, "application/json", body.to_string()).await
    }

    /// A user with a nickname and a picture.
    pub async fn person(&self, id: &str) -> Person {
        let body = json!({
            "app_id": self.app.id, "app_user_id": id, "nickname": format!("nick {id}"), "head": format!("http://img/{id}.jpg")
        });
        let answer = self.post("/user/register", body).await;
        assert_eq!(answer["code"], 200, "{answer}");
        Person {
            club: self.clone(),
            id: id.to_owned(),
            token: answer["data"]["token"].as_str().unwrap().to_owned(),
        }
    }

    /// Several users.
    pub async fn people<const N: usize>(&self, ids: [&str; N]) -> [Person; N] {
        let mut people = Vec::new();
        for id in ids {
            people.push(self.person(id).await);
        }
        people.try_into().unwrap_or_else(|_| unreachable!())
    }
}

/// Installs a bundled plugin. Many clubs begin at once: the server takes some uploads at a time and says so.
async fn load(app: &App, name: &str, grants: &str) {
    eventually(&format!("{name} to be installed"), async || {
        let response = app.upload(name, bundled(name)).grants(grants).send().await;
        if response.status == 503 {
            return None;
        }
        response.ok();
        Some(())
    })
    .await;
}

impl Person {
    /// A request with the user's token, whatever it answers.
    pub async fn call(&self, path: &str, body: Value) -> Value {
        let path = format!("{path}?token={}", self.token);
        self.club.post(&path, body).await
    }

    /// A request that must succeed, and its data.
    pub async fn done(&self, path: &str, body: Value) -> Value {
        let answer = self.call(path, body).await;
        assert_eq!(
            (&answer["code"], &answer["msg"]),
            (&json!(200), &json!("OK")),
            "{path}: {answer}"
        );
        answer["data"].clone()
    }

    /// A request that must fail, and its code.
    pub async fn refused(&self, path: &str, body: Value) -> u64 {
        let answer = self.call(path, body.clone()).await;
        assert_ne!(answer["code"], 200, "{path} {body}: {answer}");
        assert!(answer["msg"].as_str().is_some_and(|msg| !msg.is_empty()), "{answer}");
        answer["code"].as_u64().unwrap()
    }

    /// A socket, and the sync that begins it.
    pub async fn connected(&self) -> (Line, Value) {
        let mut line = self.socket().await;
        let sync = line.system(19).await;
        (line, sync)
    }

    /// A socket whose first sync does not matter.
    pub async fn line(&self) -> Line {
        self.connected().await.0
    }

    /// A socket as it is opened.
    pub async fn socket(&self) -> Line {
        let query = format!("token={}", self.token);
        let opened = dial(&self.club, &query).await;
        opened.unwrap_or_else(|status| panic!("{} cannot connect: {status}", self.id))
    }

    /// Makes a group with others, and answers its id.
    pub async fn group(&self, name: &str, others: &[&Person]) -> String {
        let others: Vec<&str> = others.iter().map(|other| other.id.as_str()).collect();
        let body = json!({ "group_name": name, "app_user_ids": others });
        let data = self.done("/group/create", body).await;
        data["group_id"].as_str().unwrap().to_owned()
    }
}
