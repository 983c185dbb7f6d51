//! Guests that attack their host. Whatever they do ends by a bound that has a name, what they should have answered is
//! decided without them, it is counted and stands in their log, they are left alone in the end, and nobody else suffers.
//!
//! `fatal` is what ends a call, in every hook; `excess` what a quota stops; `bots` what would go on for ever; `strangers`
//! who tries another app's ids; `bombs` components that no compiler of ours would make; `neighbours` what others notice.

mod bombs;
mod bots;
mod excess;
mod fatal;
mod neighbours;
mod strangers;

use std::sync::Arc;

use serde_json::{Value, json};

use super::figures::figures;
use crate::harness::{App, Guest, Server, User, eventually, guest};

/// What `hostile` imports.
const GRANTS: &str = "connections,contacts,conversations,conversations-write,credentials,files,http,impersonation,kv,\
                      messages,messages-edit,messages-send,metrics,proofs,search,signatures,timers,users,users-write,\
                      webhooks";

/// After so many failures a hook is suspended, and for longer than any test lasts.
const SUSPENDED_AFTER: u64 = 3;
/// Time enough on the wall that a busy machine runs into no other bound than the one that is meant.
const SETTINGS: [&str; 6] = [
    "plugins.wall_ms=25000",
    "plugins.breaker_failures=3",
    "plugins.breaker_first_ms=600000",
    "plugins.breaker_longest_ms=600000",
    "plugins.host_calls=200",
    "jobs.backoff_ms=1",
];

/// An app with a room, and `hostile` in it.
struct Scene {
    app: App,
    ann: User,
    room: u64,
}

impl Scene {
    /// On a server; nothing is installed yet.
    async fn on(server: &Arc<Server>) -> Self {
        let app = App::on(server, json!({})).await;
        let ann = app.user("ann").await;
        let room = ann.conversation("group", &[]).await;
        Self { app, ann, room }
    }

    /// Installs the guest under a name.
    async fn install(&self, name: &str, config: Value) -> Value {
        let upload = self.app.upload(name, guest(Guest::Hostile)).grants(GRANTS);
        upload.config(config).install().await
    }

    /// A figure of the server's about the plugin: its name and its further labels.
    async fn figure(&self, name: &str, labels: &str) -> f64 {
        let series = format!("{name}{{app=\"{}\",plugin=\"hostile\"{labels}}}", self.app.id);
        let found = figures(&self.app.server).await;
        found.get(&series).copied().unwrap_or_default()
    }

    /// What the plugin says of a mode when it has done with it.
    async fn outcome(&self, mode: &str) -> String {
        let begin = format!("{mode}: ");
        eventually(&format!("what comes of {mode}"), async || {
            let lines = self.app.plugin_lines("hostile").await;
            lines
                .iter()
                .find_map(|line| line.strip_prefix(&begin).map(str::to_owned))
        })
        .await
    }
}
