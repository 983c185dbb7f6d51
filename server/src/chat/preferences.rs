//! What members choose for themselves: how a conversation is shown to them, and from where on.

use super::error::{Result, refuse};
use super::permission::Action;
use super::{Chat, user};
use crate::model::{
    Audience, Change, Context, ConversationId, Event, Except, Marks, Preferences, PreferencesPatch, Receipt, Reply, Seq,
};
use crate::storage::Sequel;

impl Chat {
    pub(super) async fn prefer(
        &self,
        ctx: &Context,
        conversation: ConversationId,
        patch: PreferencesPatch,
    ) -> Result<Reply> {
        let roster = self.rosters.get(ctx.app, conversation).await?;
        self.check_plain(ctx, &roster, Action::Read)?;
        let who = user(ctx)?.clone();
        let (app, except, audience) = (ctx.app, ctx.except(), vec![who.clone()]);
        let sequel = Sequel::events(move |now: &Preferences, cursor| {
            let change = Change::Preferred {
                conversation,
                preferences: *now,
            };
            vec![Event {
                app,
                cursor: Some(cursor),
                audience: Audience::Users(audience),
                except,
                change,
            }]
        });
        self.storage
            .prefer(ctx.app, conversation, &who, patch, sequel)
            .await
            .map(Reply::Preferences)
            .map_err(refuse)
    }

    /// Hides all there is from one member. What is cleared is read: nothing of it is left to be counted.
    pub(super) async fn clear_history(&self, ctx: &Context, conversation: ConversationId) -> Result<Reply> {
        let roster = self.rosters.get(ctx.app, conversation).await?;
        self.check_plain(ctx, &roster, Action::Read)?;
        let who = user(ctx)?.clone();
        let readers = self.readers(&roster, &who);
        let (app, except, reader) = (ctx.app, ctx.except(), who.clone());
        let sequel = Sequel::events(move |seq: &Seq, cursor| {
            let event = |cursor, audience, except, change| Event {
                app,
                cursor,
                audience,
                except,
                change,
            };
            let own = Audience::Users(vec![reader.clone()]);
            let marks = Marks {
                delivered: *seq,
                read: *seq,
            };
            let receipt = Receipt { user: reader, marks };
            let cleared = Change::HistoryCleared {
                conversation,
                seq: *seq,
            };
            vec![
                event(Some(cursor), own, except, cleared),
                event(None, readers, Except::Nobody, Change::Marked { conversation, receipt }),
            ]
        });
        self.storage
            .clear_history(ctx.app, conversation, &who, sequel)
            .await
            .map_err(refuse)?;
        Ok(Reply::Done)
    }
}
