//! How far members have got, and who hears of it.

use std::sync::Arc;

use super::error::{Result, refuse};
use super::permission::Action;
use super::{Chat, observers, user};
use crate::model::{
    Audience, Change, Context, ConversationId, Event, EventKind, Marks, Receipt, Reply, Roster, Seq, UserId,
};
use crate::storage::Sequel;

impl Chat {
    pub(super) async fn mark(
        &self,
        ctx: &Context,
        conversation: ConversationId,
        delivered: Option<Seq>,
        read: Option<Seq>,
    ) -> Result<Reply> {
        let roster = self.rosters.get(ctx.app, conversation).await?;
        self.check_plain(ctx, &roster, Action::Read)?;
        let user = user(ctx)?.clone();
        let chain = self.plugins.chain_in(ctx.app, conversation);
        let jobs = observers::of_conversation(&chain, EventKind::Marked, ctx, std::slice::from_ref(&user));
        let (app, except, reader) = (ctx.app, ctx.except(), user.clone());
        let audience = self.readers(&roster, &user);
        let sequel = Sequel::events(move |marks: &Marks, _| {
            let receipt = Receipt {
                user: reader,
                marks: *marks,
            };
            vec![Event {
                app,
                cursor: None,
                audience,
                except,
                change: Change::Marked { conversation, receipt },
            }]
        });
        let marked = self
            .storage
            .mark(ctx.app, conversation, &user, delivered, read, sequel.with_jobs(jobs))
            .await;
        let (marks, last_seq) = marked.map_err(refuse)?;
        Ok(Reply::Marked { marks, last_seq })
    }

    pub(super) async fn list_receipts(&self, ctx: &Context, conversation: ConversationId) -> Result<Reply> {
        let roster = self.rosters.get(ctx.app, conversation).await?;
        self.check_plain(ctx, &roster, Action::Read)?;
        self.storage
            .receipts(ctx.app, conversation)
            .await
            .map(Reply::Receipts)
            .map_err(refuse)
    }

    /// Who hears of a member's marks. In a large conversation only the reader's own devices do: a thousand readers would
    /// otherwise make a million events of one message.
    pub(super) fn readers(&self, roster: &Arc<Roster>, user: &UserId) -> Audience {
        if roster.members.len() <= self.limits.receipt_audience {
            Audience::Members(roster.clone())
        } else {
            Audience::Users(vec![user.clone()])
        }
    }
}
