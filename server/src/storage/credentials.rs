//! The tokens and passwords that a user's own system has given it.

use async_trait::async_trait;

use super::Result;
use crate::model::{AppId, UserId};

/// Credentials. A user has one given token at most, and a token is one user's of its app.
#[async_trait]
pub trait Credentials {
    /// Sets a user's given token.
    ///
    /// # Errors
    /// `Missing` if there is no such user, `Exists` if another user of the app has this token.
    async fn set_given_token(&self, app: AppId, user: &UserId, token: &str) -> Result<()>;
    /// A user's given token.
    async fn given_token(&self, app: AppId, user: &UserId) -> Result<Option<String>>;
    /// Whose given token this is.
    async fn user_of_given_token(&self, app: AppId, token: &str) -> Result<Option<UserId>>;
    /// Sets the hash of a user's password, with all that is needed to check one against it.
    ///
    /// # Errors
    /// `Missing` if there is no such user.
    async fn set_password_hash(&self, app: AppId, user: &UserId, hash: &str) -> Result<()>;
    /// The hash of a user's password.
    async fn password_hash(&self, app: AppId, user: &UserId) -> Result<Option<String>>;
    /// The key of fingerprints: this one if there is none yet, and for good.
    async fn pepper(&self, fresh: [u8; 32]) -> Result<[u8; 32]>;
}
