//! Messages: the hot path, and history.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::oneshot;

use super::{NewJob, Result, Sequel};
use crate::model::{
    AppId, Body, ConversationId, Cursor, Draft, Event, Except, HistoryFrom, Message, MessageId, MessagePage, Millis,
    Nonce, PageRequest, Roster, Seq, Stored, UserId,
};

/// A message to be stored. Many of them share one commit.
pub struct Append {
    /// The tenant.
    pub app: AppId,
    /// What to store.
    pub draft: Draft,
    /// Who hears of it.
    pub roster: Arc<Roster>,
    /// Who does not hear of it: usually the sender's connection, which has the ack.
    pub except: Except,
    /// Written with it.
    pub jobs: Vec<NewJob>,
    /// Told once it is durable, before the event is announced.
    pub ack: oneshot::Sender<Result<Stored>>,
}

/// What a user has not seen.
#[derive(Debug, Clone)]
pub struct Missed {
    /// Stored changes after the cursor, oldest first: each message once, in its present state.
    pub events: Vec<Event>,
    /// The stream's end when this was read: what comes later is announced.
    pub until: Cursor,
    /// More than the limit is missing: then `events` is empty and `heads` says how far each changed conversation is.
    pub complete: bool,
    /// The user's conversations in which there is something after the cursor, and their newest seq.
    pub heads: Vec<(ConversationId, Seq)>,
}

/// Messages.
#[async_trait]
pub trait Messages {
    /// Queues a message for the next commit: dedupes by (app, sender, nonce), gives it the next seq and an id, writes it
    /// with its jobs, moves the read mark of a human sender, answers `ack`, announces the event. Waits while the queue is full.
    async fn append(&self, append: Append);
    /// How far the stream of changes has got: everything up to it is durable and announced or about to be.
    fn head(&self) -> Cursor;
    /// One message with its reactions, unless the viewer has hidden it.
    async fn message(&self, app: AppId, message: MessageId, viewer: Option<&UserId>) -> Result<Option<Message>>;
    /// A page of a conversation, without what the viewer has hidden or cleared.
    async fn history(
        &self,
        app: AppId,
        conversation: ConversationId,
        viewer: Option<&UserId>,
        from: HistoryFrom,
        limit: u32,
    ) -> Result<MessagePage>;
    /// The same, found by place or time. Times rise with the places.
    async fn page(&self, app: AppId, viewer: Option<&UserId>, request: &PageRequest) -> Result<MessagePage>;
    /// How many messages of a conversation a viewer can see.
    async fn count_messages(&self, app: AppId, conversation: ConversationId, viewer: Option<&UserId>) -> Result<u64>;
    /// The message of a conversation that was sent with a nonce, unless the viewer has hidden it.
    async fn message_by_nonce(
        &self,
        app: AppId,
        conversation: ConversationId,
        nonce: &Nonce,
        viewer: Option<&UserId>,
    ) -> Result<Option<Message>>;
    /// Hides all there is in a conversation from one of its members, and moves its marks there. Answers the newest place.
    async fn clear_history(
        &self,
        app: AppId,
        conversation: ConversationId,
        user: &UserId,
        sequel: Sequel<Seq>,
    ) -> Result<Seq>;
    /// Replaces the body of a message that is not recalled; answers it as it is now.
    async fn edit_message(
        &self,
        app: AppId,
        message: MessageId,
        body: Body,
        now: Millis,
        sequel: Sequel<Message>,
    ) -> Result<Message>;
    /// Takes a message back; its body becomes `{}` for good. A second time changes nothing and announces nothing.
    async fn recall_message(
        &self,
        app: AppId,
        message: MessageId,
        now: Millis,
        sequel: Sequel<Message>,
    ) -> Result<Message>;
    /// Hides messages from one user; answers those that were not hidden yet.
    async fn hide_messages(
        &self,
        app: AppId,
        user: &UserId,
        messages: Vec<MessageId>,
        sequel: Sequel<Vec<MessageId>>,
    ) -> Result<Vec<MessageId>>;
    /// Puts an emoji on a message or takes it away; false, and nothing follows, if it is so already. At most 20
    /// different emoji a message (`Quota`).
    async fn react(
        &self,
        app: AppId,
        message: MessageId,
        user: &UserId,
        emoji: &str,
        add: bool,
        sequel: Sequel<Message>,
    ) -> Result<bool>;
    /// What a user has not seen since a cursor; at most `limit` events.
    async fn missed(&self, app: AppId, user: &UserId, after: Cursor, limit: u32) -> Result<Missed>;
}
