//! Friends: who is whose, and what they call each other.

use super::error::{Result, refuse};
use super::{Chat, user};
use crate::model::{Code, Context, Refusal, Reply, UserId};

/// How many friends a user has at most.
const FRIENDS: u32 = 10_000;
/// How many are told at once.
const PAGE: u32 = 1000;
/// Characters of a remark.
const REMARK: usize = 100;

impl Chat {
    pub(super) async fn add_friend(&self, ctx: &Context, other: &UserId) -> Result<Reply> {
        let one = user(ctx)?;
        if one == other {
            return Err(Refusal::field("user", "nobody is a friend of oneself"));
        }
        self.user(ctx.app, one).await?;
        self.user(ctx.app, other).await?;
        if self.people.blocks(ctx.app, other).await?.contains(one) {
            return Err(Refusal::new(Code::Blocked, "this user accepts nothing from you"));
        }
        let new = self.storage.befriend(ctx.app, one, other, FRIENDS, ctx.now).await;
        new.map(Reply::Changed).map_err(refuse)
    }

    pub(super) async fn remove_friend(&self, ctx: &Context, other: &UserId) -> Result<Reply> {
        let one = user(ctx)?;
        self.user(ctx.app, other).await?;
        let gone = self.storage.unfriend(ctx.app, one, other).await;
        gone.map(Reply::Changed).map_err(refuse)
    }

    pub(super) async fn remark_friend(&self, ctx: &Context, other: &UserId, remark: &str) -> Result<Reply> {
        if remark.chars().count() > REMARK {
            return Err(Refusal::field("remark", format!("has at most {REMARK} characters")));
        }
        let set = self.storage.set_remark(ctx.app, user(ctx)?, other, remark).await;
        if set.map_err(refuse)? {
            Ok(Reply::Done)
        } else {
            Err(Refusal::not_found("friend"))
        }
    }

    pub(super) async fn list_friends(&self, ctx: &Context, skip: u32, limit: u32) -> Result<Reply> {
        let page = self.storage.friends(ctx.app, user(ctx)?, skip, limit.min(PAGE)).await;
        page.map(Reply::Friends).map_err(refuse)
    }
}
