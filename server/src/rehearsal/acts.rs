//! What a step does, as the command that anyone would give.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};

use super::names::Names;
use super::story::{Ask, Send, Step};
use crate::model::{
    Actor, AppId, Body, Command, Context, ConversationPatch, DeviceId, Echo, Kind, Mentions, Millis, PluginName,
    SendMessage, UserId,
};
use crate::plugin_host::{EndpointRequest, Param};

/// Who gives which command.
pub(super) struct Act {
    pub(super) by: Option<UserId>,
    pub(super) command: Command,
    /// What the message it sends is called from now on.
    pub(super) label: Option<String>,
}

impl Act {
    fn new(by: Option<&str>, command: Command) -> anyhow::Result<Self> {
        Ok(Self {
            by: by.map(user).transpose()?,
            command,
            label: None,
        })
    }

    /// In which context it is given.
    pub(super) fn context(&self, app: AppId, now: Millis) -> Context {
        let actor = match &self.by {
            None => Actor::Admin,
            Some(user) => Actor::User {
                user: user.clone(),
                device: DeviceId::unnamed(),
                connection: None,
            },
        };
        Context { app, actor, now }
    }

    /// The command of a step; none if the step is not one.
    pub(super) fn of(step: &Step, names: &Names) -> anyhow::Result<Option<Self>> {
        let message = |name: &str| names.message_of(name);
        let place = |name: &str| names.conversation_of(name);
        let (by, command) = if let Some(send) = &step.send {
            return Ok(Some(sent(send, names)?));
        } else if let Some(open) = &step.open {
            (Some(&open.from), Command::OpenConversation(place(&open.to)?))
        } else if let Some(edit) = &step.edit {
            let body = body(edit.text.as_deref(), edit.body.as_ref(), names)?;
            let message = message(&edit.message)?;
            (Some(&edit.from), Command::EditMessage { message, body })
        } else if let Some(touch) = &step.recall {
            (Some(&touch.from), Command::RecallMessage(message(&touch.message)?))
        } else if let Some(react) = &step.react {
            let command = Command::React {
                message: message(&react.message)?,
                emoji: react.emoji.clone(),
                add: !react.remove,
            };
            (Some(&react.from), command)
        } else if let Some(deed) = &step.act {
            let command = Command::Act {
                message: message(&deed.message)?,
                data: object(&deed.data, names),
                once: None,
            };
            (deed.from.as_ref(), command)
        } else if let Some(join) = &step.join {
            (Some(&join.from), Command::Join(place(&join.to)?))
        } else if let Some(leave) = &step.leave {
            (Some(&leave.from), Command::Leave(place(&leave.to)?))
        } else if let Some(add) = &step.add {
            let command = Command::AddMembers {
                conversation: place(&add.to)?,
                users: users(&add.users)?,
            };
            (add.from.as_ref(), command)
        } else if let Some(update) = &step.update {
            let patch = ConversationPatch {
                name: update.name.clone(),
                ext: update.ext.as_ref().map(|ext| object(ext, names)),
                merge: update.merge.as_ref().map(|merge| object(merge, names)),
                muted: update.muted,
                ..ConversationPatch::default()
            };
            let conversation = place(&update.to)?;
            (
                update.from.as_ref(),
                Command::UpdateConversation { conversation, patch },
            )
        } else {
            return Ok(None);
        };
        Self::new(by.map(String::as_str), command).map(Some)
    }
}

/// A request as the plugin would be given it.
pub(super) fn request(ask: &Ask, plugin: &PluginName, names: &Names) -> EndpointRequest {
    let params = |of: &BTreeMap<String, String>| {
        let param = |(name, value): (&String, &String)| Param {
            name: name.clone(),
            value: names.filled(value),
        };
        of.iter().map(param).collect()
    };
    let body = ask.body.as_ref().map(|body| match names.fill(body) {
        Value::String(text) => text,
        other => other.to_string(),
    });
    EndpointRequest {
        method: ask.method.clone().unwrap_or_else(|| "GET".to_owned()),
        path: names.filled(&ask.path),
        query: params(&ask.query),
        headers: params(&ask.headers),
        body: body.unwrap_or_default().into_bytes(),
        uid: ask.from.clone(),
        remote: "192.0.2.1".to_owned(),
        base: format!("http://localhost/apps/1/plugins/{plugin}"),
        id: "rehearsal".to_owned(),
    }
}

fn sent(send: &Send, names: &Names) -> anyhow::Result<Act> {
    let kind = send.kind.as_deref().unwrap_or(Kind::TEXT);
    let message = SendMessage {
        conversation: names.conversation_of(&send.to)?,
        kind: Kind::new(kind).with_context(|| format!("the kind {kind:?}"))?,
        body: body(send.text.as_deref(), send.body.as_ref(), names)?,
        nonce: None,
        mentions: Mentions {
            all: false,
            users: users(&send.mentions)?,
        },
        reply_to: send
            .reply_to
            .as_deref()
            .map(|name| names.message_of(name))
            .transpose()?,
        transient: send.transient,
        echo: Echo::default(),
    };
    Ok(Act {
        label: send.label.clone(),
        ..Act::new(send.from.as_deref(), Command::SendMessage(Box::new(message)))?
    })
}

/// A user's id.
pub(super) fn user(uid: &str) -> anyhow::Result<UserId> {
    UserId::new(uid).with_context(|| format!("the uid {uid:?}"))
}

/// Users' ids.
pub(super) fn users(uids: &[String]) -> anyhow::Result<Vec<UserId>> {
    uids.iter().map(|uid| user(uid)).collect()
}

/// An object as a body, with ids in the places of names.
pub(super) fn object(fields: &Map<String, Value>, names: &Names) -> Body {
    Body::trusted(&Value::from(names.fill_fields(fields)).to_string())
}

fn body(text: Option<&str>, body: Option<&Value>, names: &Names) -> anyhow::Result<Body> {
    match (text, body) {
        (Some(text), None) => Ok(Body::text(&names.filled(text))),
        (None, Some(body)) => Ok(Body::trusted(&names.fill(body).to_string())),
        _ => bail!("a message has either `text` or `body`"),
    }
}
