//! How far members have got.

use async_trait::async_trait;

use super::{Result, Sequel};
use crate::model::{AppId, ConversationId, Marks, Receipt, Seq, UserId};

/// Marks.
#[async_trait]
pub trait Receipts {
    /// Moves marks forward, never back and never past the newest seq; reading implies delivery. Answers the marks now
    /// and the newest seq; announces only if they moved.
    async fn mark(
        &self,
        app: AppId,
        conversation: ConversationId,
        user: &UserId,
        delivered: Option<Seq>,
        read: Option<Seq>,
        sequel: Sequel<Marks>,
    ) -> Result<(Marks, Seq)>;
    /// One member's marks.
    async fn marks(&self, app: AppId, conversation: ConversationId, user: &UserId) -> Result<Marks>;
    /// Every member's marks, by uid; at most 1,000.
    async fn receipts(&self, app: AppId, conversation: ConversationId) -> Result<Vec<Receipt>>;
}
