//! Finding things by words.

use async_trait::async_trait;

use super::Result;
use crate::model::{AppId, ConversationId, Message, User, UserId};

/// Search. A word of a script without spaces is found by any part of it, any other by its beginning.
#[async_trait]
pub trait Search {
    /// Users by part of their nickname, in order of it; only friends of a user if one is named.
    async fn search_users(&self, app: AppId, text: &str, friends_of: Option<&UserId>, limit: u32) -> Result<Vec<User>>;
    /// Messages that a member can see, newest first, in one conversation or in the most active of all it is in.
    async fn search_messages(
        &self,
        app: AppId,
        viewer: &UserId,
        text: &str,
        conversation: Option<ConversationId>,
        limit: u32,
    ) -> Result<Vec<Message>>;
}
