//! Whom a user accepts nothing from.

use async_trait::async_trait;

use super::Result;
use crate::model::{AppId, UserId};

/// Blacklists.
#[async_trait]
pub trait Blocks {
    /// Adds or removes. True if anything changed.
    async fn set_block(&self, app: AppId, by: &UserId, user: &UserId, blocked: bool) -> Result<bool>;
    /// Whom this user has blocked, by uid; at most 1,000.
    async fn blocks(&self, app: AppId, by: &UserId) -> Result<Vec<UserId>>;
}
