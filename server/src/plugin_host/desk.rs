//! What a call has in front of it that somebody outside asked for, of a dialect or an endpoint: for whom it may act, the
//! credentials that were sealed before the guest saw them, and the connection it is about. Other hooks have no desk: what
//! they may do is what they were granted.

use std::sync::Arc;

use async_trait::async_trait;

use super::bindings::switchboard::plugin::types::Error;
use super::convert;
use super::instance::State;
use super::sealed::Seal;
use super::visit::Wrong;
use crate::model::{Actor, ConnectionId, DeviceId, Random, Refusal, UserId};
use crate::storage::blobs::Staged;

/// A connection that can be bound to a user. The gateway fulfils it.
#[async_trait]
pub trait Binder: Send + Sync {
    /// Lets the user in over this connection; from then on its events are queued for it. Once.
    async fn bind(&self, user: &UserId, device: Option<DeviceId>) -> Result<ConnectionId, Refusal>;
}

/// Who is asking, checked by the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The app itself.
    App,
    /// One of its users.
    User(UserId),
}

/// What a call of a dialect or an endpoint has in front of it.
pub struct Desk {
    /// The credentials that came with it, and those that were made in it.
    pub seal: Seal,
    /// What was proven so far, in this call or before on its connection.
    pub proven: Vec<Proof>,
    /// Counts what was wrong.
    pub wrong: Wrong,
    /// Whether what is done for who is proven counts as the install's own doing: in a dialect's call it does not, because
    /// the host has let that one in and the act is that one's; whoever calls an endpoint with a token asks the plugin.
    pub counts: bool,
    /// The connection the call is about.
    pub binder: Option<Arc<dyn Binder>>,
    /// The connection's number, once it is bound.
    pub connection: Option<ConnectionId>,
    /// The device it is bound on.
    pub device: Option<DeviceId>,
    /// Files that came with the request; those that are not kept go with the desk.
    pub uploads: Vec<Staged>,
}

impl Desk {
    /// An empty one: nothing is proven, nothing is sealed.
    #[must_use]
    pub fn new(random: Arc<dyn Random>) -> Self {
        Self::sealing(Seal::new(random), Wrong::default())
    }

    /// One on which these texts are sealed already.
    #[must_use]
    pub const fn sealing(seal: Seal, wrong: Wrong) -> Self {
        Self {
            uploads: Vec::new(),
            seal,
            wrong,
            proven: Vec::new(),
            counts: false,
            binder: None,
            connection: None,
            device: None,
        }
    }

    /// Whether what is done now is the doing of somebody who is proven, and not of the install.
    #[must_use]
    pub const fn is_anothers_doing(&self) -> bool {
        !self.counts && !self.proven.is_empty()
    }

    /// Whether the call may act as this user.
    #[must_use]
    pub fn allows(&self, user: &UserId) -> bool {
        self.proven.iter().any(|proof| match proof {
            Proof::App => true,
            Proof::User(proven) => proven == user,
        })
    }
}

impl State {
    /// Seals a text for the length of the call.
    pub fn seal_text(&mut self, text: String) -> String {
        let task = &mut self.task;
        match (&mut task.desk, &task.plugin) {
            (Some(desk), _) => desk.seal.text(text),
            (None, Some(plugin)) => task
                .seal
                .get_or_insert_with(|| Seal::new(plugin.machine.random.clone()))
                .text(text),
            // A descriptor has nothing to seal, and what it seals opens nowhere.
            (None, None) => String::new(),
        }
    }

    /// Puts the real texts back where this call's placeholders are.
    #[must_use]
    pub fn unseal(&self, text: &str) -> String {
        match (&self.task.desk, &self.task.seal) {
            (Some(desk), _) => desk.seal.unseal(text),
            (None, Some(seal)) => seal.unseal(text),
            (None, None) => text.to_owned(),
        }
    }

    /// As whom a command is asked for: a proven user where there is a desk, the plugin itself elsewhere.
    pub fn actor(&self, speaks_as: Option<UserId>) -> Result<Actor, Error> {
        let plugin = self
            .task
            .plugin
            .as_ref()
            .ok_or_else(|| Error::Unavailable("a descriptor runs for no app and reaches nothing".to_owned()))?;
        match (&self.task.desk, speaks_as) {
            (Some(desk), Some(user)) if desk.allows(&user) => Ok(Actor::User {
                user,
                device: desk.device.clone().unwrap_or_else(DeviceId::unnamed),
                connection: desk.connection,
            }),
            (Some(_), Some(_)) => Err(convert::refused(
                "unproven",
                "there is no proof of this user in this call",
            )),
            (_, speaks_as) => Ok(Actor::Plugin {
                name: plugin.install.name.clone(),
                speaks_as,
                depth: self.task.call.depth + 1,
            }),
        }
    }
}
