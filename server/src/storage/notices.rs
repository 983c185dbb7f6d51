//! Announcements.

use async_trait::async_trait;

use super::{EffectKey, Result, Sequel};
use crate::model::{AppId, ConversationId, Notice, UserId};

/// Announcements of conversations.
#[async_trait]
pub trait Notices {
    /// Keeps an announcement: from then on it is the conversation's newest. With an effect key of a job, doing it again
    /// answers as the first time and announces nothing.
    async fn announce(
        &self,
        app: AppId,
        conversation: ConversationId,
        text: String,
        by: Option<UserId>,
        once: Option<EffectKey>,
        sequel: Sequel<Notice>,
    ) -> Result<Notice>;
    /// Announcements, newest first, and how many there are.
    async fn notices(
        &self,
        app: AppId,
        conversation: ConversationId,
        skip: u32,
        limit: u32,
    ) -> Result<(Vec<Notice>, u32)>;
}
