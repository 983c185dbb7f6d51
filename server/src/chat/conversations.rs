//! Conversations: making, finding, changing and ending them.

use std::sync::Arc;

use super::error::{Result, refuse};
use super::permission::Action;
use super::{Chat, doer, observers, user};
use crate::model::{
    Audience, Change, Context, Conversation, ConversationId, ConversationKind, ConversationPatch, ConversationView,
    Event, EventKind, NewConversation, Refusal, Reply, Role, Roster, SystemChange, UserId,
};
use crate::plugin_host::Attempt;
use crate::storage::{EffectKey, NewRow, Sequel};

/// Conversations in a page at most.
const PAGE: u32 = 100;
impl Chat {
    pub(super) async fn create_conversation(&self, ctx: &Context, mut new: NewConversation) -> Result<Reply> {
        let app = self.tenants.enabled(ctx.app)?;
        Conversation::fits(Some(&new.name), Some(&new.cover), Some(&new.ext))?;
        let once = new.once.take().map(EffectKey::from);
        if let Some(effect) = &once
            && let Some(made) = self.made_before(ctx, effect).await?
        {
            return Ok(made);
        }
        let members = self.founders(ctx, &new)?;
        let users: Vec<UserId> = members.iter().map(|(user, _)| user.clone()).collect();
        let chain = self.plugins.chain(ctx.app);
        let mut jobs = self.judge_founding(ctx, &chain, &mut new, &users).await?;
        self.people.ensure(&app, &users, ctx.now).await?;
        jobs.extend(observers::of_conversation(
            &chain,
            EventKind::ConversationCreated,
            ctx,
            &[],
        ));
        let owner = members
            .iter()
            .find(|(_, role)| *role == Role::Owner)
            .map(|(user, _)| user.clone());
        let NewConversation {
            kind, name, cover, ext, ..
        } = new;
        let row = NewRow {
            kind,
            name,
            cover,
            ext,
            owner,
            creator: doer(ctx),
            members,
            now: ctx.now,
            once,
        };
        let (rosters, app, except) = (self.rosters.clone(), ctx.app, ctx.except());
        let sequel = Sequel::events(move |roster: &Roster, cursor| {
            let roster = Arc::new(roster.clone());
            rosters.insert(app, roster.clone());
            let audience = Audience::Members(roster.clone());
            vec![Event {
                app,
                cursor: Some(cursor),
                audience,
                except,
                change: Change::ConversationCreated(roster),
            }]
        });
        let remarks = self.narrator(ctx, &chain, kind).map(|narrator| {
            narrator.remarks(|made: &Roster, say| {
                let users: Vec<UserId> = made.members.iter().map(|member| member.user.clone()).collect();
                say(made.conversation.id, SystemChange::Created(&users));
            })
        });
        let sequel = sequel.with_jobs(jobs).with_remarks(remarks);
        let made = self.storage.create_conversation(ctx.app, row, sequel).await;
        let (roster, created) = made.map_err(refuse)?;
        Ok(Reply::Conversation {
            view: Box::new(self.view(ctx, &roster).await?),
            created,
        })
    }

    /// What a piece of work that is done again has made the first time. No policy is asked about it once more.
    async fn made_before(&self, ctx: &Context, effect: &EffectKey) -> Result<Option<Reply>> {
        let known = self.storage.answered(ctx.app, effect).await.map_err(refuse)?;
        let Some(Ok(id)) = known.map(|id| id.as_str().parse()) else {
            return Ok(None);
        };
        let roster = self.rosters.get(ctx.app, id).await?;
        Ok(Some(Reply::Conversation {
            view: Box::new(self.view(ctx, &roster).await?),
            created: true,
        }))
    }

