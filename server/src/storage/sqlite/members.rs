//! Members. Who leaves keeps its row, with a stamp and its marks.

use std::collections::HashSet;

use async_trait::async_trait;

use super::Sqlite;
use super::conversations::find_conversation;
use super::rows::{decode, int, uids, write_role};
use super::task::{Stale, Tx, Written};
use crate::model::{AppId, ConversationId, Cursor, Member, Preferences, PreferencesPatch, Role, UserId};
use crate::storage::{Members, Result, Sequel};

/// Brings members in who are not in it.
pub(super) async fn insert_members(
    tx: &mut Tx,
    app: AppId,
    conversation: ConversationId,
    members: &[Member],
    cursor: Cursor,
) -> Result<()> {
    const SQL: &str = "INSERT INTO members (conversation, app, joined, user, role, muted_until, joined_at) SELECT ?, ?, ?, value ->> 0, \
         value ->> 1, value ->> 2, value ->> 3 FROM json_each(?) WHERE true ON CONFLICT DO UPDATE SET role = \
         excluded.role, muted_until = excluded.muted_until, joined_at = excluded.joined_at, joined = excluded.joined, \
         left = NULL";
    let list: Vec<_> = members
        .iter()
        .map(|one| {
            (
                one.user.as_str(),
                write_role(one.role),
                one.muted_until.map(|at| at.0),
                one.joined_at.0,
            )
        })
        .collect();
    let insert = sqlx::query(SQL)
        .bind(int(conversation.get()))
        .bind(int(app.get()))
        .bind(int(cursor.0))
        .bind(serde_json::json!(list).to_string());
    insert.execute(&mut tx.conn).await?;
    forget(tx, conversation, members.iter().map(|member| &member.user));
    Ok(())
}

fn forget<'a>(tx: &mut Tx, conversation: ConversationId, users: impl Iterator<Item = &'a UserId>) {
    tx.stale
        .extend(users.map(|user| Stale::Member(conversation, user.clone())));
}

/// Which of these are in it.
async fn present(
    tx: &mut Tx,
    conversation: ConversationId,
    users: impl Iterator<Item = &UserId>,
) -> Result<HashSet<String>> {
    const SQL: &str = "SELECT json_group_array(m.user) FROM json_each(?) w CROSS JOIN members m ON m.conversation = ? AND \
                       m.user = w.value AND m.left IS NULL";
    let json: String = sqlx::query_scalar(SQL)
        .bind(uids(users))
        .bind(int(conversation.get()))
        .fetch_one(&mut tx.conn)
        .await?;
    decode(&json)
}

async fn touch(
    tx: &mut Tx,
    conversation: ConversationId,
    owner: Option<Option<&UserId>>,
    cursor: Cursor,
) -> Result<()> {
    const TOUCH: &str = "UPDATE conversations SET changed = ? WHERE id = ?";
    const HAND_OVER: &str = "UPDATE conversations SET changed = ?, owner = ? WHERE id = ?";
    let query = match owner {
        None => sqlx::query(TOUCH).bind(int(cursor.0)),
        Some(owner) => sqlx::query(HAND_OVER)
            .bind(int(cursor.0))
            .bind(owner.map(|user| user.as_str().to_owned())),
    };
    query.bind(int(conversation.get())).execute(&mut tx.conn).await?;
    Ok(())
}

/// Keeps the first of each user.
fn without_repeats(members: Vec<Member>) -> Vec<Member> {
    let mut seen = HashSet::new();
    members
        .into_iter()
        .filter(|member| seen.insert(member.user.clone()))
        .collect()
}

#[async_trait]
impl Members for Sqlite {
    async fn add_members(
        &self,
        app: AppId,
        conversation: ConversationId,
        members: Vec<Member>,
        sequel: Sequel<Vec<Member>>,
    ) -> Result<Vec<Member>> {
        self.write(sequel, move |tx, jobs| {
            Box::pin(async move {
                find_conversation(&mut tx.conn, app, conversation).await?;
                let there = present(tx, conversation, members.iter().map(|member| &member.user)).await?;
                let mut new = without_repeats(members);
                new.retain(|member| !there.contains(member.user.as_str()));
                if new.is_empty() {
                    return Ok(Written {
                        answer: new,
                        sequel: None,
                    });
                }
                let cursor = tx.follow(app, Some(conversation), None, jobs).await?;
                insert_members(tx, app, conversation, &new, cursor).await?;
                touch(tx, conversation, None, cursor).await?;
                Ok(Written {
                    answer: new.clone(),
                    sequel: Some((new, cursor)),
                })
            })
        })
        .await
    }

