//! Messages that are there: looking at them, and what may still become of them.

use std::sync::Arc;

use super::error::{Result, refuse};
use super::permission::{Action, Subject};
use super::{Chat, observers, send, user};
use crate::model::{
    Audience, Body, Change, Code, Context, ConversationId, Cursor, Event, EventKind, HistoryFrom, Message, MessageId,
    MessageState, Reaction, Refusal, Reply, Roster,
};
use crate::plugin_host::{Attempt, Chain, Share};
use crate::storage::{Missed, Sequel};

/// Messages in a page at most.
const PAGE: u32 = 100;
/// Messages hidden in one go at most.
const HIDE: usize = 100;

impl Chat {
    /// How far the stream of stored changes has got.
    #[must_use]
    pub fn head(&self) -> Cursor {
        self.storage.head()
    }

    /// What the user who asks has not seen since a cursor.
    ///
    /// # Errors
    /// What storage answers.
    pub async fn missed(&self, ctx: &Context, after: Cursor) -> Result<Missed> {
        self.storage
            .missed(ctx.app, user(ctx)?, after, self.limits.resume_events)
            .await
            .map_err(refuse)
    }

    pub(super) async fn get_message(&self, ctx: &Context, id: MessageId) -> Result<Reply> {
        let (message, roster) = self.find(ctx, id).await?;
        self.check_plain(ctx, &roster, Action::Read)?;
        Ok(Reply::Message(Box::new(message)))
    }

    pub(super) async fn list_messages(
        &self,
        ctx: &Context,
        conversation: ConversationId,
        from: HistoryFrom,
        limit: u32,
    ) -> Result<Reply> {
        let roster = self.rosters.get(ctx.app, conversation).await?;
        self.check_plain(ctx, &roster, Action::Read)?;
        let limit = limit.clamp(1, PAGE);
        let page = self
            .storage
            .history(ctx.app, conversation, ctx.user(), from, limit)
            .await
            .map_err(refuse)?;
        Ok(Reply::Messages(page))
    }

    pub(super) async fn edit_message(&self, ctx: &Context, id: MessageId, body: Body) -> Result<Reply> {
        let (message, roster) = self.find(ctx, id).await?;
        self.may_change(ctx, &roster, &message, Action::Edit)?;
        if message.kind.is_system() {
            return Err(Refusal::not_permitted("what the server itself has said stays as it is"));
        }
        if let MessageState::Recalled(_) = message.state {
            return Err(Refusal::new(Code::Conflict, "the message was recalled"));
        }
        let chain = self.plugins.chain_in(ctx.app, message.conversation);
        if chain.acts_on(&message.kind) {
            return Err(Refusal::not_permitted(
                "messages of this kind are changed by acting on them only",
            ));
        }
        let mut body = self.checked_edit(ctx, &chain, &roster, &message, body).await?;
        let attempt = Attempt::Edit {
            roster: &roster,
            message: &message,
            body: &mut body,
        };
        let mut jobs = self.judge(ctx, &chain, attempt).await?;
        self.bounded(&body)?;
        jobs.extend(observers::of_change(&chain, EventKind::MessageEdited, ctx, &message));
        let announce = announce(ctx, roster, Change::MessageEdited);
        let sequel = Sequel::events(announce).with_jobs(jobs);
        let message = self
            .storage
            .edit_message(ctx.app, id, body, ctx.now, sequel)
            .await
            .map_err(refuse)?;
        Ok(Reply::Message(Box::new(message)))
    }

    /// An edited body must be what its kind asks, as a new one must.
    async fn checked_edit(
        &self,
        ctx: &Context,
        chain: &Chain,
        roster: &Roster,
        message: &Message,
        body: Body,
    ) -> Result<Body> {
        self.bounded(&body)?;
        if message.kind.is_text() {
            send::check_text(&body, self.tenants.enabled(ctx.app)?.settings.text_chars)?;
            return Ok(body);
        }
        if !chain.owns(&message.kind) {
            return Ok(body);
        }
        let draft = message.redraft(body);
        let body = chain
            .complete(&self.call(ctx, message.depth), &draft, roster.conversation.kind)
            .await?;
        self.bounded(&body)?;
        Ok(body)
    }

    pub(super) async fn recall_message(&self, ctx: &Context, id: MessageId) -> Result<Reply> {
        let (message, roster) = self.find(ctx, id).await?;
        self.may_change(ctx, &roster, &message, Action::Recall)?;
        let chain = self.plugins.chain_in(ctx.app, message.conversation);
        let attempt = Attempt::Recall {
            roster: &roster,
            message: &message,
        };
        let mut jobs = self.judge(ctx, &chain, attempt).await?;
        jobs.extend(observers::of_change(&chain, EventKind::MessageRecalled, ctx, &message));
        let sequel = Sequel::events(announce(ctx, roster, Change::MessageRecalled)).with_jobs(jobs);
        let message = self
            .storage
            .recall_message(ctx.app, id, ctx.now, sequel)
            .await
            .map_err(refuse)?;
        Ok(Reply::Message(Box::new(message)))
    }

