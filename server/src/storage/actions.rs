//! Changing a message by what it was.

use async_trait::async_trait;

use super::{EffectKey, Result, Sequel};
use crate::model::{AppId, Body, Cursor, Message, MessageId, Millis, UserId};

/// What acting on a message writes.
pub struct Deed {
    /// The message's last change, as who decided has seen it; 0: none.
    pub seen: Cursor,
    /// Its new body, if it changes.
    pub body: Option<Body>,
    /// When.
    pub now: Millis,
    /// What is to be answered when the same piece of work asks again.
    pub answer: Option<(EffectKey, Body)>,
    /// What follows. Without a new body nothing is announced.
    pub sequel: Sequel<Message>,
}

/// Actions on messages.
#[async_trait]
pub trait Actions {
    /// A message and its last change, read together.
    async fn message_as_of(
        &self,
        app: AppId,
        message: MessageId,
        viewer: Option<&UserId>,
    ) -> Result<Option<(Message, Cursor)>>;
    /// What a piece of work was answered, if it has been done already and is not finished.
    async fn answered(&self, app: AppId, effect: &EffectKey) -> Result<Option<Body>>;
    /// Does what was decided, if the message is still what it was then. False, and nothing is written, if it is not.
    async fn act_on_message(&self, app: AppId, message: MessageId, deed: Deed) -> Result<bool>;
}
