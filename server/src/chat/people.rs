//! Users: who may come in, their profiles, whom they have blocked.

use std::collections::HashSet;
use std::sync::Arc;

use quick_cache::sync::Cache;

use super::error::{Result, refuse};
use crate::model::{App, AppId, Code, Millis, Refusal, User, UserId, UserPatch};
use crate::storage::{Storage, Token};

/// Blacklists at hand.
const KEPT: usize = 20_000;

/// Users of all apps.
pub struct People {
    storage: Arc<dyn Storage>,
    blocks: Cache<(AppId, UserId), Arc<HashSet<UserId>>>,
}

impl People {
    /// Over a storage.
    #[must_use]
    pub fn new(storage: Arc<dyn Storage>) -> Self {
        Self {
            storage,
            blocks: Cache::new(KEPT),
        }
    }

    /// Lets a user in whose token has been checked: one who is not known is made, if the app allows it.
    ///
    /// # Errors
    /// `UserBanned`, `BadToken` for an unknown user, or what storage answers.
    pub async fn admit(&self, app: &App, user: &UserId, now: Millis) -> Result<User> {
        let known = self.storage.user(app.id, user).await.map_err(refuse)?;
        let known = match known {
            Some(known) => known,
            None if app.settings.auto_create_users => {
                self.storage
                    .put_user(app.id, user, UserPatch::default(), now)
                    .await
                    .map_err(refuse)?
                    .0
            }
            None => {
                return Err(Refusal::new(
                    Code::BadToken,
                    "the token names a user that does not exist",
                ));
            }
        };
        match known.ban {
            Some(reason) if reason.is_empty() => Err(Refusal::new(Code::UserBanned, "this user is banned")),
            Some(reason) => Err(Refusal::new(Code::UserBanned, format!("this user is banned: {reason}"))),
            None => Ok(known),
        }
    }

    /// The opaque token with this hash, unless its time is over.
    ///
    /// # Errors
    /// `BadToken`, `ExpiredToken`, or what storage answers.
    pub async fn token(&self, hash: [u8; 32], now: Millis) -> Result<Token> {
        let token = self.storage.token(hash).await.map_err(refuse)?;
        let token = token.ok_or_else(|| Refusal::new(Code::BadToken, "no such token"))?;
        if token.expires_at <= now {
            return Err(Refusal::new(Code::ExpiredToken, "the token has expired"));
        }
        Ok(token)
    }

    /// Makes sure that these users exist: makes them if the app allows it.
    ///
    /// # Errors
    /// `NotFound` naming the first unknown one, or what storage answers.
    pub async fn ensure(&self, app: &App, users: &[UserId], now: Millis) -> Result<()> {
        if app.settings.auto_create_users {
            return self.storage.ensure_users(app.id, users, now).await.map_err(refuse);
        }
        let known = self.storage.known_users(app.id, users).await.map_err(refuse)?;
        match users.iter().find(|user| !known.contains(user)) {
            None => Ok(()),
            Some(user) => Err(Refusal::new(Code::NotFound, format!("no such user: {user}"))),
        }
    }

    /// Whom a user accepts nothing from.
    ///
    /// # Errors
    /// What storage answers.
    pub async fn blocks(&self, app: AppId, by: &UserId) -> Result<Arc<HashSet<UserId>>> {
        let key = (app, by.clone());
        if let Some(known) = self.blocks.get(&key) {
            return Ok(known);
        }
        let read = async {
            let blocks = self.storage.blocks(app, by).await.map_err(refuse)?;
            Ok(Arc::new(blocks.into_iter().collect::<HashSet<_>>()))
        };
        // One reader at a time for a user, so that a change that comes in between removes what it has read.
        self.blocks.get_or_insert_async(&key, read).await
    }

    /// Blocks or unblocks.
    ///
    /// # Errors
    /// What storage answers.
    pub async fn set_block(&self, app: AppId, by: &UserId, user: &UserId, blocked: bool) -> Result<bool> {
        let changed = self.storage.set_block(app, by, user, blocked).await.map_err(refuse)?;
        self.blocks.remove(&(app, by.clone()));
        Ok(changed)
    }
}
