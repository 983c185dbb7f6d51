//! Who asks, and when.

use super::{AppId, ConnectionId, DeviceId, Millis, PluginName, UserId};

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
}
