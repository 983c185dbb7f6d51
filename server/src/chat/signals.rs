//! What is told and not stored: typing, presence, a plugin's own events.

use std::sync::Arc;

use super::error::Result;
use super::permission::Action;
use super::{Chat, user};
use crate::hub::Link;
use crate::model::{
    Actor, Audience, Body, Change, Context, ConversationId, Cursor, Event, Except, Refusal, Reply, UserId,
};

/// Users asked about in one go at most.
const PRESENCE: usize = 100;

impl Chat {
    /// How far events have been delivered on this node.
    #[must_use]
    pub fn delivered(&self) -> Cursor {
        self.hub.delivered()
    }

    /// Makes a connection hear of these users' presence, and of no others'.
    ///
    /// # Errors
    /// `BadField` if there are too many.
    pub fn watch(&self, ctx: &Context, link: &Arc<Link>, users: Vec<UserId>) -> Result<Reply> {
        bounded(&users)?;
        self.hub.watch(link, users.clone());
        self.presence(ctx, &users)
    }

    pub(super) fn presence(&self, ctx: &Context, users: &[UserId]) -> Result<Reply> {
        bounded(users)?;
        Ok(Reply::Presence(
            users.iter().map(|user| self.hub.presence(ctx.app, user)).collect(),
        ))
    }

    pub(super) async fn set_typing(&self, ctx: &Context, conversation: ConversationId, typing: bool) -> Result<Reply> {
        let roster = self.rosters.get(ctx.app, conversation).await?;
        self.check_plain(ctx, &roster, Action::Read)?;
        if roster.members.len() > self.limits.receipt_audience {
            // In a large conversation somebody is always typing: nobody is told.
            return Ok(Reply::Done);
        }
        let change = Change::Typing {
            conversation,
            user: user(ctx)?.clone(),
            typing,
        };
        let (app, except) = (ctx.app, ctx.except());
        self.delivery.publish(&Event {
            app,
            cursor: None,
            audience: Audience::Members(roster),
            except,
            change,
        });
        Ok(Reply::Done)
    }

    pub(super) fn push(&self, ctx: &Context, user: UserId, name: String, data: Body) -> Result<Reply> {
        let Actor::Plugin { name: plugin, .. } = &ctx.actor else {
            return Err(Refusal::not_permitted("only a plugin may"));
        };
        let change = Change::Pushed {
            plugin: plugin.clone(),
            name,
            data,
        };
        self.delivery.publish(&Event {
            app: ctx.app,
            cursor: None,
            audience: Audience::Users(vec![user]),
            except: Except::Nobody,
            change,
        });
        Ok(Reply::Done)
    }

    pub(super) fn disconnect(&self, ctx: &Context, user: &UserId, reason: &str) -> Result<Reply> {
        if matches!(ctx.actor, Actor::User { .. }) {
            return Err(Refusal::not_permitted("only the app may"));
        }
        tracing::info!(app = %ctx.app, %user, reason, "disconnected by the app");
        self.hub.expel(ctx.app, user);
        Ok(Reply::Done)
    }
}

fn bounded(users: &[UserId]) -> Result<()> {
    if users.len() > PRESENCE {
        return Err(Refusal::field("users", format!("at most {PRESENCE}")));
    }
    Ok(())
}
