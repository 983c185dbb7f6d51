//! What the server itself says about changes of groups, in apps that want it: stored with the change, told after it.
//! It is a message like others: it has a place, is in the history and counts as unread, but not to who did it.

use super::{Chat, doer, observers};
use crate::model::{Context, ConversationId, ConversationKind, EventKind, Kind, SystemChange};
use crate::plugin_host::Chain;
use crate::storage::{Remark, Remarks};

/// Makes the remarks about one change.
pub(super) struct Narrator<'a> {
    ctx: &'a Context,
    chain: &'a Chain,
}

impl Chat {
    /// Whoever tells of a change of such a conversation; nobody if the app does not want it, or if it is a direct one.
    pub(super) fn narrator<'a>(
        &self,
        ctx: &'a Context,
        chain: &'a Chain,
        kind: ConversationKind,
    ) -> Option<Narrator<'a>> {
        let app = self.tenants.get(ctx.app)?;
        let wanted = app.settings.system_messages && kind != ConversationKind::Direct;
        wanted.then_some(Narrator { ctx, chain })
    }
}

impl Narrator<'_> {
    /// Remarks about what a write gives: `tell` is handed it, and a way to say one thing about a conversation.
    pub(super) fn remarks<T>(
        &self,
        tell: impl FnOnce(&T, &mut dyn FnMut(ConversationId, SystemChange<'_>)) + Send + 'static,
    ) -> Remarks<T> {
        let (origin, depth) = self.ctx.origin();
        let jobs = observers::of_message(self.chain, EventKind::MessageSent, &Kind::system(), origin, depth);
        let (app, by) = (self.ctx.app, doer(self.ctx));
        Box::new(move |what| {
            let mut list = Vec::new();
            tell(what, &mut |conversation, change| {
                list.push(Remark {
                    app,
                    conversation,
                    body: change.body(by.as_ref()),
                    by: by.clone(),
                    jobs: jobs.clone(),
                });
            });
            list
        })
    }
}
