//! A message's way through the rules: who may, what it must be, what the tenant's plugins say, and then storage. This is
//! the hot path: for a `text` that answers no other message, in an app without policies, it asks neither storage, unless
//! something is not at hand, nor a guest.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use tokio::sync::oneshot;

use super::error::{Result, refuse};
use super::permission::{Action, Subject};
use super::slash::Heard;
use super::tenants::Tenant;
use super::{Chat, observers};
use crate::model::{
    Actor, App, Audience, Body, Call, Change, Code, Context, ConversationKind, Draft, Event, Except, Message, Millis,
    Nonce, Refusal, Roster, SendMessage, Sender, Sent, Seq, SlashRun, Stored,
};
use crate::plugin_host::{Attempt, Chain};
use crate::storage::{Append, NewJob, StorageError};

/// What a plugin-made nonce begins with: no client can take one from a plugin's write.
const RESERVED: char = '~';

/// Users named in a message at most.
const MENTIONS: usize = 100;

/// A message on its way: accepted by the rules, not yet durable. Its sender is acknowledged when this resolves.
pub enum Pending {
    /// Done already: transient messages have nothing to wait for.
    Ready(Sent),
    /// Waits for the commit.
    Commit {
        /// Told once it is durable.
        ack: oneshot::Receiver<Result<Stored, StorageError>>,
        /// What is stored, if it is not what was sent.
        body: Option<Body>,
        /// The command that has said it.
        command: Option<Box<SlashRun>>,
    },
}

impl Future for Pending {
    type Output = Result<Sent>;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Ready(sent) => Poll::Ready(Ok(sent.clone())),
            Self::Commit { ack, body, command } => Pin::new(ack).poll(cx).map(|answer| {
                let gone = || Refusal::busy("the server is going away; nothing was stored", 1000);
                let stored = answer.map_err(|_| gone())?.map_err(refuse)?;
                let body = body.take().filter(|_| !stored.duplicate);
                let command = command.take();
                Ok(Sent { stored, body, command })
            }),
        }
    }
}

impl Chat {
    /// Takes a message as far as the writer's queue. Whoever needs its messages in order awaits this for one before it
    /// calls it for the next; the acks may be awaited together.
    ///
    /// # Errors
    /// The rule, the kind's owner or the policy that refused it.
    pub async fn send(&self, ctx: &Context, message: SendMessage) -> Result<Pending> {
        let Tenant { app, messages } = self.tenants.sending(ctx.app)?;
        self.pace.keep(ctx, &messages)?;
        let roster = self.rosters.get(ctx.app, message.conversation).await?;
        self.may_speak(ctx, &roster).await?;
        let chain = self.plugins.chain_in(ctx.app, message.conversation);
        self.may_answer(ctx, &message).await?;
        let (given, echo) = (message.body.clone(), message.echo);
        let (message, command) = match Self::slash_text(ctx, &chain, &message) {
            None => (message, None),
            Some(text) => match Box::pin(self.hear(ctx, &app, (&chain, &roster), message, &text)).await? {
                Heard::Message(message, command) => (message, command),
                Heard::Ran { run, again } => return Ok(ran(ctx, run, again)),
            },
        };
        let mut draft = self.draft(ctx, &roster, message)?;
        self.complete(ctx, &app, &chain, &mut draft, roster.conversation.kind)
            .await?;
        let attempt = Attempt::Send {
            draft: &mut draft,
            conversation: roster.conversation.kind,
        };
        let jobs = self.judge(ctx, &chain, attempt).await?;
        self.bounded(&draft.body)?;
        let body = (draft.body != given).then(|| draft.body.clone());
        let except = ctx.except_for(echo);
        if draft.transient {
            self.accepted(ctx.app, jobs).await?;
            let stored = self.deliver(ctx, roster, draft, except);
            return Ok(Pending::Ready(Sent { stored, body, command }));
        }
        let ack = self.store(ctx, &chain, roster, draft, except, jobs).await;
        Ok(Pending::Commit { ack, body, command })
    }

    /// A text that may be a command: nobody else's but a user's, and of no app that has none.
    fn slash_text(ctx: &Context, chain: &Chain, message: &SendMessage) -> Option<String> {
        if chain.commands().is_empty() || !message.kind.is_text() {
            return None;
        }
        match ctx.actor {
            Actor::User { .. } => message.body.slash_text(),
            Actor::Plugin { .. } | Actor::Admin => None,
        }
    }

    async fn may_speak(&self, ctx: &Context, roster: &Roster) -> Result<()> {
        let subject = Subject {
            silenced: roster.conversation.muted,
            ..Subject::of(roster.conversation.kind)
        };
        self.check(ctx, roster, Action::Speak, subject)?;
        if let Some(user) = ctx.user()
            && let Some(peer) = roster.peer(user)
            && self.people.blocks(ctx.app, peer).await?.contains(user)
        {
            return Err(Refusal::new(
                Code::Blocked,
                "the receiver does not accept your messages",
            ));
        }
        Ok(())
    }

    /// What a message answers must be in the same conversation.
    async fn may_answer(&self, ctx: &Context, message: &SendMessage) -> Result<()> {
        let Some(id) = message.reply_to else { return Ok(()) };
        match self.storage.message(ctx.app, id, None).await.map_err(refuse)? {
            Some(answered) if answered.conversation == message.conversation => Ok(()),
            _ => Err(Refusal {
                field: Some("reply_to".into()),
                ..Refusal::not_found("message in this conversation")
            }),
        }
    }

