//! Users: what they may change of themselves, and what their tenant may do about them.

use sha2::{Digest as _, Sha256};

use super::error::{Result, refuse};
use super::{AppPatch, Chat, app_only, observers, user};
use crate::model::{
    App, AppId, Audience, Change, Context, DeviceId, Event, EventKind, Except, Millis, Refusal, Reply, User, UserId,
    UserPatch,
};
use crate::plugin_host::Share;
use crate::storage::Token;
use std::sync::Arc;

/// Who hears of a changed profile, at most.
const ACQUAINTANCES: u32 = 500;
/// Characters of a nickname, bytes of an avatar's URL, bytes of attributes.
const NICKNAME: usize = 100;
const AVATAR: usize = 1000;
const ATTRIBUTES: usize = User::ATTRIBUTES;
/// Bytes of the reason of a ban.
const REASON: usize = 500;
/// Users asked for in one go at most.
const MANY: usize = 1000;
/// Seconds an issued token lasts at most: a year.
const TOKEN_SECONDS: u64 = 366 * 24 * 3600;

impl Chat {
    pub(super) async fn get_user(&self, ctx: &Context, user: UserId) -> Result<Reply> {
        self.user(ctx.app, &user).await.map(Reply::User)
    }

    pub(super) async fn get_users(&self, ctx: &Context, users: &[UserId]) -> Result<Reply> {
        if users.len() > MANY {
            return Err(Refusal::field("users", format!("at most {MANY}")));
        }
        let found = self.storage.users(ctx.app, users).await.map_err(refuse)?;
        Ok(Reply::Profiles(found))
    }

    pub(super) async fn find_user(&self, ctx: &Context, name: &str, value: &str) -> Result<Reply> {
        app_only(ctx)?;
        if !User::KEYS.contains(&name) {
            let names = User::KEYS.join(", ");
            return Err(Refusal::field("name", format!("users are found by: {names}")));
        }
        let found = self.storage.user_by_key(ctx.app, name, value).await.map_err(refuse)?;
        found.map(Reply::User).ok_or_else(|| Refusal::not_found("user"))
    }

    pub(super) async fn put_user_as_app(&self, ctx: &Context, user: &UserId, patch: UserPatch) -> Result<Reply> {
        app_only(ctx)?;
        let (user, created) = self.put_user(ctx, user, patch).await?;
        Ok(Reply::UserPut { user, created })
    }

    pub(super) async fn set_ban(&self, ctx: &Context, user: &UserId, reason: Option<String>) -> Result<Reply> {
        app_only(ctx)?;
        if reason.as_ref().is_some_and(|reason| reason.len() > REASON) {
            return Err(Refusal::field("reason", format!("must have at most {REASON} bytes")));
        }
        self.ban(ctx.app, user, reason).await.map(|()| Reply::Done)
    }

    pub(super) async fn update_user(&self, ctx: &Context, patch: UserPatch) -> Result<Reply> {
        let user = user(ctx)?.clone();
        let (changed, _) = self.put_user(ctx, &user, patch).await?;
        Ok(Reply::User(changed))
    }

    pub(super) async fn set_block(&self, ctx: &Context, other: UserId, blocked: bool) -> Result<Reply> {
        let by = user(ctx)?;
        if *by == other {
            return Err(Refusal::field("user", "nobody blocks oneself"));
        }
        self.user(ctx.app, &other).await?;
        self.people
            .set_block(ctx.app, by, &other, blocked)
            .await
            .map(Reply::Changed)
    }

    pub(super) async fn list_blocks(&self, ctx: &Context) -> Result<Reply> {
        let blocks = self.people.blocks(ctx.app, user(ctx)?).await?;
        let mut users: Vec<UserId> = blocks.iter().cloned().collect();
        users.sort();
        Ok(Reply::Users(users))
    }

    /// One user of an app.
    ///
    /// # Errors
    /// `NotFound`, or what storage answers.
    pub async fn user(&self, app: AppId, user: &UserId) -> Result<User> {
        let found = self.people.find(app, user).await?;
        found
            .map(|user| User::clone(&user))
            .ok_or_else(|| Refusal::not_found("user"))
    }

