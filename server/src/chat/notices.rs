//! Announcements: the newest is shown with its conversation, the others are kept.

use super::error::{Result, refuse};
use super::permission::Action;
use super::{Chat, doer, observers};
use crate::model::{
    Audience, CallId, Change, Context, ConversationId, EventKind, Notice, Refusal, Reply, Roster, SystemChange,
};
use crate::storage::EffectKey;

/// Characters of an announcement.
const TEXT: usize = 2000;
/// Announcements in a page at most.
const PAGE: u32 = 100;

impl Chat {
    pub(super) async fn announce(
        &self,
        ctx: &Context,
        conversation: ConversationId,
        text: String,
        once: Option<(CallId, u32)>,
    ) -> Result<Reply> {
        if text.chars().count() > TEXT {
            return Err(Refusal::field("text", format!("has at most {TEXT} characters")));
        }
        let roster = self.rosters.get(ctx.app, conversation).await?;
        self.check_plain(ctx, &roster, Action::Announce)?;
        let chain = self.plugins.chain_in(ctx.app, conversation);
        let mut jobs = observers::of_conversation(&chain, EventKind::ConversationUpdated, ctx, &[]);
        jobs.extend(observers::of_conversation(&chain, EventKind::Announced, ctx, &[]));
        let change = |old: &Roster, notice: &Notice| {
            let mut roster = old.clone();
            roster.conversation.updated_at = Some(notice.created_at);
            roster.conversation.notice = Some(notice.clone());
            roster
        };
        let sequel = self.members_changed(ctx, &roster, jobs, change, |roster, notice: &Notice, _| {
            let change = Change::Announced {
                roster: roster.clone(),
                notice: notice.clone(),
            };
            (Audience::Members(roster), change)
        });
        let remarks = self.narrator(ctx, &chain, roster.conversation.kind).map(|narrator| {
            narrator.remarks(move |notice: &Notice, say| say(conversation, SystemChange::Announced(notice)))
        });
        let sequel = sequel.with_remarks(remarks);
        self.storage
            .announce(
                ctx.app,
                conversation,
                text,
                doer(ctx),
                once.map(EffectKey::from),
                sequel,
            )
            .await
            .map(Reply::Notice)
            .map_err(refuse)
    }

    pub(super) async fn list_notices(
        &self,
        ctx: &Context,
        conversation: ConversationId,
        skip: u32,
        limit: u32,
    ) -> Result<Reply> {
        let roster = self.rosters.get(ctx.app, conversation).await?;
        self.check_plain(ctx, &roster, Action::Read)?;
        let (notices, total) = self
            .storage
            .notices(ctx.app, conversation, skip, limit.clamp(1, PAGE))
            .await
            .map_err(refuse)?;
        Ok(Reply::Notices { notices, total })
    }
}
