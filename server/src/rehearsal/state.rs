//! How things are after a step, as far as a story asks.

use serde_json::{Map, Value, json};

use super::acts::user;
use super::compare::{self, Mismatch};
use super::names::Names;
use super::seen::parsed;
use super::stage::Stage;
use super::times::write_span;
use crate::model::{AppId, PluginName, Role};
use crate::storage::{InstallKey, Kv as _, Timers as _};

/// Timers of a plugin that are looked at.
const TIMERS: u32 = 100;

/// What a story looks at things with.
pub(super) struct Look<'a> {
    pub(super) stage: &'a Stage,
    pub(super) app: AppId,
    pub(super) plugin: &'a PluginName,
    pub(super) names: &'a Names,
}

impl Look<'_> {
    /// Compares keys.
    pub(super) async fn kv(&self, expected: &Map<String, Value>) -> anyhow::Result<Vec<Mismatch>> {
        let mut found = Vec::new();
        for (key, value) in &self.names.fill_fields(expected) {
            let now = self.stage.now();
            let entry = self.stage.storage.kv_get(self.app, self.plugin, key, now).await?;
            let there = entry.map_or(Value::Null, |entry| read(&entry.value));
            found.extend(compare::value(&format!("kv {key}"), value, &there));
        }
        Ok(found)
    }

    /// Timers as they stand, by name.
    pub(super) async fn timers(&self) -> anyhow::Result<Vec<Value>> {
        let key = InstallKey {
            app: self.app,
            plugin: self.plugin.clone(),
        };
        let timers = self.stage.storage.timers(&key, None, TIMERS).await?;
        let now = self.stage.now();
        let shown = timers.into_iter().map(|timer| {
            json!({
                "name": timer.name,
                "in": write_span(timer.next_at.0 - now.0),
                "every": timer.schedule.every.and_then(|every| i64::try_from(every).ok()).map(write_span),
                "payload": parsed(&timer.payload),
                "runs_done": timer.runs_done,
            })
        });
        Ok(shown.collect())
    }

    /// Compares conversations.
    pub(super) async fn conversations(&self, expected: &Map<String, Value>) -> anyhow::Result<Vec<Mismatch>> {
        let mut found = Vec::new();
        for (name, value) in expected {
            let id = self.names.conversation_of(name)?;
            let there = match self.stage.chat.scene(self.app, id).await {
                Ok((roster, last)) => {
                    let role = |role| match role {
                        Role::Owner => "owner",
                        Role::Admin => "admin",
                        Role::Member => "member",
                    };
                    let members = roster.members.iter();
                    let members: Map<String, Value> = members
                        .map(|member| (member.user.to_string(), role(member.role).into()))
                        .collect();
                    let of = &roster.conversation;
                    json!({"name": of.name, "cover": of.cover, "ext": parsed(&of.ext), "muted": of.muted,
                        "members_invite": of.members_invite, "members": members, "last_seq": last.0})
                }
                Err(_) => Value::Null,
            };
            found.extend(compare::value(
                &format!("conversation {name}"),
                &self.names.fill(value),
                &there,
            ));
        }
        Ok(found)
    }

    /// Compares users.
    pub(super) async fn users(&self, expected: &Map<String, Value>) -> anyhow::Result<Vec<Mismatch>> {
        let mut found = Vec::new();
        for (uid, value) in expected {
            let there = match self.stage.chat.user(self.app, &user(uid)?).await {
                Ok(of) => json!({"nickname": of.nickname, "avatar": of.avatar, "attributes": parsed(&of.attributes),
                    "banned": of.ban.is_some()}),
                Err(_) => Value::Null,
            };
            found.extend(compare::value(&format!("user {uid}"), &self.names.fill(value), &there));
        }
        Ok(found)
    }
}

/// A stored value: JSON, or a text, or as many bytes as there are.
fn read(bytes: &[u8]) -> Value {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return format!("<{} bytes>", bytes.len()).into();
    };
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}
