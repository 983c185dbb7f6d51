//! An app with a help desk, its agents and its customers.

use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use crate::harness::{App, Response, Server, User, bundled, eventually, request};

/// What failed is made again soon, however busy the machine is.
pub const SOON: [&str; 5] = [
    "jobs.backoff_ms=20",
    "jobs.backoff_max_ms=200",
    "plugins.breaker_longest_ms=200",
    "plugins.wall_ms=10000",
    "plugins.deadline_ms=1000",
];

/// One for all of these tests: the component is compiled once.
static SERVER: LazyLock<Arc<Server>> = LazyLock::new(|| Server::lasting(&SOON));

const GRANTS: &str = "kv,timers,users,conversations,conversations-write,messages,messages-send,connections";

/// An app with a help desk.
pub struct Scene {
    pub app: App,
}

/// A customer in a conversation of its own.
pub struct Customer {
    pub user: User,
    pub id: u64,
}

impl Scene {
    /// With these settings over the tests' own: agents `ann` and `bob` with a cap of 1, accepted at once, no survey.
    pub async fn new(config: Value) -> Self {
        Self::on(&SERVER, config).await
    }

    pub async fn on(server: &Arc<Server>, config: Value) -> Self {
        let mut full = json!({
            "agents": [{ "uid": "ann" }, { "uid": "bob" }], "cap": 1, "accept_seconds": 0,
            "survey": { "enabled": false }, "away": { "offline_seconds": 0 }, "console_key": "key",
        });
        full.as_object_mut()
            .unwrap()
            .extend(config.as_object().unwrap().clone());
        let app = App::on(server, json!({})).await;
        app.upload("help-desk", bundled("help-desk"))
            .grants(GRANTS)
            .config(full)
            .install()
            .await;
        Self { app }
    }

    /// The same on the server that was started after this one's end.
    pub fn moved(&self, server: &Arc<Server>) -> Self {
        Self {
            app: self.app.moved(server),
        }
    }

    /// Agents who are there.
    pub async fn on_duty<const N: usize>(&self, uids: [&str; N]) -> [User; N] {
        let agents = self.app.users(uids).await;
        for agent in &agents {
            self.turn(&agent.uid, "online").await;
        }
        agents
    }

    pub async fn turn(&self, uid: &str, state: &str) {
        let body = json!({ "agent": uid, "state": state });
        self.console("POST", "/state", body).await.ok();
    }

    pub async fn customer(&self, uid: &str) -> Customer {
        let user = self.app.user(uid).await;
        let id = user.conversation("group", &[]).await;
        Customer { user, id }
    }

    /// A customer in a direct conversation with a bot.
    pub async fn direct(&self, uid: &str) -> Customer {
        let [user, bot] = self.app.users([uid, "robo"]).await;
        let id = user.conversation("direct", &[&bot]).await;
        Customer { user, id }
    }

    /// The console, for the tenant's own server.
    pub async fn console(&self, method: &str, path: &str, body: Value) -> Response {
        let path = format!("/apps/{}/plugins/help-desk{path}", self.app.id);
        let request = request(self.app.server.address, method, &path).header("x-desk-key", "key".to_owned());
        request.json(&body).send().await
    }

    /// The console, for a user.
    pub async fn console_of(&self, user: &User, method: &str, path: &str, body: Value) -> Response {
        let path = format!("/apps/{}/plugins/help-desk{path}", self.app.id);
        request(self.app.server.address, method, &path)
            .bearer(&user.token)
            .json(&body)
            .send()
            .await
    }

    /// An agent's value.
    pub async fn agent(&self, uid: &str) -> Value {
        let page = self.console("GET", "/agents", Value::Null).await.ok();
        let agents = page["agents"].as_array().unwrap();
        agents
            .iter()
            .find(|agent| agent["uid"] == uid)
            .cloned()
            .unwrap_or_default()
    }

    /// Waits until an agent has nothing any more.
    pub async fn idle(&self, uid: &str) {
        eventually(&format!("{uid} to have nothing"), async || {
            (self.load(uid).await == 0).then_some(())
        })
        .await;
    }

    /// How many conversations an agent has.
    pub async fn load(&self, uid: &str) -> usize {
        self.agent(uid).await["load"].as_array().map_or(0, Vec::len)
    }
}

impl Customer {
    /// What a bot would do that wants a person.
    pub async fn wants(&self) {
        let wanted = json!({ "desk": { "wanted": { "reason": "too hard", "from": "a bot" } } });
        let update = json!({ "conversation": self.id, "ext": wanted });
        self.user.call("conversation.update", update).await;
    }

    /// The desk's part of the conversation's data.
    pub async fn desk(&self) -> Value {
        let seen = self
            .user
            .call("conversation.get", json!({ "conversation": self.id }))
            .await;
        seen["ext"]["desk"].clone()
    }

    /// The same customer where people are: in the case of a direct conversation, else here.
    pub async fn there(&self) -> Self {
        let case = self.desk().await["case"].as_str().map(|id| id.parse().unwrap());
        let (server, uid, token) = (self.user.server.clone(), self.user.uid.clone(), self.user.token.clone());
        Self {
            user: User { server, uid, token },
            id: case.unwrap_or(self.id),
        }
    }

    /// Waits until the desk's part says so.
    pub async fn desk_is(&self, by: &str) -> Value {
        eventually(&format!("{} to be with {by}", self.user.uid), async || {
            let desk = self.desk().await;
            (desk["by"] == by && desk["wanted"].is_null()).then_some(desk)
        })
        .await
    }

    /// Waits until an agent has it.
    pub async fn agent_is(&self, uid: &str) {
        eventually(&format!("{} to be {uid}'s", self.user.uid), async || {
            (self.desk().await["agent"] == uid).then_some(())
        })
        .await;
    }

    /// Waits until it is offered to an agent, and says to whom.
    pub async fn offered(&self) -> String {
        eventually("an offer", async || {
            self.desk().await["offered"].as_str().map(str::to_owned)
        })
        .await
    }

    /// Waits for a text that contains this.
    pub async fn reads(&self, part: &str) -> Vec<String> {
        eventually(&format!("{} to read {part:?}", self.user.uid), async || {
            let texts = self.user.texts(self.id).await;
            texts.iter().any(|text| text.contains(part)).then_some(texts)
        })
        .await
    }

    /// Who is in the conversation.
    pub async fn members(&self) -> Vec<String> {
        let page = self.user.call("member.list", json!({ "conversation": self.id })).await;
        let members = page["members"].as_array().unwrap();
        members
            .iter()
            .map(|member| member["user"].as_str().unwrap().to_owned())
            .collect()
    }

    pub async fn say(&self, text: &str) {
        self.user.say(self.id, text).await;
    }
}
