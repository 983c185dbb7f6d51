//! Switchboard's admin and user REST, as much of it as filling a server takes.

use std::{fs, net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::{Value, json};
use ureq::{
    Agent,
    http::{Response, StatusCode},
};

use super::token;

/// How often, and how long between, a busy server is asked again.
const PATIENCE: u32 = 600;
const PAUSE: Duration = Duration::from_millis(100);

/// A client of one server; cheap to clone, usable from many threads.
#[derive(Clone)]
pub struct Admin {
    agent: Agent,
    base: String,
    operator: String,
}

/// An app and what signs its users' tokens.
#[derive(Clone, Deserialize)]
pub struct App {
    #[serde(rename = "app_id")]
    pub id: u64,
    pub secret: String,
}

impl App {
    pub fn token(&self, user: &str) -> anyhow::Result<String> {
        token::sign(self.id, &self.secret, user)
    }
}

/// A plugin to install.
#[derive(Clone)]
pub struct Install {
    pub name: String,
    pub component: Vec<u8>,
    /// Capabilities by name, with commas between.
    pub grants: String,
    /// How many calls an instance serves.
    pub reuse: u32,
    /// Its configuration.
    pub config: Value,
}

impl Install {
    /// From a file; with an instance for every call.
    pub fn read(name: &str, file: &PathBuf, grants: &str) -> anyhow::Result<Self> {
        let component = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
        Ok(Self {
            name: name.into(),
            component,
            grants: grants.into(),
            reuse: 1,
            config: json!({}),
        })
    }

    /// The same plugin with a configuration.
    pub fn configured(self, config: Value) -> Self {
        Self { config, ..self }
    }

    /// The same plugin under another name.
    pub fn named(&self, name: String) -> Self {
        Self { name, ..self.clone() }
    }
}

impl Admin {
    pub fn new(address: SocketAddr, operator: &str) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).build();
        Self {
            agent: config.into(),
            base: format!("http://{address}"),
            operator: format!("Bearer {operator}"),
        }
    }

    /// Whether the server says that it can serve.
    pub fn is_ready(&self) -> bool {
        let answer = self.agent.get(format!("{}/readyz", self.base)).call();
        answer.is_ok_and(|answer| answer.status() == StatusCode::OK)
    }

    pub fn create_app(&self, name: &str) -> anyhow::Result<App> {
        let answer = self.post("/admin/api/apps", &self.operator, &json!({ "name": name }))?;
        serde_json::from_value(answer).context("the new app")
    }

    pub fn put_user(&self, app: &App, user: &str) -> anyhow::Result<()> {
        let path = format!("/admin/api/apps/{}/users/{user}", app.id);
        let request = self
            .agent
            .put(format!("{}{path}", self.base))
            .header("Authorization", &self.operator);
        read(&path, request.send_json(json!({ "nickname": user }))?)?;
        Ok(())
    }

    /// Installs a plugin, or upgrades it.
    pub fn install(&self, app: &App, install: &Install) -> anyhow::Result<()> {
        let Install {
            name,
            component,
            grants,
            reuse,
            config,
        } = install;
        let query = format!("name={name}&grants={grants}&reuse={reuse}");
        let path = format!("/admin/api/apps/{}/plugins?{query}", app.id);
        self.upload(&path, component, config)?;
        Ok(())
    }

    /// Gives an installed plugin its configuration.
    pub fn configure(&self, app: &App, plugin: &str, config: &Value) -> anyhow::Result<()> {
        let path = format!("/admin/api/apps/{}/plugins/{plugin}", app.id);
        let request = self
            .agent
            .patch(format!("{}{path}", self.base))
            .header("Authorization", &self.operator);
        read(&path, request.send_json(json!({ "config": config }))?)?;
        Ok(())
    }

    /// Seconds that calls of a plugin's hook have taken in all, and how many calls there were.
    pub fn calls(&self, plugin: &str, hook: &str) -> anyhow::Result<(f64, f64)> {
        let request = self.agent.get(format!("{}/metrics", self.base));
        let text = request
            .header("Authorization", &self.operator)
            .call()?
            .body_mut()
            .read_to_string()?;
        let value = |name: &str| {
            let line = text.lines().find(|line| {
                line.starts_with(name)
                    && line.contains(&format!("plugin=\"{plugin}\""))
                    && line.contains(&format!("hook=\"{hook}\""))
            });
            let number = line
                .and_then(|line| line.rsplit(' ').next())
                .context("no such figure")?;
            anyhow::Ok(number.parse()?)
        };
        Ok((
            value("switchboard_plugin_call_seconds_sum")?,
            value("switchboard_plugin_call_seconds_count")?,
        ))
    }

    /// The same plugin, granted all that its component asks for.
    pub fn granted(&self, install: Install) -> anyhow::Result<Install> {
        let found = self.upload("/admin/api/plugins/inspect", &install.component, &install.config)?;
        let wanted: Vec<String> =
            serde_json::from_value(found["capabilities"].clone()).context("what a component asks for")?;
        Ok(Install {
            grants: wanted.join(","),
            ..install
        })
    }

    fn upload(&self, path: &str, component: &[u8], config: &Value) -> anyhow::Result<Value> {
        for _ in 0..PATIENCE {
            let request = self
                .agent
                .post(format!("{}{path}", self.base))
                .header("Authorization", &self.operator)
                .header("Content-Type", "application/wasm")
                .header("X-Plugin-Config", config.to_string());
            let answer = request.send(component)?;
            // The server takes a few uploads at a time and says when to come back.
            if answer.status() != StatusCode::SERVICE_UNAVAILABLE {
                return read(path, answer);
            }
            std::thread::sleep(PAUSE);
        }
        bail!("{path} is answered as busy for too long")
    }

    /// Lets a dialect answer for an app, below `prefix`.
    pub fn mount(&self, app: &App, dialect: &str, prefix: &str) -> anyhow::Result<()> {
        let path = format!("/admin/api/apps/{}/mounts", app.id);
        self.post(&path, &self.operator, &json!({ "dialect": dialect, "prefix": prefix }))?;
        Ok(())
    }

    /// A request to a dialect, which knows nothing of the operator.
    pub fn ask(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        read(path, self.agent.post(format!("{}{path}", self.base)).send_json(body)?)
    }

    /// Makes a conversation in the name of a user and answers its id.
    pub fn create_conversation(&self, token: &str, kind: &str, members: &[String]) -> anyhow::Result<u64> {
        let body = json!({ "kind": kind, "members": members, "name": "bench" });
        let answer = self.post("/v1/conversations", &format!("Bearer {token}"), &body)?;
        answer["id"].as_u64().context("a conversation without an id")
    }

    /// Sends a text. What comes of it is all the same: answers whether there was an answer at all.
    pub fn say(&self, token: &str, conversation: u64, text: &str) -> bool {
        let url = format!("{}/v1/conversations/{conversation}/messages", self.base);
        let request = self.agent.post(url).header("Authorization", format!("Bearer {token}"));
        request
            .send_json(json!({ "kind": "text", "body": { "text": text } }))
            .is_ok()
    }

    pub fn add_members(&self, token: &str, conversation: u64, users: &[String]) -> anyhow::Result<()> {
        let path = format!("/v1/conversations/{conversation}/members");
        self.post(&path, &format!("Bearer {token}"), &json!({ "users": users }))?;
        Ok(())
    }

    fn post(&self, path: &str, authorization: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("Authorization", authorization);
        read(path, request.send_json(body)?)
    }
}

/// The JSON of a success; an error with the server's own words otherwise.
fn read(path: &str, mut answer: Response<ureq::Body>) -> anyhow::Result<Value> {
    let text = answer.body_mut().read_to_string()?;
    if !answer.status().is_success() {
        bail!("{path} answers {}: {text}", answer.status());
    }
    if text.is_empty() {
        Ok(Value::Null)
    } else {
        Ok(serde_json::from_str(&text)?)
    }
}
