//! `llm-reply` against a server that speaks the chat API: what the model is told, what the customer hears, and what becomes
//! of it when the model, the desk or the server fails.

mod answers;
mod failures;
mod killed;
mod silence;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::harness::{App, Model, Server, User, bundled};

const GRANTS: &str = "kv,conversations,conversations-write,messages,messages-send,http";
/// The server may reach this machine and tries again soon; and no call is made again because the machine is busy.
const SETTINGS: [&str; 4] = [
    "callbacks.allow_private=true",
    "jobs.backoff_ms=20",
    "plugins.wall_ms=20000",
    "plugins.deadline_ms=2000",
];
/// What a customer hears who is handed over.
const COLLEAGUE: &str = "One moment please, a colleague will take over.";
/// What one hears where nobody is called.
const ALONE: &str = "I am sorry, I cannot help you with this.";

/// A customer and a bot in a direct conversation.
struct Desk {
    app: App,
    customer: User,
    bot: User,
    room: u64,
}

impl Desk {
    /// On a server of its own, with a model and further configuration.
    async fn new(model: &Model, more: Value) -> Self {
        Self::on(&Server::start(&SETTINGS), model, more).await
    }

    async fn on(server: &Arc<Server>, model: &Model, more: Value) -> Self {
        let app = App::on(server, json!({ "unowned_kinds": "accept" })).await;
        app.upload("llm-reply", bundled("llm-reply"))
            .grants(GRANTS)
            .install()
            .await;
        let mut config = json!({ "bot": "bot", "agents": ["eve"], "endpoint": model.endpoint() });
        merge(&mut config, more);
        let change = json!({ "config": config, "http_hosts": [model.address.to_string()] });
        app.change_plugin("llm-reply", change).await;
        let [customer, bot] = app.users(["ann", "bot"]).await;
        let room = customer.conversation("direct", &[&bot]).await;
        Self {
            app,
            customer,
            bot,
            room,
        }
    }

    /// The same on the server that was started after this one's end.
    fn moved(&self, server: &Arc<Server>) -> Self {
        let app = self.app.moved(server);
        Self {
            customer: app.stranger("ann"),
            bot: app.stranger("bot"),
            room: self.room,
            app,
        }
    }

    async fn say(&self, text: &str) -> Value {
        self.customer.say(self.room, text).await
    }

    /// Waits for so many messages, customers' included, and answers their texts.
    async fn hear(&self, count: usize) -> Vec<String> {
        self.customer.heard(self.room, count).await
    }

    /// Sets what the conversation's data says of its desk.
    async fn put_desk(&self, desk: Value) {
        let ext = json!({ "conversation": self.room, "ext": { "desk": desk, "order": 7 } });
        self.bot.call("conversation.update", ext).await;
    }

    /// What the conversation's data says.
    async fn ext(&self) -> Value {
        let seen = self
            .customer
            .call("conversation.get", json!({ "conversation": self.room }))
            .await;
        seen["ext"].clone()
    }
}

/// Lays one object over another, sections too.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}