    /// Creates or changes a user. Those who know it hear of it. True if it is new.
    ///
    /// # Errors
    /// `BadField`, `Conflict` if another user has a key attribute, or what storage answers.
    pub async fn put_user(&self, ctx: &Context, user: &UserId, patch: UserPatch) -> Result<(User, bool)> {
        checked(&patch)?;
        let app = ctx.app;
        let chain = self.plugins.chain_for(app, Share::Name(user.as_str()));
        let jobs = observers::of_user(&chain, EventKind::UserUpdated, ctx.origin(), user);
        let (changed, created) = self.people.put(app, user, patch, ctx.now, jobs).await?;
        if !created {
            let mut audience = self
                .storage
                .acquaintances(app, user, ACQUAINTANCES)
                .await
                .map_err(refuse)?;
            audience.push(user.clone());
            let change = Change::UserUpdated(changed.clone());
            self.delivery.publish(&Event {
                app,
                cursor: None,
                audience: Audience::Users(audience),
                except: Except::Nobody,
                change,
            });
        }
        Ok((changed, created))
    }

    /// Issues an opaque token for a user, who must exist; answers it and when it ends.
    ///
    /// # Errors
    /// `NotFound`, `BadField`, or what storage answers.
    pub async fn issue_token(
        &self,
        app: AppId,
        user: &UserId,
        device: Option<DeviceId>,
        ttl_seconds: u64,
        now: Millis,
    ) -> Result<(String, Millis)> {
        if ttl_seconds == 0 || ttl_seconds > TOKEN_SECONDS {
            return Err(Refusal::field("ttl_seconds", format!("is 1 to {TOKEN_SECONDS}")));
        }
        self.user(app, user).await?;
        let mut random = [0; 32];
        self.random.fill(&mut random);
        let text = format!("sbu_{}", hex::encode(random));
        let expires_at = now.plus(
            i64::try_from(ttl_seconds)
                .unwrap_or(i64::MAX / 1000)
                .saturating_mul(1000),
        );
        let token = Token {
            app,
            user: user.clone(),
            device,
            expires_at,
        };
        self.storage
            .put_token(Sha256::digest(&text).into(), token, now)
            .await
            .map_err(refuse)?;
        Ok((text, expires_at))
    }

    /// Ends all opaque tokens of a user.
    ///
    /// # Errors
    /// `NotFound`, or what storage answers.
    pub async fn drop_tokens(&self, app: AppId, user: &UserId) -> Result<u32> {
        self.user(app, user).await?;
        self.storage.drop_tokens(app, user).await.map_err(refuse)
    }

    /// Bans a user, with a reason, or pardons it. A ban ends its connections.
    ///
    /// # Errors
    /// `NotFound`, or what storage answers.
    pub async fn ban(&self, app: AppId, user: &UserId, reason: Option<String>) -> Result<()> {
        let banned = reason.is_some();
        if !self.people.set_ban(app, user, reason).await? {
            return Err(Refusal::not_found("user"));
        }
        if banned {
            self.hub.expel(app, user);
        }
        Ok(())
    }

    /// Changes an app. Disabling it ends its users' connections.
    ///
    /// # Errors
    /// `NotFound`, or what storage answers.
    pub async fn update_app(&self, app: AppId, patch: AppPatch) -> Result<Arc<App>> {
        let app = self.tenants.update(app, patch).await?;
        if !app.enabled {
            self.hub.expel_app(app.id);
        }
        Ok(app)
    }
}

fn checked(patch: &UserPatch) -> Result<()> {
    if patch
        .nickname
        .as_ref()
        .is_some_and(|nickname| nickname.chars().count() > NICKNAME)
    {
        return Err(Refusal::field("nickname", format!("has at most {NICKNAME} characters")));
    }
    if patch.avatar.as_ref().is_some_and(|avatar| avatar.len() > AVATAR) {
        return Err(Refusal::field("avatar", format!("has at most {AVATAR} bytes")));
    }
    for body in [&patch.attributes, &patch.merge].into_iter().flatten() {
        if !body.is_object() {
            return Err(Refusal::field("attributes", "is a JSON object"));
        }
        if body.as_str().len() > ATTRIBUTES {
            return Err(Refusal::field("attributes", format!("has at most {ATTRIBUTES} bytes")));
        }
    }
    Ok(())
}