    /// Who is in a new conversation, with which rank: whoever asks owns it, unless it is a direct one.
    fn founders(&self, ctx: &Context, new: &NewConversation) -> Result<Vec<(UserId, Role)>> {
        let direct = new.kind == ConversationKind::Direct;
        let asks = ctx
            .user()
            .map(|user| (user.clone(), if direct { Role::Member } else { Role::Owner }));
        let mut members: Vec<(UserId, Role)> = asks.into_iter().collect();
        for user in &new.members {
            if members.iter().all(|(known, _)| known != user) {
                members.push((user.clone(), Role::Member));
            }
        }
        let most = match new.kind {
            ConversationKind::Direct => 2,
            ConversationKind::Chatroom => self.limits.chatroom_members,
            ConversationKind::Temporary | ConversationKind::Group => self.limits.group_members,
        };
        if direct && members.len() != 2 {
            return Err(Refusal::field(
                "members",
                "a direct conversation has exactly two members, who are not the same",
            ));
        }
        if members.len() > most {
            return Err(Refusal::field("members", format!("at most {most}")));
        }
        if members.is_empty() {
            return Err(Refusal::field("members", "somebody must be in it"));
        }
        Ok(members)
    }

    pub(super) async fn get_conversation(&self, ctx: &Context, conversation: ConversationId) -> Result<Reply> {
        let roster = self.rosters.get(ctx.app, conversation).await?;
        self.check_plain(ctx, &roster, Action::View)?;
        Ok(Reply::Conversation {
            view: Box::new(self.view(ctx, &roster).await?),
            created: false,
        })
    }

    pub(super) async fn list_conversations(&self, ctx: &Context, before: Option<String>, limit: u32) -> Result<Reply> {
        let limit = limit.clamp(1, PAGE);
        if before.as_ref().is_some_and(|place| place.parse::<u64>().is_err()) {
            return Err(Refusal::field("before", "must be `next` of the page before"));
        }
        let page = self
            .storage
            .conversations_of(ctx.app, user(ctx)?, before.as_deref(), limit)
            .await;
        page.map(Reply::Conversations).map_err(refuse)
    }

    pub(super) async fn open_conversation(&self, ctx: &Context, conversation: ConversationId) -> Result<Reply> {
        let roster = self.rosters.get(ctx.app, conversation).await?;
        self.check_plain(ctx, &roster, Action::Read)?;
        let who = user(ctx)?;
        let view = self.view(ctx, &roster).await?;
        let chain = self.plugins.chain_in(ctx.app, conversation);
        if chain.greets() {
            let read = view.marks.unwrap_or_default().read;
            chain
                .opened(&self.call(ctx, ctx.origin().1), &roster, view.last_seq, who, read)
                .await;
        }
        Ok(Reply::Conversation {
            view: Box::new(view),
            created: false,
        })
    }

    pub(super) async fn update_conversation(
        &self,
        ctx: &Context,
        conversation: ConversationId,
        mut patch: ConversationPatch,
    ) -> Result<Reply> {
        Conversation::fits(patch.name.as_deref(), patch.cover.as_deref(), patch.ext.as_ref())?;
        Conversation::fits(None, None, patch.merge.as_ref())?;
        let roster = self.rosters.get(ctx.app, conversation).await?;
        let data = patch.name.is_some() || patch.cover.is_some();
        if data || patch.muted.is_some() || patch.members_invite.is_some() {
            self.check_plain(ctx, &roster, Action::Update)?;
        }
        self.check_plain(
            ctx,
            &roster,
            if patch.ext.is_some() || patch.merge.is_some() {
                Action::UpdateExt
            } else {
                Action::Read
            },
        )?;
        // What plugins note in a conversation's data is nothing to be told in it.
        let silent = patch.is_a_note();
        let chain = self.plugins.chain_in(ctx.app, conversation);
        let attempt = Attempt::Update {
            roster: &roster,
            patch: &mut patch,
        };
        let mut jobs = self.judge(ctx, &chain, attempt).await?;
        jobs.extend(observers::of_conversation(
            &chain,
            EventKind::ConversationUpdated,
            ctx,
            &[],
        ));
        let (rosters, app, except, before) = (self.rosters.clone(), ctx.app, ctx.except(), roster.clone());
        let sequel = Sequel::events(move |now: &Conversation, cursor| {
            let change = |old: &Roster| Roster {
                conversation: now.clone(),
                members: old.members.clone(),
            };
            let roster = rosters.change(app, &before, change);
            let audience = Audience::Members(roster.clone());
            vec![Event {
                app,
                cursor: Some(cursor),
                audience,
                except,
                change: Change::ConversationUpdated(roster),
            }]
        });
        let said = patch.clone();
        let remarks = self
            .narrator(ctx, &chain, roster.conversation.kind)
            .filter(|_| !silent)
            .map(|narrator| narrator.remarks(move |now: &Conversation, say| say(now.id, SystemChange::Updated(&said))));
        let sequel = sequel.with_jobs(jobs).with_remarks(remarks);
        let updated = self
            .storage
            .update_conversation(ctx.app, conversation, patch, sequel)
            .await;
        let roster = Roster {
            conversation: updated.map_err(refuse)?,
            members: roster.members.clone(),
        };
        Ok(Reply::Conversation {
            view: Box::new(self.view(ctx, &roster).await?),
            created: false,
        })
    }

