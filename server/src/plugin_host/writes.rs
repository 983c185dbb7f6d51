//! What a guest writes. A write of durable work is keyed by (call, index), so that doing the work again doubles nothing;
//! a write of a policy is held until the verdict and becomes a job of the accepted message.

use rustc_hash::FxHashMap;

use super::bindings::switchboard::plugin::types::Error;
use super::plugin::Plugin;
use super::quota::Quota;
use super::{convert, waits};
use crate::model::{
    Actor, Body, Call, Command, Context, MessageId, Nonce, Refusal, Reply, SendMessage, UserId, Webhook,
};
use crate::storage::{EffectKey, KvChange, KvEntry, KvOutcome, KvWrite, StorageError};

/// What becomes of the writes of a call.
#[derive(Debug)]
pub enum Writes {
    /// The hook must not write.
    Denied,
    /// They are done at once.
    Keyed {
        /// The index of the next.
        next: u32,
        /// Whether the call may be made again: then storage remembers what its writes answered.
        durable: bool,
    },
    /// They wait for the verdict.
    Held(Held),
}

/// One write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Of a key.
    Kv(KvWrite),
    /// Of a message, spoken by this member or by the app itself.
    Send {
        /// As whom.
        as_user: Option<UserId>,
        /// What; its nonce is made when it is sent.
        message: SendMessage,
    },
    /// An event for a user's connections.
    Push { user: UserId, name: String, data: Body },
    /// The end of a user's connections.
    Disconnect { user: UserId, reason: String },
    /// A request to another server.
    Post(Webhook),
}

/// What a write gave.
#[derive(Debug)]
pub enum Outcome {
    /// Of a key.
    Kv(KvOutcome),
    /// A message; no id if it was transient.
    Sent(Option<MessageId>),
    /// A delivery with this id waits to be sent.
    Posted(String),
    /// Nothing to say.
    Done,
    /// It waits for the verdict.
    Held,
}

/// Writes that wait.
#[derive(Debug, Default)]
pub struct Held {
    /// In order.
    pub writes: Vec<Write>,
    bytes: usize,
    /// What reading their keys gives before they are done.
    pub overlay: FxHashMap<String, Option<KvEntry>>,
}

impl Writes {
    /// Those of durable work.
    #[must_use]
    pub const fn durable() -> Self {
        Self::Keyed { next: 0, durable: true }
    }

    /// Those of work that is never done again.
    #[must_use]
    pub const fn once() -> Self {
        Self::Keyed {
            next: 0,
            durable: false,
        }
    }
}

impl Held {
    /// Adds one, if there is room.
    pub fn push(&mut self, write: Write, limit: usize) -> Result<(), Error> {
        let bytes = self.bytes + write.size();
        if bytes > limit {
            return Err(Error::Quota("output_bytes".to_owned()));
        }
        self.bytes = bytes;
        self.writes.push(write);
        Ok(())
    }
}

impl Write {
    fn size(&self) -> usize {
        64 + match self {
            Self::Kv(write) => {
                write.key.len()
                    + match &write.change {
                        KvChange::Set(value) | KvChange::CompareAndSet { value, .. } => value.len(),
                        KvChange::Delete | KvChange::Increment(_) => 0,
                    }
            }
            Self::Send { message, .. } => message.body.as_str().len() + message.mentions.users.len() * 64,
            Self::Push { name, data, .. } => name.len() + data.as_str().len(),
            Self::Disconnect { reason, .. } => reason.len(),
            Self::Post(webhook) => webhook.body.len() + webhook.url.len() + webhook.headers.len() * 256,
        }
    }
}

/// Does a write of a call: the one with this index.
pub async fn perform(plugin: &Plugin, call: &Call, index: u32, durable: bool, write: Write) -> Result<Outcome, Error> {
    let machine = &plugin.machine;
    match write {
        Write::Kv(write) => {
            let effect = durable.then(|| EffectKey {
                call: call.id.clone(),
                index,
            });
            let quota = machine.settings.kv_quota_bytes;
            let now = machine.clock.now();
            let written = machine
                .kv
                .kv_write(call.app, &plugin.install.name, write, effect, quota, now);
            let outcome = waits::on_server(written).await;
            outcome
                .map(Outcome::Kv)
                .map_err(|error| used_up(plugin, Quota::KvBytes, error))
        }
        Write::Send { as_user, mut message } => {
            if call.depth >= machine.settings.max_depth {
                return Err(convert::refused(
                    "too_deep",
                    "too many plugin-made messages follow from one another",
                ));
            }
            let nonce = Nonce::new(&format!("~{}.{index}", call.id));
            message.nonce = Some(nonce.map_err(|error| Error::Invalid(format!("call id {error}")))?);
            let command = Command::SendMessage(Box::new(message));
            match execute(plugin, call, as_user, command).await? {
                Reply::Sent(sent) => Ok(Outcome::Sent(sent.stored.id)),
                _ => Ok(Outcome::Sent(None)),
            }
        }
        Write::Push { user, name, data } => execute(plugin, call, None, Command::Push { user, name, data })
            .await
            .map(|_| Outcome::Done),
        Write::Disconnect { user, reason } => execute(plugin, call, None, Command::Disconnect { user, reason })
            .await
            .map(|_| Outcome::Done),
        Write::Post(webhook) => {
            let effect = durable.then(|| EffectKey {
                call: call.id.clone(),
                index,
            });
            let later = machine
                .later()
                .ok_or_else(|| Error::Unavailable("the server is starting or stopping".to_owned()))?;
            let most = machine.settings.webhooks_waiting;
            let key = plugin.key();
            let posted = waits::on_server(later.post_webhook(&key, webhook, effect, most)).await;
            posted
                .map(Outcome::Posted)
                .map_err(|error| used_up(plugin, Quota::WebhooksWaiting, error))
        }
    }
}

/// What storage says; a quota that is used up is counted, and told by its own name.
fn used_up(plugin: &Plugin, quota: Quota, error: StorageError) -> Error {
    match error {
        StorageError::Quota(_) => plugin.ledger.quotas.hit(quota),
        error => convert::storage_error(error),
    }
}

/// Passes a command through the front door in a plugin's name.
pub async fn execute(
    plugin: &Plugin,
    call: &Call,
    speaks_as: Option<UserId>,
    command: Command,
) -> Result<Reply, Error> {
    let context = Context {
        app: call.app,
        actor: Actor::Plugin {
            name: plugin.install.name.clone(),
            speaks_as,
            depth: call.depth + 1,
        },
        now: plugin.machine.clock.now(),
    };
    let reply: Result<Reply, Refusal> = plugin.machine.execute(context, command).await;
    reply.map_err(convert::refusal_error)
}
