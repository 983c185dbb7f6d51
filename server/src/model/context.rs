//! Who asks, and when.

use super::{AppId, ConnectionId, DeviceId, Echo, Except, Millis, PluginName, UserId};

/// Where the present comes from: passed in, so that a test can say what time it is.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Millis;
}

/// Where chance comes from: passed in, so that a test can repeat it.
pub trait Random: Send + Sync {
    /// Fills a buffer with unpredictable bytes.
    fn fill(&self, buffer: &mut [u8]);
}

/// Who asks for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A user, proven by a token.
    User {
        /// Who.
        user: UserId,
        /// On which device.
        device: DeviceId,
        /// Over which socket, if over one: it gets the reply and no event.
        connection: Option<ConnectionId>,
    },
    /// A plugin of the app, in one of its calls.
    Plugin {
        /// Which.
        name: PluginName,
        /// The member it speaks as; none for the app itself.
        speaks_as: Option<UserId>,
        /// How many plugin-made messages led here.
        depth: u32,
    },
    /// The tenant or the operator, by the admin API.
    Admin,
}

/// What every command comes with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The tenant it is for.
    pub app: AppId,
    /// Who asks.
    pub actor: Actor,
    /// When it came in.
    pub now: Millis,
}

impl Context {
    /// The tenant or the operator asks.
    #[must_use]
    pub const fn admin(app: AppId, now: Millis) -> Self {
        let actor = Actor::Admin;
        Self { app, actor, now }
    }

    /// The user who asks, or as whom a plugin speaks.
    #[must_use]
    pub const fn user(&self) -> Option<&UserId> {
        match &self.actor {
            Actor::User { user, .. } => Some(user),
            Actor::Plugin { speaks_as, .. } => speaks_as.as_ref(),
            Actor::Admin => None,
        }
    }

    /// The socket the command came over.
    #[must_use]
    pub const fn connection(&self) -> Option<ConnectionId> {
        match &self.actor {
            Actor::User { connection, .. } => *connection,
            _ => None,
        }
    }

    /// Who does not hear of what this brings about: the socket it came over.
    #[must_use]
    pub fn except(&self) -> Except {
        self.connection().map_or(Except::Nobody, Except::Connection)
    }

    /// The same for a message whose sender has said which of its connections hear of it.
    #[must_use]
    pub fn except_for(&self, echo: Echo) -> Except {
        match (echo, self.user()) {
            (Echo::Others, _) => self.except(),
            (Echo::Nobody, Some(user)) => Except::User(user.clone()),
            (Echo::All, _) | (Echo::Nobody, None) => Except::Nobody,
        }
    }

    /// The plugin that asks, and how many plugin-made messages lie behind what it does.
    #[must_use]
    pub fn origin(&self) -> (Option<&PluginName>, u32) {
        match &self.actor {
            Actor::Plugin { name, depth, .. } => (Some(name), *depth),
            Actor::User { .. } | Actor::Admin => (None, 0),
        }
    }
}
