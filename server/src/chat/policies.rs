//! What the app's policies say: everything that can be judged is put to them in this one way, after the server's own
//! rules and before anything is stored.

use super::Chat;
use super::error::{Result, refuse};
use crate::model::{
    Actor, AppId, Context, ConversationKind, DeviceId, Millis, NewConversation, PluginName, Seq, UserId,
};
use crate::plugin_host::{Attempt, AttemptKind, Chain, Doer, Share};
use crate::storage::NewJob;

/// Somebody who has proven who it is and wants to be let in.
#[derive(Debug, Clone, Copy)]
pub struct Visitor<'a> {
    /// The tenant.
    pub app: AppId,
    /// Who.
    pub user: &'a UserId,
    /// On which device.
    pub device: &'a DeviceId,
    /// By which dialect; none: the native protocol.
    pub dialect: Option<&'a PluginName>,
    /// From which address.
    pub remote: &'a str,
    /// When.
    pub now: Millis,
}

impl Chat {
    /// Puts something to the app's policies, which may change it. Answers the jobs that do what they wrote: they are
    /// stored with what was judged. What nobody wants to be asked about costs a look at the chain.
    pub(super) async fn judge(&self, ctx: &Context, chain: &Chain, attempt: Attempt<'_>) -> Result<Vec<NewJob>> {
        if !chain.judges(attempt.kind(), attempt.message_kind()) {
            return Ok(Vec::new());
        }
        Box::pin(self.ask(ctx, chain, attempt)).await
    }

    async fn ask(&self, ctx: &Context, chain: &Chain, mut attempt: Attempt<'_>) -> Result<Vec<NewJob>> {
        let shown = attempt.shows().map(|roster| roster.conversation.id);
        let last = match shown {
            Some(conversation) => self.storage.last_seq(ctx.app, conversation).await.map_err(refuse)?,
            None => Seq(0),
        };
        let (origin, depth) = ctx.origin();
        let doer = Doer {
            user: ctx.user(),
            role: attempt.role(ctx.user()),
            origin,
        };
        chain.judge(&self.call(ctx, depth), &doer, &mut attempt, last).await
    }

    /// The same for a new conversation. One that two users have already is found, not made.
    pub(super) async fn judge_founding(
        &self,
        ctx: &Context,
        chain: &Chain,
        new: &mut NewConversation,
        members: &[UserId],
    ) -> Result<Vec<NewJob>> {
        if chain.judges(AttemptKind::Create, None)
            && let (ConversationKind::Direct, [a, b]) = (new.kind, members)
            && self.storage.find_direct(ctx.app, a, b).await.map_err(refuse)?.is_some()
        {
            return Ok(Vec::new());
        }
        self.judge(ctx, chain, Attempt::Create { new, members }).await
    }

    /// Lets somebody in whose proof was checked, if the policies do.
    ///
    /// # Errors
    /// A policy's refusal, `PluginFailed`, or what storage answers.
    pub async fn let_in(&self, visitor: Visitor<'_>) -> Result<()> {
        let chain = self.plugins.chain_for(visitor.app, Share::Name(visitor.user.as_str()));
        if !chain.judges(AttemptKind::Connect, None) {
            return Ok(());
        }
        let ctx = Context {
            app: visitor.app,
            actor: Actor::User {
                user: visitor.user.clone(),
                device: visitor.device.clone(),
                connection: None,
            },
            now: visitor.now,
        };
        let attempt = Attempt::Connect {
            user: visitor.user,
            device: visitor.device,
            dialect: visitor.dialect,
            remote: visitor.remote,
        };
        let jobs = self.judge(&ctx, &chain, attempt).await?;
        self.accepted(visitor.app, jobs).await
    }

    /// Stores what follows from something that is not stored itself.
    pub(super) async fn accepted(&self, app: AppId, jobs: Vec<NewJob>) -> Result<()> {
        if jobs.is_empty() {
            return Ok(());
        }
        self.storage.add_jobs(app, jobs).await.map_err(refuse)
    }
}
