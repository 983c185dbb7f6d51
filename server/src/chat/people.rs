//! Users: who may come in, their profiles, whom they have blocked. Profiles and blacklists are kept in memory, and each
//! change of one forgets what was kept of it once it is stored.

use std::collections::HashSet;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::error::{Result, refuse};
use crate::model::{App, AppId, Code, Millis, Refusal, User, UserId, UserPatch};
use crate::storage::{NewJob, Storage, StorageError, Token};

/// Blacklists at hand.
const KEPT: usize = 20_000;
/// What a profile weighs beside its texts, in bytes.
const PROFILE: usize = 256;

/// Users of all apps.
pub struct People {
    storage: Arc<dyn Storage>,
    profiles: Cache<(AppId, UserId), Arc<User>, Weight>,
    blocks: Cache<(AppId, UserId), Arc<HashSet<UserId>>>,
}

/// Profiles are kept by their size: most are small, and some are not.
#[derive(Clone)]
struct Weight;

impl Weighter<(AppId, UserId), Arc<User>> for Weight {
    fn weight(&self, _: &(AppId, UserId), user: &Arc<User>) -> u64 {
        (PROFILE + user.nickname.len() + user.avatar.len() + user.attributes.as_str().len()) as u64
    }
}

impl People {
    /// Over a storage, keeping profiles of so many bytes together.
    #[must_use]
    pub fn new(storage: Arc<dyn Storage>, profile_bytes: usize) -> Self {
        Self {
            storage,
            profiles: Cache::with_weighter(profile_bytes / PROFILE, profile_bytes as u64, Weight),
            blocks: Cache::new(KEPT),
        }
    }

    /// Lets a user in whose token has been checked: one who is not known is made, if the app allows it.
    ///
    /// # Errors
    /// `UserBanned`, `BadToken` for an unknown user, or what storage answers.
    pub async fn admit(&self, app: &App, user: &UserId, now: Millis) -> Result<Arc<User>> {
        let known = self.find(app.id, user).await?;
        let known = match known {
            Some(known) => known,
            None if app.settings.auto_create_users => {
                let (made, _) = self.put(app.id, user, UserPatch::default(), now, Vec::new()).await?;
                Arc::new(made)
            }
            None => {
                return Err(Refusal::new(
                    Code::BadToken,
                    "the token names a user that does not exist",
                ));
            }
        };
        match &known.ban {
            Some(reason) if reason.is_empty() => Err(Refusal::new(Code::UserBanned, "this user is banned")),
            Some(reason) => Err(Refusal::new(Code::UserBanned, format!("this user is banned: {reason}"))),
            None => Ok(known),
        }
    }

    /// A user, if there is one.
    ///
    /// # Errors
    /// What storage answers.
    pub async fn find(&self, app: AppId, user: &UserId) -> Result<Option<Arc<User>>> {
        let key = (app, user.clone());
        if let Some(known) = self.profiles.get(&key) {
            return Ok(Some(known));
        }
        let read = async {
            match self.storage.user(app, user).await {
                Ok(Some(user)) => Ok(Arc::new(user)),
                Ok(None) => Err(None),
                Err(error) => Err(Some(refuse(error))),
            }
        };
        // One reader at a time for a user, so that a change that comes in between removes what it has read.
        match self.profiles.get_or_insert_async(&key, read).await {
            Ok(user) => Ok(Some(user)),
            Err(None) => Ok(None),
            Err(Some(refusal)) => Err(refusal),
        }
    }

    /// Creates or changes a user. True if it is new; else the jobs are written with the change.
    ///
    /// # Errors
    /// `Conflict` naming the key attribute whose value another user has, or what storage answers.
    pub async fn put(
        &self,
        app: AppId,
        user: &UserId,
        patch: UserPatch,
        now: Millis,
        jobs: Vec<NewJob>,
    ) -> Result<(User, bool)> {
        let put = self.storage.put_user(app, user, patch, now, jobs).await;
        self.profiles.remove(&(app, user.clone()));
        put.map_err(|error| match error {
            StorageError::Exists(name) => Refusal {
                field: Some(name.into()),
                ..Refusal::new(Code::Conflict, format!("another user has this {name}"))
            },
            error => refuse(error),
        })
    }

    /// Bans a user, with a reason, or pardons it. False if there is none.
    ///
    /// # Errors
    /// What storage answers.
    pub async fn set_ban(&self, app: AppId, user: &UserId, reason: Option<String>) -> Result<bool> {
        let found = self.storage.set_ban(app, user, reason).await;
        self.profiles.remove(&(app, user.clone()));
        found.map_err(refuse)
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
