//! Conversations.

use async_trait::async_trait;
use sqlx::SqliteConnection;

use super::members::insert_members;
use super::rows::{ConversationRow, MemberRow, conversation_json, decode, int, members_json, roster, write_kind};
use super::task::{Stale, Written};
use super::{Sqlite, effects};
use crate::model::{
    AppId, Body, Conversation, ConversationId, ConversationKind, ConversationPatch, Member, Millis, Roster, Seq, UserId,
};
use crate::storage::{Conversations, NewRow, Result, Sequel, StorageError};

pub(super) const ROSTER: &str = concat!(
    "SELECT json_array(",
    conversation_json!(),
    ", ",
    members_json!(),
    ") FROM conversations c WHERE c.id = ? AND c.app = ? AND c.dissolved IS NULL"
);

/// The same of one that is over.
pub(super) const DISSOLVED: &str = concat!(
    "SELECT json_array(",
    conversation_json!(),
    ", ",
    members_json!(),
    ") FROM conversations c WHERE c.id = ? AND c.app = ? AND c.dissolved IS NOT NULL"
);

pub(super) const LAST_SEQ: &str = "SELECT coalesce(max(seq), 0) FROM messages WHERE conversation = (SELECT id FROM conversations WHERE id = ? AND \
     app = ? AND dissolved IS NULL)";

pub(super) const DIRECT: &str = "SELECT id FROM conversations WHERE app = ? AND direct_key = ?";

/// A conversation with its members, as the connection sees it.
pub(super) async fn find_roster(
    conn: &mut SqliteConnection,
    app: AppId,
    conversation: ConversationId,
) -> Result<Option<Roster>> {
    read_roster(conn, ROSTER, app, conversation).await
}

async fn read_roster(
    conn: &mut SqliteConnection,
    sql: &'static str,
    app: AppId,
    conversation: ConversationId,
) -> Result<Option<Roster>> {
    let json: Option<String> = sqlx::query_scalar(sql)
        .bind(int(conversation.get()))
        .bind(int(app.get()))
        .fetch_optional(conn)
        .await?;
    let Some(json) = json else { return Ok(None) };
    let (conversation, members): (ConversationRow, Vec<MemberRow>) = decode(&json)?;
    roster(conversation, members).map(Some)
}

/// A conversation without its members, for who is going to change it.
pub(super) async fn find_conversation(
    conn: &mut SqliteConnection,
    app: AppId,
    conversation: ConversationId,
) -> Result<Conversation> {
    const SQL: &str = concat!(
        "SELECT ",
        conversation_json!(),
        " FROM conversations c WHERE c.id = ? AND c.app = ? AND c.dissolved IS NULL"
    );
    let json: Option<String> = sqlx::query_scalar(SQL)
        .bind(int(conversation.get()))
        .bind(int(app.get()))
        .fetch_optional(conn)
        .await?;
    let json = json.ok_or(StorageError::Missing("conversation"))?;
    decode::<ConversationRow>(&json)?.into_model()
}

/// Names the pair of a direct conversation. Uids hold no control characters.
fn direct_key(row: &NewRow) -> Option<String> {
    if row.kind != ConversationKind::Direct {
        return None;
    }
    match row.members.as_slice() {
        [(a, _), (b, _)] => Some(pair_key([a.as_str(), b.as_str()])),
        _ => None,
    }
}

fn pair_key(mut users: [&str; 2]) -> String {
    users.sort_unstable();
    users.join("\n")
}

async fn find_direct(conn: &mut SqliteConnection, app: AppId, key: &str) -> Result<Option<Roster>> {
    let id: Option<i64> = sqlx::query_scalar(DIRECT)
        .bind(int(app.get()))
        .bind(key)
        .fetch_optional(&mut *conn)
        .await?;
    match id {
        Some(id) => find_roster(conn, app, super::rows::conversation_id(id.cast_unsigned())?).await,
        None => Ok(None),
    }
}

#[async_trait]
impl Conversations for Sqlite {
    async fn create_conversation(&self, app: AppId, row: NewRow, sequel: Sequel<Roster>) -> Result<(Roster, bool)> {
        const INSERT: &str = "INSERT INTO conversations (id, app, kind, name, cover, ext, owner, creator, muted, created_at, direct_key, \
             changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)";
        let key = direct_key(&row);
        self.write(sequel, move |tx, jobs| {
            Box::pin(async move {
                if let Some(key) = &key
                    && let Some(found) = find_direct(&mut tx.conn, app, key).await?
                {
                    return Ok(Written {
                        answer: (found, false),
                        sequel: None,
                    });
                }
                let id = super::rows::conversation_id(tx.draw())?;
                let cursor = tx.follow(app, Some(id), None, jobs).await?;
                let insert = sqlx::query(INSERT)
                    .bind(int(id.get()))
                    .bind(int(app.get()))
                    .bind(write_kind(row.kind))
                    .bind(row.name.as_str())
                    .bind(row.cover.as_str())
                    .bind(row.ext.as_str())
                    .bind(row.owner.as_ref().map(UserId::as_str))
                    .bind(row.creator.as_ref().map(UserId::as_str))
                    .bind(row.now.0)
                    .bind(key)
                    .bind(int(cursor.0));
                insert.execute(&mut tx.conn).await?;
                effects::remember(&mut tx.conn, app, row.once.as_ref(), &id.to_string()).await?;
                let roster = new_roster(id, row);
                insert_members(tx, app, id, &roster.members, cursor).await?;
                Ok(Written {
                    answer: (roster.clone(), true),
                    sequel: Some((roster, cursor)),
                })
            })
        })
        .await
    }

