//! What is there when a story begins: users, conversations, keys, and the plugin.

use std::collections::BTreeSet;

use anyhow::Context as _;
use serde_json::Value;

use super::acts::{self, object, user};
use super::play::Play;
use super::story::{ConversationLine, Story, UserLine};
use crate::model::{
    Actor, Capability, Command, Context, ConversationKind, DeviceId, NewConversation, Reply, UserPatch, Who,
};
use crate::plugin_host::{InstallPatch, InstallRequest};
use crate::storage::{Kv as _, KvChange, KvWrite};

impl Play<'_> {
    /// Makes what the story begins with, and installs the plugin last: it hears of none of that.
    pub(super) async fn set(&mut self, story: &Story) -> anyhow::Result<()> {
        for line in &story.users {
            self.user(line).await?;
        }
        self.everyone(story).await?;
        for (name, line) in &story.conversations {
            self.conversation(name, line)
                .await
                .with_context(|| format!("conversations.{name}"))?;
        }
        self.keys(story).await?;
        self.install(story).await
    }

    async fn user(&mut self, line: &UserLine) -> anyhow::Result<()> {
        let id = user(&line.uid)?;
        let patch = UserPatch {
            nickname: line.nickname.clone(),
            attributes: line.attributes.as_ref().map(|fields| object(fields, &self.names)),
            ..UserPatch::default()
        };
        self.stage
            .chat
            .put_user(&Context::admin(self.app, self.stage.now()), &id, patch)
            .await?;
        if line.online {
            self.connect(id);
        }
        Ok(())
    }

    /// Makes the users that conversations and steps name, if they are not there yet.
    async fn everyone(&self, story: &Story) -> anyhow::Result<()> {
        let mut named: BTreeSet<&str> = BTreeSet::new();
        for line in story.conversations.values() {
            named.extend(line.members.iter().map(String::as_str));
        }
        for step in &story.steps {
            let from = [
                step.send.as_ref().and_then(|send| send.from.as_deref()),
                step.open.as_ref().map(|open| open.from.as_str()),
                step.join.as_ref().map(|join| join.from.as_str()),
                step.connect.as_deref(),
                step.request.as_ref().and_then(|ask| ask.from.as_deref()),
            ];
            named.extend(from.into_iter().flatten());
            named.extend(step.add.iter().flat_map(|add| add.users.iter().map(String::as_str)));
        }
        for uid in named {
            let id = user(uid)?;
            if self.stage.chat.user(self.app, &id).await.is_err() {
                let patch = UserPatch::default();
                self.stage
                    .chat
                    .put_user(&Context::admin(self.app, self.stage.now()), &id, patch)
                    .await?;
            }
        }
        Ok(())
    }

    async fn conversation(&mut self, name: &str, line: &ConversationLine) -> anyhow::Result<()> {
        let kind = match line.kind.as_str() {
            "direct" => ConversationKind::Direct,
            "temporary" => ConversationKind::Temporary,
            "group" => ConversationKind::Group,
            "chatroom" => ConversationKind::Chatroom,
            other => anyhow::bail!("the kind {other:?} is none of direct, temporary, group, chatroom"),
        };
        let (owner, others) = line.members.split_first().context("somebody must be in it")?;
        let new = NewConversation {
            kind,
            members: acts::users(others)?,
            name: line.name.clone(),
            cover: String::new(),
            ext: object(&line.ext, &self.names),
            once: None,
        };
        let context = Context {
            app: self.app,
            actor: Actor::User {
                user: user(owner)?,
                device: DeviceId::unnamed(),
                connection: None,
            },
            now: self.stage.now(),
        };
        let made = self
            .stage
            .chat
            .execute(&context, Command::CreateConversation(Box::new(new)))
            .await?;
        let Reply::Conversation { view, .. } = made else {
            anyhow::bail!("the server made something else");
        };
        self.names.conversation(name, view.conversation.id);
        if kind == ConversationKind::Chatroom {
            for uid in others {
                let act = Actor::User {
                    user: user(uid)?,
                    device: DeviceId::unnamed(),
                    connection: None,
                };
                let context = Context {
                    actor: act,
                    ..context.clone()
                };
                self.stage
                    .chat
                    .execute(&context, Command::Join(view.conversation.id))
                    .await?;
            }
        }
        Ok(())
    }

    async fn keys(&self, story: &Story) -> anyhow::Result<()> {
        for (key, value) in &story.kv {
            let value = match self.names.fill(value) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            let write = KvWrite {
                key: self.names.filled(key),
                change: KvChange::Set(value.into_bytes()),
                expires_at: None,
            };
            let (name, now) = (&self.troupe.name, self.stage.now());
            self.stage
                .storage
                .kv_write(self.app, name, write, None, u64::MAX >> 1, now)
                .await?;
        }
        Ok(())
    }

    async fn install(&self, story: &Story) -> anyhow::Result<()> {
        let grants = match &story.grants {
            None => Capability::ALL.to_vec(),
            Some(names) => names
                .iter()
                .map(|name| Capability::named(name).with_context(|| format!("no capability is called {name:?}")))
                .collect::<anyhow::Result<_>>()?,
        };
        let hosts = self.stage.far.script(&story.http, &self.names)?;
        let request = InstallRequest {
            name: self.troupe.name.clone(),
            component: self.troupe.component.clone(),
            settings: InstallPatch {
                grants: Some(grants),
                config: Some(object(&story.config, &self.names)),
                http_hosts: Some(hosts),
                ..InstallPatch::default()
            },
        };
        self.stage
            .plugins
            .install(self.app, Who::Operator, request)
            .await
            .context("cannot install the plugin")?;
        Ok(())
    }
}
