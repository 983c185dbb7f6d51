//! Users and the tokens issued to them.

use async_trait::async_trait;

use super::{NewJob, Result};
use crate::model::{AppId, DeviceId, Millis, User, UserId, UserPatch};

/// An opaque token, known to storage by its hash only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The app it opens.
    pub app: AppId,
    /// As whom.
    pub user: UserId,
    /// Only on this device, if one is named.
    pub device: Option<DeviceId>,
    /// Until when.
    pub expires_at: Millis,
}

/// Users.
#[async_trait]
pub trait Users {
    /// One.
    async fn user(&self, app: AppId, user: &UserId) -> Result<Option<User>>;
    /// Those of these that exist, by id. At most 1,000.
    async fn users(&self, app: AppId, users: &[UserId]) -> Result<Vec<User>>;
    /// The one who has this value of a key attribute.
    async fn user_by_key(&self, app: AppId, name: &str, value: &str) -> Result<Option<User>>;
    /// Creates or changes one. True if it is new; else the jobs are written with the change.
    ///
    /// # Errors
    /// `Exists` with the name of a key attribute whose value another user has; `Quota` if the attributes become too
    /// large by being merged.
    async fn put_user(
        &self,
        app: AppId,
        user: &UserId,
        patch: UserPatch,
        now: Millis,
        jobs: Vec<NewJob>,
    ) -> Result<(User, bool)>;
    /// Those of these uids that exist. At most 1,000.
    async fn known_users(&self, app: AppId, users: &[UserId]) -> Result<Vec<UserId>>;
    /// Creates those of these that do not exist. At most 1,000.
    async fn ensure_users(&self, app: AppId, users: &[UserId], now: Millis) -> Result<()>;
    /// Bans (with a reason) or pardons. False if there is no such user.
    async fn set_ban(&self, app: AppId, user: &UserId, reason: Option<String>) -> Result<bool>;
    /// Keeps a token under its SHA-256; drops the user's expired ones.
    async fn put_token(&self, hash: [u8; 32], token: Token, now: Millis) -> Result<()>;
    /// The token with this hash, also when it has expired.
    async fn token(&self, hash: [u8; 32]) -> Result<Option<Token>>;
    /// Ends all tokens of a user, the given one too; says how many.
    async fn drop_tokens(&self, app: AppId, user: &UserId) -> Result<u32>;
    /// Users who share a conversation with this one, at most `limit`.
    async fn acquaintances(&self, app: AppId, user: &UserId, limit: u32) -> Result<Vec<UserId>>;
}
