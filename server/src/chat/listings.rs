//! Lists of conversations and messages as clients show them, and the app's own questions about all of its conversations.

use super::error::{Result, refuse};
use super::permission::Action;
use super::{Chat, user};
use crate::model::{Context, ConversationFilter, ConversationId, Listing, Nonce, PageRequest, Refusal, Reply, UserId};

/// Conversations in a list at most.
const CONVERSATIONS: u32 = 1000;
/// Messages in a page at most.
const MESSAGES: u32 = 100;

impl Chat {
    pub(super) async fn list_views(&self, ctx: &Context, listing: Listing) -> Result<Reply> {
        let listing = Listing {
            limit: listing.limit.clamp(1, CONVERSATIONS),
            ..listing
        };
        let (items, has_more) = self
            .storage
            .views(ctx.app, user(ctx)?, &listing)
            .await
            .map_err(refuse)?;
        Ok(Reply::Views { items, has_more })
    }

    pub(super) async fn query_conversations(
        &self,
        ctx: &Context,
        filter: &ConversationFilter,
        skip: u32,
        limit: u32,
    ) -> Result<Reply> {
        only_app(ctx)?;
        let (items, total) = self
            .storage
            .query_conversations(ctx.app, filter, skip, limit.clamp(1, CONVERSATIONS))
            .await
            .map_err(refuse)?;
        Ok(Reply::Queried { items, total })
    }

    pub(super) async fn find_direct(&self, ctx: &Context, a: &UserId, b: &UserId) -> Result<Reply> {
        only_app(ctx)?;
        let found = self.storage.find_direct(ctx.app, a, b).await.map_err(refuse)?;
        let found = found.ok_or_else(|| Refusal::not_found("conversation"))?;
        self.get_conversation(ctx, found).await
    }

    pub(super) async fn page_messages(&self, ctx: &Context, request: PageRequest) -> Result<Reply> {
        let roster = self.rosters.get(ctx.app, request.conversation).await?;
        self.check_plain(ctx, &roster, Action::Read)?;
        let request = PageRequest {
            limit: request.limit.clamp(1, MESSAGES),
            ..request
        };
        self.storage
            .page(ctx.app, ctx.user(), &request)
            .await
            .map(Reply::Messages)
            .map_err(refuse)
    }

    pub(super) async fn count_messages(&self, ctx: &Context, conversation: ConversationId) -> Result<Reply> {
        let roster = self.rosters.get(ctx.app, conversation).await?;
        self.check_plain(ctx, &roster, Action::Read)?;
        self.storage
            .count_messages(ctx.app, conversation, ctx.user())
            .await
            .map(Reply::Total)
            .map_err(refuse)
    }

    pub(super) async fn find_by_nonce(
        &self,
        ctx: &Context,
        conversation: ConversationId,
        nonce: &Nonce,
    ) -> Result<Reply> {
        let roster = self.rosters.get(ctx.app, conversation).await?;
        self.check_plain(ctx, &roster, Action::Read)?;
        self.storage
            .message_by_nonce(ctx.app, conversation, nonce, ctx.user())
            .await
            .map_err(refuse)?
            .map(|message| Reply::Message(Box::new(message)))
            .ok_or_else(|| Refusal::not_found("message"))
    }
}

/// What shows more than one user's own things.
fn only_app(ctx: &Context) -> Result<()> {
    match ctx.user() {
        None => Ok(()),
        Some(_) => Err(Refusal::not_permitted("only the app may")),
    }
}
