//! Where the credentials of users are: behind the front door. Guests see none of them.

use async_trait::async_trait;

use crate::model::{App, AppId, DeviceId, Millis, Refusal, UserId};

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// What was given is not right.
    Wrong,
    /// It was once.
    Expired,
    /// There is no such user.
    UnknownUser,
    /// The user is banned.
    Banned,
    /// Not in this way, or not now.
    NotAllowed,
}

/// Keeps and checks credentials. `node` fulfils it with `chat`.
#[async_trait]
pub trait Vault: Send + Sync {
    /// Sets the token that a user's own system has given it; without one, makes one.
    async fn set_token(&self, app: AppId, user: &UserId, token: Option<String>) -> Result<String, Refusal>;
    /// That token.
    async fn token_of(&self, app: AppId, user: &UserId) -> Result<Option<String>, Refusal>;
    /// Makes a token with an end.
    async fn issue_token(
        &self,
        app: AppId,
        user: &UserId,
        device: Option<DeviceId>,
        seconds: u32,
        now: Millis,
    ) -> Result<String, Refusal>;
    /// Ends all of a user's tokens.
    async fn revoke_tokens(&self, app: AppId, user: &UserId) -> Result<(), Refusal>;
    /// Keeps a password.
    async fn set_password(&self, app: AppId, user: &UserId, password: String) -> Result<(), Refusal>;
    /// What stands for a text in an app, for good.
    fn fingerprint(&self, app: AppId, text: &str) -> String;
    /// Whose token this is, given or made.
    async fn owner_of_token(&self, app: AppId, token: &str, now: Millis) -> Result<UserId, Denial>;
    /// Whether this is a user's password.
    async fn check_password(&self, app: AppId, user: &UserId, password: String) -> Result<(), Denial>;
    /// Whether a user may come in; with `create`, one who is not known is made, if the app allows it.
    async fn admit(&self, app: &App, user: &UserId, create: bool, now: Millis) -> Result<(), Denial>;
}
