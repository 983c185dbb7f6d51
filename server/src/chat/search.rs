//! Finding things by words: only what who asks may see anyway.

use super::error::{Result, refuse};
use super::{Chat, user};
use crate::model::{Context, ConversationId, Listing, MessagePage, Refusal, Reply};

/// Characters that are looked for at most.
const TEXT: usize = 100;
/// Things found at most.
const FOUND: u32 = 100;

impl Chat {
    pub(super) async fn search_users(&self, ctx: &Context, text: &str, friends: bool, limit: u32) -> Result<Reply> {
        let text = checked(text)?;
        let friends_of = if friends { Some(user(ctx)?) } else { None };
        self.storage
            .search_users(ctx.app, text, friends_of, limit.clamp(1, FOUND))
            .await
            .map(Reply::Profiles)
            .map_err(refuse)
    }

    pub(super) async fn search_conversations(&self, ctx: &Context, text: &str, limit: u32) -> Result<Reply> {
        let listing = Listing {
            keyword: Some(checked(text)?.to_owned()),
            limit: limit.clamp(1, FOUND),
            ..Listing::default()
        };
        self.list_views(ctx, listing).await
    }

    pub(super) async fn search_messages(
        &self,
        ctx: &Context,
        text: &str,
        conversation: Option<ConversationId>,
        limit: u32,
    ) -> Result<Reply> {
        let text = checked(text)?;
        if !self.tenants.enabled(ctx.app)?.settings.search {
            return Err(Refusal::not_permitted("the messages of this app cannot be searched"));
        }
        let limit = limit.clamp(1, FOUND);
        // One more than is shown says whether there are more.
        let mut messages = self
            .storage
            .search_messages(ctx.app, user(ctx)?, text, conversation, limit + 1)
            .await
            .map_err(refuse)?;
        let has_more = messages.len() > limit as usize;
        messages.truncate(limit as usize);
        Ok(Reply::Messages(MessagePage { messages, has_more }))
    }
}

fn checked(text: &str) -> Result<&str> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > TEXT {
        return Err(Refusal::field("q", format!("is 1 to {TEXT} characters")));
    }
    Ok(text)
}
