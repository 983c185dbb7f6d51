//! Conversations.

use async_trait::async_trait;
use serde::Deserialize;
use sqlx::SqliteConnection;

use super::Sqlite;
use super::members::insert_members;
use super::rows::{
    ConversationRow, MemberRow, MessageRow, conversation_json, decode, int, members_json, message_json, read_role,
    roster, user_id, write_kind,
};
use super::task::{Stale, Written};
use crate::model::{
    AppId, Body, Conversation, ConversationId, ConversationKind, ConversationPatch, ConversationView, Marks, Member,
    Millis, Page, Roster, Seq, UserId,
};
use crate::storage::{Conversations, NewRow, Result, Sequel, StorageError};

pub(super) const ROSTER: &str = concat!(
    "SELECT json_array(",
    conversation_json!(),
    ", ",
    members_json!(),
    ") FROM conversations c WHERE c.id = ? AND c.app = ? AND c.dissolved IS NULL"
);

/// A user's conversations by their newest message, or by their making if there is none: both come from one counter.
pub(super) const LIST: &str = concat!(
    "WITH mine AS (SELECT m.conversation AS id, m.role, m.delivered, m.read, coalesce((SELECT x.id FROM messages x WHERE \
     x.conversation = m.conversation ORDER BY x.seq DESC LIMIT 1), m.conversation) AS activity FROM members m WHERE \
     m.app = ?1 AND m.user = ?2 AND m.left IS NULL) \
     SELECT json_group_array(json_array(p.activity, ",
    conversation_json!(),
    ", (SELECT count(*) FROM members x WHERE x.conversation = c.id AND x.left IS NULL), (SELECT max(x.seq) FROM messages x \
     WHERE x.conversation = c.id), p.role, p.delivered, p.read, CASE c.kind WHEN 0 THEN (SELECT x.user FROM members x \
     WHERE x.conversation = c.id AND x.user <> ?2 LIMIT 1) END, json((SELECT ",
    message_json!(),
    " FROM messages m WHERE m.conversation = c.id AND NOT EXISTS (SELECT 1 FROM hidden h WHERE h.app = ?1 AND h.user = ?2 \
     AND h.message = m.id) ORDER BY m.seq DESC LIMIT 1))) ORDER BY p.activity DESC) \
     FROM (SELECT mine.* FROM mine CROSS JOIN conversations d ON d.id = mine.id WHERE d.dissolved IS NULL AND \
     mine.activity < ?3 ORDER BY mine.activity DESC LIMIT ?4) p CROSS JOIN conversations c ON c.id = p.id"
);

pub(super) const LAST_SEQ: &str = "SELECT coalesce(max(seq), 0) FROM messages WHERE conversation = (SELECT id FROM conversations WHERE id = ? AND \
     app = ? AND dissolved IS NULL)";

#[derive(Deserialize)]
struct ViewRow<'a>(
    u64,
    ConversationRow,
    u32,
    Option<u64>,
    u8,
    u64,
    u64,
    Option<String>,
    #[serde(borrow)] Option<MessageRow<'a>>,
);

impl ViewRow<'_> {
    fn into_model(self) -> Result<ConversationView> {
        let Self(_, conversation, member_count, last_seq, role, delivered, read, peer, last) = self;
        Ok(ConversationView {
            conversation: conversation.into_model()?,
            member_count,
            last_seq: Seq(last_seq.unwrap_or(0)),
            role: Some(read_role(role)),
            marks: Some(Marks {
                delivered: Seq(delivered),
                read: Seq(read),
            }),
            peer: peer.as_deref().map(user_id).transpose()?,
            last_message: last.map(MessageRow::into_model).transpose()?.map(Box::new),
        })
    }
}

/// A conversation with its members, as the connection sees it.
pub(super) async fn find_roster(
    conn: &mut SqliteConnection,
    app: AppId,
    conversation: ConversationId,
) -> Result<Option<Roster>> {
    let json: Option<String> = sqlx::query_scalar(ROSTER)
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
    let mut users: Vec<&str> = row.members.iter().map(|(user, _)| user.as_str()).collect();
    users.sort_unstable();
    Some(users.join("\n"))
}

async fn find_direct(conn: &mut SqliteConnection, app: AppId, key: &str) -> Result<Option<Roster>> {
    const SQL: &str = "SELECT id FROM conversations WHERE app = ? AND direct_key = ?";
    let id: Option<i64> = sqlx::query_scalar(SQL)
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
        const INSERT: &str = "INSERT INTO conversations (id, app, kind, name, cover, ext, owner, muted, created_at, direct_key, changed) \
             VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)";
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
                    .bind(row.now.0)
                    .bind(key)
                    .bind(int(cursor.0));
                insert.execute(&mut tx.conn).await?;
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

    async fn last_seq(&self, app: AppId, conversation: ConversationId) -> Result<Seq> {
        let last: i64 = sqlx::query_scalar(LAST_SEQ)
            .bind(int(conversation.get()))
            .bind(int(app.get()))
            .fetch_one(&self.readers)
            .await?;
        Ok(Seq(last.cast_unsigned()))
    }

    async fn conversations_of(
        &self,
        app: AppId,
        user: &UserId,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Page<ConversationView>> {
        // A place that is no number is no place of ours: nothing comes after it.
        let before = before.map_or(i64::MAX, |text| text.parse().unwrap_or(0));
        let json: String = sqlx::query_scalar(LIST)
            .bind(int(app.get()))
            .bind(user.as_str())
            .bind(before)
            .bind(i64::from(limit) + 1)
            .fetch_one(&self.readers)
            .await?;
        let mut rows: Vec<ViewRow<'_>> = serde_json::from_str(&json).map_err(super::fault::fault)?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| row.0.to_string());
        Ok(Page {
            items: rows.into_iter().map(ViewRow::into_model).collect::<Result<_>>()?,
            next,
        })
    }

    async fn update_conversation(
        &self,
        app: AppId,
        conversation: ConversationId,
        patch: ConversationPatch,
        sequel: Sequel<Conversation>,
    ) -> Result<Conversation> {
        const SQL: &str = "UPDATE conversations SET name = ?, cover = ?, ext = ?, muted = ?, changed = ? WHERE id = ?";
        self.write(sequel, move |tx, jobs| {
            Box::pin(async move {
                let old = find_conversation(&mut tx.conn, app, conversation).await?;
                let next = Conversation {
                    name: patch.name.unwrap_or(old.name),
                    cover: patch.cover.unwrap_or(old.cover),
                    ext: patch.ext.unwrap_or_else(|| Body::clone(&old.ext)),
                    muted: patch.muted.unwrap_or(old.muted),
                    ..old
                };
                let cursor = tx.follow(app, Some(conversation), None, jobs).await?;
                let update = sqlx::query(SQL)
                    .bind(next.name.as_str())
                    .bind(next.cover.as_str())
                    .bind(next.ext.as_str())
                    .bind(next.muted)
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
        muted: false,
        created_at: row.now,
    };
    let member = |(user, role)| Member {
        user,
        role,
        muted_until: None,
        joined_at: row.now,
    };
    Roster::new(conversation, row.members.into_iter().map(member).collect())
}
