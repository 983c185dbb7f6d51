//! Who is in a conversation, and with which rank.

use std::sync::Arc;

use super::error::{Result, refuse};
use super::permission::{Action, Subject};
use super::{Chat, observers, user};
use crate::model::{
    Actor, Audience, Change, Code, Context, ConversationId, ConversationKind, EventKind, Member, Millis, Refusal,
    Reply, Role, Roster, SystemChange, UserId,
};
use crate::plugin_host::Attempt;

/// Members in a page, and users in one command, at most.
const PAGE: usize = 1000;

impl Chat {
    pub(super) async fn list_members(
        &self,
        ctx: &Context,
        conversation: ConversationId,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Reply> {
        let roster = match self.rosters.get(ctx.app, conversation).await {
            // Whoever hears that it is over may want to know whom it concerns.
            Err(refusal) if refusal.code == Code::NotFound && is_plugin_itself(ctx) => {
                self.last_scene(ctx.app, conversation).await?
            }
            found => found?,
        };
        self.check_plain(ctx, &roster, Action::Read)?;
        let from = after.map_or(0, |after| roster.members.partition_point(|member| member.user <= after));
        let rest = &roster.members[from..];
        let count = rest.len().min((limit as usize).clamp(1, PAGE));
        Ok(Reply::Members {
            members: rest[..count].to_vec(),
            has_more: count < rest.len(),
        })
    }

    pub(super) async fn add_members(
        &self,
        ctx: &Context,
        conversation: ConversationId,
        users: Vec<UserId>,
    ) -> Result<Reply> {
        let roster = self.rosters.get(ctx.app, conversation).await?;
        let subject = Subject {
            members_invite: roster.conversation.members_invite,
            ..Subject::of(roster.conversation.kind)
        };
        self.check(ctx, &roster, Action::AddMembers, subject)?;
        self.bring_in(ctx, &roster, users).await.map(Reply::Moved)
    }

    pub(super) async fn join(&self, ctx: &Context, conversation: ConversationId) -> Result<Reply> {
        let roster = self.rosters.get(ctx.app, conversation).await?;
        self.check_plain(ctx, &roster, Action::Join)?;
        self.bring_in(ctx, &roster, vec![user(ctx)?.clone()]).await?;
        let roster = self.rosters.get(ctx.app, conversation).await?;
        Ok(Reply::Conversation {
            view: Box::new(self.view(ctx, &roster).await?),
            created: false,
        })
    }

    async fn bring_in(&self, ctx: &Context, roster: &Arc<Roster>, mut users: Vec<UserId>) -> Result<Vec<UserId>> {
        bounded(&users)?;
        users.sort();
        users.dedup();
        users.retain(|user| roster.member(user).is_none());
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let most = match roster.conversation.kind {
            ConversationKind::Chatroom => self.limits.chatroom_members,
            _ => self.limits.group_members,
        };
        if roster.members.len() + users.len() > most {
            return Err(Refusal::too_large(
                "members",
                format!("a conversation of this kind has at most {most} members"),
            ));
        }
        let app = self.tenants.enabled(ctx.app)?;
        let chain = self.plugins.chain_in(ctx.app, roster.conversation.id);
        let attempt = Attempt::Join {
            roster,
            users: &mut users,
        };
        let mut jobs = self.judge(ctx, &chain, attempt).await?;
        self.people.ensure(&app, &users, ctx.now).await?;
        jobs.extend(observers::of_conversation(
            &chain,
            EventKind::MembersJoined,
            ctx,
            &users,
        ));
        let members = users.into_iter().map(|user| newcomer(user, ctx.now)).collect();
        let sequel = self.members_changed(
            ctx,
            roster,
            jobs,
            |old, joined: &Vec<Member>| with_joined(old, joined),
            |roster, joined, by| {
                let users = joined.iter().map(|member| member.user.clone()).collect();
                (
                    Audience::Members(roster.clone()),
                    Change::MembersJoined { roster, users, by },
                )
            },
        );
        let id = roster.conversation.id;
        let remarks = self.narrator(ctx, &chain, roster.conversation.kind).map(|narrator| {
            narrator.remarks(move |joined: &Vec<Member>, say| {
                let users: Vec<UserId> = joined.iter().map(|member| member.user.clone()).collect();
                say(id, SystemChange::Joined(&users));
            })
        });
        let joined = self
            .storage
            .add_members(ctx.app, id, members, sequel.with_remarks(remarks))
            .await
            .map_err(refuse)?;
        Ok(joined.into_iter().map(|member| member.user).collect())
    }

    pub(super) async fn remove_members(
        &self,
        ctx: &Context,
        conversation: ConversationId,
        users: Vec<UserId>,
    ) -> Result<Reply> {
        bounded(&users)?;
        let roster = self.rosters.get(ctx.app, conversation).await?;
        for user in &users {
            let subject = Subject {
                target: roster.role(user),
                ..Subject::of(roster.conversation.kind)
            };
            self.check(ctx, &roster, Action::RemoveMember, subject)?;
        }
        self.put_out(ctx, &roster, users).await.map(Reply::Moved)
    }

    pub(super) async fn leave(&self, ctx: &Context, conversation: ConversationId) -> Result<Reply> {
        let roster = self.rosters.get(ctx.app, conversation).await?;
        self.check_plain(ctx, &roster, Action::Leave)?;
        self.put_out(ctx, &roster, vec![user(ctx)?.clone()]).await?;
        Ok(Reply::Done)
    }

    async fn put_out(&self, ctx: &Context, roster: &Arc<Roster>, mut users: Vec<UserId>) -> Result<Vec<UserId>> {
        users.retain(|user| roster.member(user).is_some());
        if users.is_empty() {
            return Ok(users);
        }
        let chain = self.plugins.chain_in(ctx.app, roster.conversation.id);
        let attempt = Attempt::Leave {
            roster,
            users: &mut users,
        };
        let mut jobs = self.judge(ctx, &chain, attempt).await?;
        jobs.extend(observers::of_conversation(&chain, EventKind::MembersLeft, ctx, &users));
        let heir = heir(roster, &users);
        let next = heir.clone();
        let change = move |old: &Roster, left: &Vec<UserId>| without(old, left, next.as_ref());
        let sequel = self.members_changed(ctx, roster, jobs, change, |roster, left: &Vec<UserId>, by| {
            let change = Change::MembersLeft {
                roster: roster.clone(),
                users: left.clone(),
                by,
            };
            (Audience::MembersAnd(roster, left.clone()), change)
        });
        let id = roster.conversation.id;
        let (owner, next) = (roster.conversation.owner.clone(), heir.clone());
        let remarks = self.narrator(ctx, &chain, roster.conversation.kind).map(|narrator| {
            narrator.remarks(move |left: &Vec<UserId>, say| {
                say(id, SystemChange::Left(left));
                if let (Some(owner), Some(next)) = (owner, next)
                    && left.contains(&owner)
                {
                    say(id, SystemChange::OwnerChanged(&next));
                }
            })
        });
        self.storage
            .remove_members(ctx.app, id, users, heir, sequel.with_remarks(remarks))
            .await
            .map_err(refuse)
    }

    pub(super) async fn set_role(
        &self,
        ctx: &Context,
        conversation: ConversationId,
        user: UserId,
        role: Role,
    ) -> Result<Reply> {
        let roster = self.rosters.get(ctx.app, conversation).await?;
        self.check_plain(ctx, &roster, Action::SetRole)?;
        let member = roster.member(&user).ok_or_else(|| Refusal::not_found("member"))?;
        if member.role == Role::Owner && role != Role::Owner {
            return Err(Refusal::not_permitted(
                "an owner steps down by handing the conversation over",
            ));
        }
        let mut changed = vec![Member { role, ..member.clone() }];
        if role == Role::Owner {
            let owners = roster
                .members
                .iter()
                .filter(|member| member.role == Role::Owner && member.user != user);
            changed.extend(owners.map(|member| Member {
                role: Role::Admin,
                ..member.clone()
            }));
        }
        self.save(ctx, &roster, changed).await
    }

    pub(super) async fn mute_member(
        &self,
        ctx: &Context,
        conversation: ConversationId,
        user: UserId,
        until: Option<Millis>,
    ) -> Result<Reply> {
        let roster = self.rosters.get(ctx.app, conversation).await?;
        let member = roster.member(&user);
        let subject = Subject {
            target: member.map(|member| member.role),
            ..Subject::of(roster.conversation.kind)
        };
        self.check(ctx, &roster, Action::MuteMember, subject)?;
        let member = member.ok_or_else(|| Refusal::not_found("member"))?;
        self.save(
            ctx,
            &roster,
            vec![Member {
                muted_until: until,
                ..member.clone()
            }],
        )
        .await
    }

    /// Writes changed members; the first is the one it is about.
    async fn save(&self, ctx: &Context, roster: &Arc<Roster>, changed: Vec<Member>) -> Result<Reply> {
        let Some(about) = changed.first().cloned() else {
            return Err(Refusal::internal());
        };
        let member = about.clone();
        let chain = self.plugins.chain_in(ctx.app, roster.conversation.id);
        let users = std::slice::from_ref(&about.user);
        let jobs = observers::of_conversation(&chain, EventKind::MemberUpdated, ctx, users);
        let sequel = self.members_changed(
            ctx,
            roster,
            jobs,
            |old, changed: &Vec<Member>| with_changed(old, changed),
            move |roster, _, _| {
                (
                    Audience::Members(roster.clone()),
                    Change::MemberUpdated { roster, member },
                )
            },
        );
        let (id, before) = (roster.conversation.id, roster.clone());
        let said = about.clone();
        let remarks = self.narrator(ctx, &chain, roster.conversation.kind).map(|narrator| {
            narrator.remarks(move |_: &Vec<Member>, say| {
                let was = before.member(&said.user);
                if said.role == Role::Owner && was.is_none_or(|was| was.role != Role::Owner) {
                    say(id, SystemChange::OwnerChanged(&said.user));
                }
                if was.is_none_or(|was| was.muted_until != said.muted_until) {
                    say(id, SystemChange::MemberMuted(&said.user, said.muted_until));
                }
            })
        });
        self.storage
            .save_members(ctx.app, id, changed, sequel.with_remarks(remarks))
            .await
            .map_err(refuse)?;
        Ok(Reply::Member(about))
    }
}

fn bounded(users: &[UserId]) -> Result<()> {
    if users.is_empty() || users.len() > PAGE {
        return Err(Refusal::field("users", format!("1 to {PAGE} users")));
    }
    Ok(())
}

fn newcomer(user: UserId, now: Millis) -> Member {
    Member {
        user,
        role: Role::Member,
        muted_until: None,
        joined_at: now,
    }
}

/// Who owns a conversation when its owner is among those who go: the admin who has been there longest, else the member.
fn heir(roster: &Roster, leaving: &[UserId]) -> Option<UserId> {
    let owner = roster.conversation.owner.as_ref()?;
    if !leaving.contains(owner) {
        return None;
    }
    let stays = roster.members.iter().filter(|member| !leaving.contains(&member.user));
    stays
        .max_by_key(|member| (member.role, std::cmp::Reverse(member.joined_at)))
        .map(|member| member.user.clone())
}

fn with_joined(old: &Roster, joined: &[Member]) -> Roster {
    let mut members = old.members.clone();
    members.extend(
        joined
            .iter()
            .filter(|member| old.member(&member.user).is_none())
            .cloned(),
    );
    Roster::new(old.conversation.clone(), members)
}

fn without(old: &Roster, left: &[UserId], heir: Option<&UserId>) -> Roster {
    let mut conversation = old.conversation.clone();
    let mut members: Vec<Member> = old
        .members
        .iter()
        .filter(|member| !left.contains(&member.user))
        .cloned()
        .collect();
    if conversation.owner.as_ref().is_some_and(|owner| left.contains(owner)) {
        conversation.owner = heir.cloned();
        for member in &mut members {
            if Some(&member.user) == heir {
                member.role = Role::Owner;
            }
        }
    }
    Roster { conversation, members }
}

fn with_changed(old: &Roster, changed: &[Member]) -> Roster {
    let mut roster = old.clone();
    for member in &mut roster.members {
        if let Some(new) = changed.iter().find(|new| new.user == member.user) {
            if new.role == Role::Owner {
                roster.conversation.owner = Some(new.user.clone());
            }
            *member = new.clone();
        }
    }
    roster
}

/// Whether a plugin asks for itself, and not as a user.
const fn is_plugin_itself(ctx: &Context) -> bool {
    matches!(ctx.actor, Actor::Plugin { speaks_as: None, .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Body, Conversation};

    fn uid(name: &str) -> UserId {
        UserId::new(name).unwrap()
    }

    fn group() -> Roster {
        let member = |name, role, at| Member {
            user: uid(name),
            role,
            muted_until: None,
            joined_at: Millis(at),
        };
        let conversation = Conversation {
            id: ConversationId::new(1).unwrap(),
            kind: ConversationKind::Group,
            name: String::new(),
            cover: String::new(),
            ext: Body::empty(),
            owner: Some(uid("owner")),
            creator: None,
            muted: false,
            members_invite: false,
            notice: None,
            created_at: Millis(0),
            updated_at: None,
        };
        let members = vec![
            member("owner", Role::Owner, 0),
            member("early", Role::Member, 1),
            member("admin", Role::Admin, 2),
            member("late", Role::Admin, 3),
        ];
        Roster::new(conversation, members)
    }

    #[test]
    fn an_owner_that_goes_leaves_it_to_the_oldest_admin() {
        let before = group();
        assert_eq!(heir(&before, &[uid("late")]), None);
        let left = [uid("owner")];
        let next = heir(&before, &left);
        assert_eq!(next, Some(uid("admin")));
        let after = without(&before, &left, next.as_ref());
        assert_eq!(after.conversation.owner, next);
        assert_eq!(after.role(&uid("admin")), Some(Role::Owner));
        assert_eq!(
            heir(&before, &[uid("owner"), uid("admin"), uid("late")]),
            Some(uid("early"))
        );
        assert_eq!(
            heir(&before, &[uid("owner"), uid("admin"), uid("late"), uid("early")]),
            None
        );
    }

    #[test]
    fn joining_twice_is_joining_once() {
        let before = group();
        let after = with_joined(
            &before,
            &[newcomer(uid("zoe"), Millis(9)), newcomer(uid("late"), Millis(9))],
        );
        assert_eq!(after.members.len(), 5);
        assert_eq!(after.role(&uid("late")), Some(Role::Admin));
    }
}
