//! Plugins of an app over the admin API.

use serde_json::{Value, json};

use super::app::App;
use super::eventually;
use super::http::{Response, request};

/// An upload to be made.
#[derive(Clone)]
pub struct Upload<'a> {
    app: &'a App,
    name: &'a str,
    component: Vec<u8>,
    query: String,
    config: Option<Value>,
}

impl Upload<'_> {
    /// What it may use; nothing if this is left out.
    pub fn grants(mut self, grants: &str) -> Self {
        self.query += &format!("&grants={grants}");
        self
    }

    pub fn priority(mut self, priority: i32) -> Self {
        self.query += &format!("&priority={priority}");
        self
    }

    /// As a canary, for so many of a hundred conversations.
    pub fn canary(mut self, percent: u8) -> Self {
        self.query += &format!("&canary_percent={percent}");
        self
    }

    pub fn auto_rollback(mut self, wanted: bool) -> Self {
        self.query += &format!("&auto_rollback={wanted}");
        self
    }

    /// ASCII only: it travels in a header.
    pub fn config(mut self, config: Value) -> Self {
        self.config = Some(config);
        self
    }

    /// The answer, whatever it is.
    pub async fn send(self) -> Response {
        let path = format!(
            "/admin/api/apps/{}/plugins?name={}{}",
            self.app.id, self.name, self.query
        );
        let mut request = request(self.app.server.address, "POST", &path)
            .bearer(&self.app.secret)
            .header("content-type", "application/wasm".to_owned());
        if let Some(config) = self.config {
            request = request.header("x-plugin-config", config.to_string());
        }
        request.bytes(self.component).send().await
    }

    /// The install; fails if there is none.
    pub async fn install(self) -> Value {
        // The server takes a few uploads at a time and says when to come back.
        let response = eventually("an upload's turn", async || {
            let response = self.clone().send().await;
            (response.status != 503).then_some(response)
        })
        .await;
        let installed = response.ok();
        assert_eq!(response.status, 201, "{installed}");
        installed
    }
}

impl App {
    /// An upload under a name.
    pub fn upload<'a>(&'a self, name: &'a str, component: Vec<u8>) -> Upload<'a> {
        Upload {
            app: self,
            name,
            component,
            query: String::new(),
            config: None,
        }
    }

    pub async fn plugin(&self, name: &str) -> Value {
        self.admin("GET", &format!("/plugins/{name}"), Value::Null).await.ok()
    }

    pub async fn change_plugin(&self, name: &str, change: Value) -> Value {
        self.admin("PATCH", &format!("/plugins/{name}"), change).await.ok()
    }

    /// What a plugin's log says, as one text.
    pub async fn plugin_log(&self, name: &str) -> String {
        let page = self
            .admin("GET", &format!("/plugins/{name}/logs?limit=1000"), Value::Null)
            .await
            .ok();
        let lines = page["lines"].as_array().unwrap_or_else(|| panic!("no lines: {page}"));
        lines
            .iter()
            .map(|line| format!("{} {}\n", line["level"], line["text"]))
            .collect()
    }

    /// What a plugin has said in its log, line by line.
    pub async fn plugin_lines(&self, name: &str) -> Vec<String> {
        let path = format!("/plugins/{name}/logs?limit=1000");
        let page = self.admin("GET", &path, Value::Null).await.ok();
        let lines = page["lines"].as_array().unwrap().iter();
        lines.map(|line| line["text"].as_str().unwrap().to_owned()).collect()
    }

    /// What was counted for a hook of a plugin.
    pub async fn counters(&self, name: &str, hook: &str) -> Value {
        let plugin = self.plugin(name).await;
        let counters = plugin["counters"].as_array().unwrap();
        let found = counters.iter().find(|counters| counters["hook"] == hook);
        found
            .unwrap_or_else(|| panic!("{name} has no {hook}: {plugin}"))
            .clone()
    }

    /// Jobs of this app that gave up.
    pub async fn dead_jobs(&self) -> Vec<Value> {
        let page = self.admin("GET", "/jobs?state=dead", json!(null)).await.ok();
        page["jobs"]
            .as_array()
            .unwrap_or_else(|| panic!("no jobs: {page}"))
            .clone()
    }
}