    async fn remove_members(
        &self,
        app: AppId,
        conversation: ConversationId,
        users: Vec<UserId>,
        heir: Option<UserId>,
        sequel: Sequel<Vec<UserId>>,
    ) -> Result<Vec<UserId>> {
        const LEAVE: &str = "UPDATE members SET left = ?, role = 0, muted_until = NULL WHERE conversation = ? AND user IN \
                             (SELECT value FROM json_each(?))";
        const CROWN: &str = "UPDATE members SET role = 2 WHERE conversation = ? AND user = ? AND left IS NULL";
        self.write(sequel, move |tx, jobs| {
            Box::pin(async move {
                let owner = find_conversation(&mut tx.conn, app, conversation).await?.owner;
                let mut there = present(tx, conversation, users.iter()).await?;
                let gone: Vec<UserId> = users.into_iter().filter(|user| there.remove(user.as_str())).collect();
                if gone.is_empty() {
                    return Ok(Written {
                        answer: gone,
                        sequel: None,
                    });
                }
                let cursor = tx.follow(app, Some(conversation), None, jobs).await?;
                let id = int(conversation.get());
                sqlx::query(LEAVE)
                    .bind(int(cursor.0))
                    .bind(id)
                    .bind(uids(&gone))
                    .execute(&mut tx.conn)
                    .await?;
                let heir = if owner.is_some_and(|owner| gone.contains(&owner)) {
                    Some(heir)
                } else {
                    None
                };
                if let Some(Some(heir)) = &heir {
                    sqlx::query(CROWN)
                        .bind(id)
                        .bind(heir.as_str())
                        .execute(&mut tx.conn)
                        .await?;
                }
                touch(tx, conversation, heir.as_ref().map(Option::as_ref), cursor).await?;
                forget(tx, conversation, gone.iter());
                Ok(Written {
                    answer: gone.clone(),
                    sequel: Some((gone, cursor)),
                })
            })
        })
        .await
    }

    async fn save_members(
        &self,
        app: AppId,
        conversation: ConversationId,
        members: Vec<Member>,
        sequel: Sequel<Vec<Member>>,
    ) -> Result<()> {
        const SAVE: &str = "UPDATE members SET role = v.role, muted_until = v.muted_until FROM (SELECT value ->> 0 AS user, value ->> 1 AS \
             role, value ->> 2 AS muted_until FROM json_each(?)) v WHERE members.conversation = ? AND members.user = v.user";
        self.write(sequel, move |tx, jobs| {
            Box::pin(async move {
                find_conversation(&mut tx.conn, app, conversation).await?;
                let there = present(tx, conversation, members.iter().map(|member| &member.user)).await?;
                let mut members = without_repeats(members);
                members.retain(|member| there.contains(member.user.as_str()));
                if members.is_empty() {
                    return Ok(Written {
                        answer: (),
                        sequel: None,
                    });
                }
                let cursor = tx.follow(app, Some(conversation), None, jobs).await?;
                let list: Vec<_> = members
                    .iter()
                    .map(|one| (one.user.as_str(), write_role(one.role), one.muted_until.map(|at| at.0)))
                    .collect();
                let save = sqlx::query(SAVE)
                    .bind(serde_json::json!(list).to_string())
                    .bind(int(conversation.get()));
                save.execute(&mut tx.conn).await?;
                let owner = members
                    .iter()
                    .find(|member| member.role == Role::Owner)
                    .map(|member| &member.user);
                touch(tx, conversation, owner.map(Some), cursor).await?;
                Ok(Written {
                    answer: (),
                    sequel: Some((members, cursor)),
                })
            })
        })
        .await
    }

    async fn undisturbed(&self, app: AppId, conversation: ConversationId) -> Result<Vec<UserId>> {
        self.quiet_members(app, conversation).await
    }

    async fn prefer(
        &self,
        app: AppId,
        conversation: ConversationId,
        user: &UserId,
        patch: PreferencesPatch,
        sequel: Sequel<Preferences>,
    ) -> Result<Preferences> {
        self.choose(app, conversation, user, patch, sequel).await
    }
}
