//! Who is whose friend.

use async_trait::async_trait;

use super::Result;
use crate::model::{AppId, FriendsPage, Millis, UserId};

/// Friends. Each friendship has two sides, which come and go together.
#[async_trait]
pub trait Friends {
    /// Makes two users friends. False if they were.
    ///
    /// # Errors
    /// `Quota` if one of them has `most` friends already.
    async fn befriend(&self, app: AppId, one: &UserId, other: &UserId, most: u32, now: Millis) -> Result<bool>;
    /// Ends it. False if they were none.
    async fn unfriend(&self, app: AppId, one: &UserId, other: &UserId) -> Result<bool>;
    /// Sets what a user calls a friend. False if they are none.
    async fn set_remark(&self, app: AppId, by: &UserId, friend: &UserId, remark: &str) -> Result<bool>;
    /// A user's friends, oldest first, and how many there are.
    async fn friends(&self, app: AppId, user: &UserId, skip: u32, limit: u32) -> Result<FriendsPage>;
}