    fn draft(&self, ctx: &Context, roster: &Roster, message: SendMessage) -> Result<Draft> {
        self.bounded(&message.body)?;
        if message.mentions.users.len() > MENTIONS {
            return Err(Refusal::field("mentions", format!("at most {MENTIONS} users")));
        }
        if message.kind.is_system() {
            return Err(Refusal::field("kind", "`system` is what the server itself says"));
        }
        let (origin, depth) = ctx.origin();
        let sender = ctx.user().map_or(Sender::System, |user| Sender::User(user.clone()));
        let role = sender.user().and_then(|user| roster.role(user));
        Ok(Draft {
            conversation: message.conversation,
            sender,
            role,
            kind: message.kind,
            body: message.body,
            nonce: self.nonce(ctx, message.nonce)?,
            mentions: message.mentions,
            reply_to: message.reply_to,
            origin: origin.cloned(),
            depth,
            transient: message.transient,
        })
    }

    pub(super) fn nonce(&self, ctx: &Context, given: Option<Nonce>) -> Result<Nonce> {
        match given {
            Some(nonce) if nonce.as_str().starts_with(RESERVED) && !matches!(ctx.actor, Actor::Plugin { .. }) => Err(
                Refusal::field("nonce", "must not begin with '~': those are the plugins'"),
            ),
            Some(nonce) => Ok(nonce),
            None => {
                let mut random = [0; 10];
                self.random.fill(&mut random);
                let text = format!("{RESERVED}{:012x}{}", ctx.now.0, hex::encode(random));
                Nonce::new(&text).map_err(|_| Refusal::internal())
            }
        }
    }

    /// The kind's owner checks and completes the body: the core for `text`, a plugin for every other kind.
    async fn complete(
        &self,
        ctx: &Context,
        app: &App,
        chain: &Chain,
        draft: &mut Draft,
        kind: ConversationKind,
    ) -> Result<()> {
        if draft.kind.is_text() {
            return check_text(&draft.body, app.settings.text_chars);
        }
        if chain.owns(&draft.kind) {
            let call = self.call(ctx, draft.depth);
            draft.body = chain.complete(&call, draft, kind).await?;
            return self.bounded(&draft.body);
        }
        if app.settings.accept_unowned_kinds {
            return Ok(());
        }
        Err(Refusal::new(
            Code::UnknownKind,
            format!("no plugin of this app owns the kind {:?}", draft.kind.as_str()),
        ))
    }

    pub(super) fn bounded(&self, body: &Body) -> Result<()> {
        if body.as_str().len() > self.limits.message_bytes {
            let text = format!("a message's body has at most {} bytes", self.limits.message_bytes);
            return Err(Refusal::too_large("message_bytes", text));
        }
        if !body.is_object() {
            return Err(Refusal {
                field: Some("body".into()),
                ..Refusal::new(Code::BadBody, "a body is a JSON object")
            });
        }
        Ok(())
    }

    fn deliver(&self, ctx: &Context, roster: Arc<Roster>, draft: Draft, except: Except) -> Stored {
        let message = Message::from_draft(draft, None, Seq(0), ctx.now);
        self.delivery.publish(&Event {
            app: ctx.app,
            cursor: None,
            audience: Audience::Members(roster),
            except,
            change: Change::MessageSent(Arc::new(message)),
        });
        nowhere(ctx, false)
    }

    async fn store(
        &self,
        ctx: &Context,
        chain: &Chain,
        roster: Arc<Roster>,
        draft: Draft,
        except: Except,
        mut jobs: Vec<NewJob>,
    ) -> oneshot::Receiver<Result<Stored, StorageError>> {
        jobs.extend(observers::of_sent(chain, &draft));
        let (ack, pending) = oneshot::channel();
        self.storage
            .append(Append {
                app: ctx.app,
                draft,
                roster,
                except,
                jobs,
                ack,
            })
            .await;
        pending
    }

    /// Names a call that is not retried.
    pub(super) fn call(&self, ctx: &Context, depth: u32) -> Call {
        Call {
            app: ctx.app,
            id: self.plugins.fresh_call_id(),
            now: ctx.now,
            depth,
            after: self.hub.delivered(),
        }
    }
}

/// What is told of what is not stored.
const fn nowhere(ctx: &Context, duplicate: bool) -> Stored {
    Stored {
        id: None,
        seq: Seq(0),
        at: ctx.now,
        duplicate,
    }
}

/// A command after which nothing is sent.
fn ran(ctx: &Context, run: Box<SlashRun>, again: bool) -> Pending {
    Pending::Ready(Sent {
        stored: nowhere(ctx, again),
        body: None,
        command: Some(run),
    })
}

/// The one kind the core knows: a non-empty text within a limit.
pub(super) fn check_text(body: &Body, max: u32) -> Result<()> {
    let blame = |code, text: String| Refusal {
        field: Some("body.text".into()),
        ..Refusal::new(code, text)
    };
    match body.text_chars() {
        None => Err(blame(
            Code::BadBody,
            "a text message's body is {\"text\": \"…\"}".into(),
        )),
        Some(0) => Err(blame(Code::BadBody, "the text is empty".into())),
        Some(chars) if chars > max as usize => {
            Err(blame(Code::TooLarge, format!("a text has at most {max} characters")))
        }
        Some(_) => Ok(()),
    }
}

/// Whether a member is under a mute at a time.
pub(super) fn is_muted(until: Option<Millis>, now: Millis) -> bool {
    until.is_some_and(|until| until > now)
}
