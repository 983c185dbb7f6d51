//! Conversations as somebody sees them.

use async_trait::async_trait;

use super::Result;
use crate::model::{AppId, ConversationFilter, ConversationId, ConversationView, Listing, Page, UserId};

/// Views.
#[async_trait]
pub trait Views {
    /// One, with the newest message the member can see, its marks and what it has chosen; none to who is not in it.
    async fn view(&self, app: AppId, conversation: ConversationId, user: &UserId) -> Result<Option<ConversationView>>;
    /// A user's conversations, newest activity first. `before` is the `next` of the page before.
    async fn conversations_of(
        &self,
        app: AppId,
        user: &UserId,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Page<ConversationView>>;
    /// A user's conversations as a client lists them: pinned ones first, the latest pin before the others; then by
    /// rank, then newest activity. Says whether there are more.
    async fn views(&self, app: AppId, user: &UserId, listing: &Listing) -> Result<(Vec<ConversationView>, bool)>;
    /// Conversations of an app, newest first, as nobody in particular sees them; and how many fit.
    async fn query_conversations(
        &self,
        app: AppId,
        filter: &ConversationFilter,
        skip: u32,
        limit: u32,
    ) -> Result<(Vec<ConversationView>, u64)>;
}