    pub(super) async fn delete_messages(&self, ctx: &Context, ids: Vec<MessageId>) -> Result<Reply> {
        let user = user(ctx)?.clone();
        if ids.len() > HIDE {
            return Err(Refusal::field("messages", format!("at most {HIDE} at once")));
        }
        for id in &ids {
            let (_, roster) = self.find(ctx, *id).await?;
            self.check_plain(ctx, &roster, Action::Read)?;
        }
        let chain = self.plugins.chain_for(ctx.app, Share::Name(user.as_str()));
        let jobs = observers::of_hidden(&chain, ctx, &user, &ids);
        let (app, except, audience) = (ctx.app, ctx.except(), vec![user.clone()]);
        let sequel = Sequel::events(move |hidden: &Vec<MessageId>, cursor| {
            let change = Change::MessagesDeleted(hidden.clone());
            vec![Event {
                app,
                cursor: Some(cursor),
                audience: Audience::Users(audience),
                except,
                change,
            }]
        });
        let hidden = self
            .storage
            .hide_messages(ctx.app, &user, ids, sequel.with_jobs(jobs))
            .await
            .map_err(refuse)?;
        Ok(Reply::Count(u32::try_from(hidden.len()).unwrap_or(u32::MAX)))
    }

    pub(super) async fn react(&self, ctx: &Context, id: MessageId, mut emoji: String, add: bool) -> Result<Reply> {
        if !Reaction::is_emoji(&emoji) {
            return Err(Refusal::field(
                "emoji",
                format!("is 1 to {} bytes of text", Reaction::EMOJI),
            ));
        }
        let user = user(ctx)?.clone();
        let (message, roster) = self.find(ctx, id).await?;
        self.check_plain(ctx, &roster, Action::React)?;
        if let MessageState::Recalled(_) = message.state {
            return Err(Refusal::new(Code::Conflict, "the message was recalled"));
        }
        let chain = self.plugins.chain_in(ctx.app, message.conversation);
        let attempt = Attempt::React {
            roster: &roster,
            message: &message,
            emoji: &mut emoji,
            add,
        };
        let mut jobs = self.judge(ctx, &chain, attempt).await?;
        jobs.extend(observers::of_reaction(&chain, add, ctx, &message.kind, &user, &emoji));
        let (by, sign) = (user.clone(), emoji.clone());
        let change = move |message| Change::Reacted {
            message,
            user: by,
            emoji: sign,
            added: add,
        };
        let sequel = Sequel::events(announce(ctx, roster, change)).with_jobs(jobs);
        let changed = self
            .storage
            .react(ctx.app, id, &user, &emoji, add, sequel)
            .await
            .map_err(refuse)?;
        Ok(Reply::Changed(changed))
    }

    /// A message of this app that who asks has not hidden, and the conversation it is in.
    async fn find(&self, ctx: &Context, id: MessageId) -> Result<(Message, Arc<Roster>)> {
        let missing = || Refusal::not_found("message");
        let message = self
            .storage
            .message(ctx.app, id, ctx.user())
            .await
            .map_err(refuse)?
            .ok_or_else(missing)?;
        let roster = self
            .rosters
            .get(ctx.app, message.conversation)
            .await
            .map_err(|_| missing())?;
        if let Some(user) = ctx.user()
            && roster.member(user).is_none()
        {
            return Err(missing());
        }
        Ok((message, roster))
    }

    fn may_change(&self, ctx: &Context, roster: &Roster, message: &Message, action: Action) -> Result<()> {
        let own = ctx.user().is_some_and(|user| message.sender.user() == Some(user));
        // Who has left ranks lowest, and so does the app: those in charge may recall what either has said.
        let target = message.sender.user().and_then(|sender| roster.role(sender));
        let subject = Subject {
            own,
            target,
            ..Subject::of(roster.conversation.kind)
        };
        self.check(ctx, roster, action, subject)?;
        let seconds = self.tenants.enabled(ctx.app)?.settings.recall_seconds;
        if own && seconds > 0 && ctx.now > message.created_at.plus(i64::from(seconds) * 1000) {
            return Err(Refusal::not_permitted(
                "the time in which a message may be changed is over",
            ));
        }
        Ok(())
    }
}

/// Tells a conversation what has become of a message.
pub(super) fn announce(
    ctx: &Context,
    roster: Arc<Roster>,
    change: impl FnOnce(Arc<Message>) -> Change + Send + 'static,
) -> impl FnOnce(&Message, Cursor) -> Vec<Event> + Send + 'static {
    let (app, except) = (ctx.app, ctx.except());
    move |message, cursor| {
        let change = change(Arc::new(message.clone()));
        vec![Event {
            app,
            cursor: Some(cursor),
            audience: Audience::Members(roster),
            except,
            change,
        }]
    }
}