    async fn roster(&self, app: AppId, conversation: ConversationId) -> Result<Option<Roster>> {
        find_roster(&mut *self.readers.acquire().await?, app, conversation).await
    }

    async fn dissolved_roster(&self, app: AppId, conversation: ConversationId) -> Result<Option<Roster>> {
        read_roster(&mut *self.readers.acquire().await?, DISSOLVED, app, conversation).await
    }

    async fn last_seq(&self, app: AppId, conversation: ConversationId) -> Result<Seq> {
        let last: i64 = sqlx::query_scalar(LAST_SEQ)
            .bind(int(conversation.get()))
            .bind(int(app.get()))
            .fetch_one(&self.readers)
            .await?;
        Ok(Seq(last.cast_unsigned()))
    }

    async fn find_direct(&self, app: AppId, a: &UserId, b: &UserId) -> Result<Option<ConversationId>> {
        let id: Option<i64> = sqlx::query_scalar(DIRECT)
            .bind(int(app.get()))
            .bind(pair_key([a.as_str(), b.as_str()]))
            .fetch_optional(&self.readers)
            .await?;
        id.map(|id| super::rows::conversation_id(id.cast_unsigned()))
            .transpose()
    }

    async fn update_conversation(
        &self,
        app: AppId,
        conversation: ConversationId,
        patch: ConversationPatch,
        sequel: Sequel<Conversation>,
    ) -> Result<Conversation> {
        const SQL: &str = "UPDATE conversations SET name = ?, cover = ?, ext = ?, muted = ?, members_invite = ?, updated_at = ?, \
                           changed = ? WHERE id = ?";
        self.write(sequel, move |tx, jobs| {
            Box::pin(async move {
                let old = find_conversation(&mut tx.conn, app, conversation).await?;
                let ext = patch.ext.unwrap_or_else(|| Body::clone(&old.ext));
                let ext = patch.merge.map_or_else(|| ext.clone(), |merge| ext.merged(&merge));
                if ext.as_str().len() > Conversation::EXT {
                    return Err(StorageError::Quota("ext"));
                }
                let next = Conversation {
                    name: patch.name.unwrap_or(old.name),
                    cover: patch.cover.unwrap_or(old.cover),
                    ext,
                    muted: patch.muted.unwrap_or(old.muted),
                    members_invite: patch.members_invite.unwrap_or(old.members_invite),
                    updated_at: Some(tx.now),
                    ..old
                };
                let cursor = tx.follow(app, Some(conversation), None, jobs).await?;
                let update = sqlx::query(SQL)
                    .bind(next.name.as_str())
                    .bind(next.cover.as_str())
                    .bind(next.ext.as_str())
                    .bind(next.muted)
                    .bind(next.members_invite)
                    .bind(tx.now.0)
                    .bind(int(cursor.0))
                    .bind(int(conversation.get()));
                update.execute(&mut tx.conn).await?;
                Ok(Written {
                    answer: next.clone(),
                    sequel: Some((next, cursor)),
                })
            })
        })
        .await
    }

    async fn dissolve_conversation(
        &self,
        app: AppId,
        conversation: ConversationId,
        _now: Millis,
        sequel: Sequel<()>,
    ) -> Result<bool> {
        const SQL: &str = "UPDATE conversations SET dissolved = ?1, changed = ?1, direct_key = NULL WHERE id = ?2";
        self.write(sequel, move |tx, jobs| {
            Box::pin(async move {
                match find_conversation(&mut tx.conn, app, conversation).await {
                    Err(StorageError::Missing(_)) => {
                        return Ok(Written {
                            answer: false,
                            sequel: None,
                        });
                    }
                    found => found?,
                };
                let cursor = tx.follow(app, Some(conversation), None, jobs).await?;
                sqlx::query(SQL)
                    .bind(int(cursor.0))
                    .bind(int(conversation.get()))
                    .execute(&mut tx.conn)
                    .await?;
                tx.stale.push(Stale::Conversation(conversation));
                Ok(Written {
                    answer: true,
                    sequel: Some(((), cursor)),
                })
            })
        })
        .await
    }
}

fn new_roster(id: ConversationId, row: NewRow) -> Roster {
    let conversation = Conversation {
        id,
        kind: row.kind,
        name: row.name,
        cover: row.cover,
        ext: row.ext,
        owner: row.owner,
        creator: row.creator,
        muted: false,
        members_invite: false,
        notice: None,
        created_at: row.now,
        updated_at: None,
    };
    let member = |(user, role)| Member {
        user,
        role,
        muted_until: None,
        joined_at: row.now,
    };
    Roster::new(conversation, row.members.into_iter().map(member).collect())
}
