//! Acting on a message: the plugin that owns its kind decides, and what it decides is stored only over the message it was
//! shown. Whoever comes second is decided on what came first.

use std::sync::Arc;

use super::error::{Result, refuse};
use super::messages::announce;
use super::permission::Action;
use super::{Chat, observers};
use crate::model::{
    Actor, Body, CallId, Change, Code, Context, Cursor, EventKind, Message, MessageId, MessageState, Refusal, Reply,
    Roster,
};
use crate::plugin_host::{self, Acted, Chain};
use crate::storage::{Deed, EffectKey, Sequel};

/// How often an action is decided afresh because the message has changed meanwhile.
const TRIES: u32 = 16;

/// A message as an action finds it.
struct Scene {
    message: Message,
    seen: Cursor,
    roster: Arc<Roster>,
}

impl Chat {
    pub(super) async fn act(
        &self,
        ctx: &Context,
        id: MessageId,
        data: Body,
        once: Option<(CallId, u32)>,
    ) -> Result<Reply> {
        if !data.is_object() {
            return Err(Refusal::field("data", "must be an object"));
        }
        self.bounded(&data)?;
        let once = once.map(EffectKey::from);
        if let Some(effect) = &once {
            let known = self.storage.answered(ctx.app, effect).await.map_err(refuse)?;
            if let Some(answer) = known {
                return Ok(Reply::Answer(answer));
            }
        }
        for _ in 0..TRIES {
            let scene = self.scene_of(ctx, id).await?;
            let chain = self.plugins.chain_in(ctx.app, scene.message.conversation);
            let call = self.call(ctx, depth(ctx));
            let action = plugin_host::Action {
                user: ctx.user(),
                message: &scene.message,
                roster: &scene.roster,
                data: &data,
            };
            let acted = chain.act(&call, action).await?;
            if let Some(body) = &acted.body {
                self.bounded(body)?;
            }
            let answer = acted.answer.clone();
            if self.carry_out(ctx, &chain, scene, acted, once.clone()).await? {
                return Ok(Reply::Answer(answer));
            }
        }
        Err(Refusal::busy("too many act on this message at the same time", 100))
    }

    /// The message, for someone who may act on it.
    async fn scene_of(&self, ctx: &Context, id: MessageId) -> Result<Scene> {
        let missing = || Refusal::not_found("message");
        let found = self.storage.message_as_of(ctx.app, id, ctx.user()).await;
        let (message, seen) = found.map_err(refuse)?.ok_or_else(missing)?;
        let roster = self.rosters.get(ctx.app, message.conversation).await;
        let roster = roster.map_err(|_| missing())?;
        if ctx.user().is_some_and(|user| roster.member(user).is_none()) {
            return Err(missing());
        }
        self.check_plain(ctx, &roster, Action::React)?;
        if let MessageState::Recalled(_) = message.state {
            return Err(Refusal::new(Code::Conflict, "the message was recalled"));
        }
        Ok(Scene { message, seen, roster })
    }

    /// Stores what was decided. False if the message is no longer what it was then.
    async fn carry_out(
        &self,
        ctx: &Context,
        chain: &Chain,
        scene: Scene,
        acted: Acted,
        once: Option<EffectKey>,
    ) -> Result<bool> {
        let Acted { answer, body, job } = acted;
        if body.is_none() && job.is_none() {
            return Ok(true);
        }
        let Scene { message, seen, roster } = scene;
        let mut jobs: Vec<_> = job.into_iter().collect();
        if body.is_some() {
            let depth = message.depth.max(depth(ctx));
            let origin = message.origin.as_ref();
            jobs.extend(observers::of_message(
                chain,
                EventKind::MessageEdited,
                &message.kind,
                origin,
                depth,
            ));
        }
        let Some(id) = message.id else { return Ok(true) };
        // Who acts learns the answer by the reply, and the new body as everyone does.
        let everyone = Context {
            actor: Actor::Admin,
            ..ctx.clone()
        };
        let sequel = Sequel::events(announce(&everyone, roster, Change::MessageEdited)).with_jobs(jobs);
        let deed = Deed {
            seen,
            body,
            now: ctx.now,
            answer: once.map(|effect| (effect, answer)),
            sequel,
        };
        self.storage.act_on_message(ctx.app, id, deed).await.map_err(refuse)
    }
}

/// How many plugin-made messages lead to what this one does.
const fn depth(ctx: &Context) -> u32 {
    match &ctx.actor {
        Actor::Plugin { depth, .. } => *depth,
        Actor::User { .. } | Actor::Admin => 0,
    }
}