    pub(super) async fn dissolve_conversation(&self, ctx: &Context, conversation: ConversationId) -> Result<Reply> {
        let roster = self.rosters.get(ctx.app, conversation).await?;
        self.check_plain(ctx, &roster, Action::Dissolve)?;
        let chain = self.plugins.chain_in(ctx.app, conversation);
        let jobs = observers::of_conversation(&chain, EventKind::ConversationDissolved, ctx, &[]);
        let (rosters, app, except) = (self.rosters.clone(), ctx.app, ctx.except());
        let sequel = Sequel::events(move |(): &(), cursor| {
            rosters.forget(conversation);
            let audience = Audience::Members(roster.clone());
            vec![Event {
                app,
                cursor: Some(cursor),
                audience,
                except,
                change: Change::ConversationDissolved(roster),
            }]
        });
        let over = self
            .storage
            .dissolve_conversation(ctx.app, conversation, ctx.now, sequel.with_jobs(jobs))
            .await;
        if over.map_err(refuse)? {
            Ok(Reply::Done)
        } else {
            Err(Refusal::not_found("conversation"))
        }
    }

    /// A conversation as who asks sees it.
    pub(super) async fn view(&self, ctx: &Context, roster: &Roster) -> Result<ConversationView> {
        let id = roster.conversation.id;
        if let Some(member) = ctx.user().and_then(|user| roster.member(user))
            && let Some(view) = self.storage.view(ctx.app, id, &member.user).await.map_err(refuse)?
        {
            return Ok(view);
        }
        Ok(ConversationView {
            conversation: roster.conversation.clone(),
            member_count: u32::try_from(roster.members.len()).unwrap_or(u32::MAX),
            last_seq: self.storage.last_seq(ctx.app, id).await.map_err(refuse)?,
            role: None,
            marks: None,
            preferences: None,
            peer: None,
            last_message: None,
        })
    }
}

impl Chat {
    /// Tells a conversation that its members changed: the roster at hand is replaced in commit order.
    pub(super) fn members_changed<T: 'static>(
        &self,
        ctx: &Context,
        before: &Arc<Roster>,
        jobs: Vec<crate::storage::NewJob>,
        change: impl FnOnce(&Roster, &T) -> Roster + Send + 'static,
        event: impl FnOnce(Arc<Roster>, &T, Option<UserId>) -> (Audience, Change) + Send + 'static,
    ) -> Sequel<T> {
        let (rosters, app, except) = (self.rosters.clone(), ctx.app, ctx.except());
        let (before, by) = (before.clone(), doer(ctx));
        Sequel::events(move |what: &T, cursor| {
            let roster = rosters.change(app, &before, |old| change(old, what));
            let (audience, change) = event(roster, what, by);
            vec![Event {
                app,
                cursor: Some(cursor),
                audience,
                except,
                change,
            }]
        })
        .with_jobs(jobs)
    }
}
