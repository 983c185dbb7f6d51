//! Messages: queued for the writer, read back, changed.

use std::sync::atomic::Ordering;

use async_trait::async_trait;
use sqlx::SqliteConnection;

use super::group::Write;
use super::rows::{decode, ids, int, message_id, message_json, read_message};
use super::task::{Tx, Written};
use super::writer::turn_away;
use super::{Sqlite, indexer};
use crate::model::{
    AppId, Body, ConversationId, Cursor, HistoryFrom, Message, MessageId, MessagePage, MessageState, Millis, Nonce,
    PageRequest, Reaction, Seq, UserId,
};
use crate::storage::{Append, Messages, Missed, Result, Sequel, StorageError};

/// How many different emoji a message may have.
const MOST_EMOJI: usize = 20;

/// One message that its conversation still has, unless a user has hidden it.
pub(super) const MESSAGE: &str = concat!(
    "SELECT ",
    message_json!(),
    " FROM messages m CROSS JOIN conversations c ON c.id = m.conversation WHERE m.id = ?1 AND m.app = ?2 AND c.dissolved IS \
     NULL AND m.seq > coalesce((SELECT x.cleared FROM members x WHERE x.conversation = m.conversation AND x.user = ?3), 0) \
     AND NOT EXISTS (SELECT 1 FROM hidden h WHERE h.app = m.app AND h.user = ?3 AND h.message = m.id)"
);

async fn find(
    conn: &mut SqliteConnection,
    app: AppId,
    message: MessageId,
    viewer: Option<&UserId>,
) -> Result<Option<Message>> {
    let json: Option<String> = sqlx::query_scalar(MESSAGE)
        .bind(int(message.get()))
        .bind(int(app.get()))
        .bind(viewer.map(UserId::as_str))
        .fetch_optional(conn)
        .await?;
    json.as_deref().map(read_message).transpose()
}

pub(super) async fn must_find(conn: &mut SqliteConnection, app: AppId, message: MessageId) -> Result<Message> {
    find(conn, app, message, None)
        .await?
        .ok_or(StorageError::Missing("message"))
}

/// Puts a new body in place of a message's old one, also where it is searched.
pub(super) async fn replace_body(
    tx: &mut Tx,
    app: AppId,
    (id, old): (MessageId, Message),
    body: Body,
    now: Millis,
    cursor: Cursor,
) -> Result<Message> {
    sqlx::query("UPDATE messages SET body = ?, edited_at = ?, changed = ? WHERE id = ?")
        .bind(body.as_str())
        .bind(now.0)
        .bind(int(cursor.0))
        .bind(int(id.get()))
        .execute(&mut tx.conn)
        .await?;
    let next = Message {
        body,
        state: MessageState::Edited(now),
        ..old
    };
    indexer::reindex(tx, app, &next).await?;
    Ok(next)
}

#[async_trait]
impl Messages for Sqlite {
    async fn append(&self, append: Append) {
        if let Err(refused) = self.writer.send(Write::Append(append)).await {
            turn_away(refused.0);
        }
    }

    fn head(&self) -> Cursor {
        Cursor(self.head.load(Ordering::Acquire))
    }

    async fn message(&self, app: AppId, message: MessageId, viewer: Option<&UserId>) -> Result<Option<Message>> {
        find(&mut *self.readers.acquire().await?, app, message, viewer).await
    }

    async fn history(
        &self,
        app: AppId,
        conversation: ConversationId,
        viewer: Option<&UserId>,
        from: HistoryFrom,
        limit: u32,
    ) -> Result<MessagePage> {
        self.history_page(app, conversation, viewer, from, limit).await
    }

    async fn page(&self, app: AppId, viewer: Option<&UserId>, request: &PageRequest) -> Result<MessagePage> {
        self.page_of(app, viewer, request).await
    }

    async fn count_messages(&self, app: AppId, conversation: ConversationId, viewer: Option<&UserId>) -> Result<u64> {
        self.count(app, conversation, viewer).await
    }

    async fn message_by_nonce(
        &self,
        app: AppId,
        conversation: ConversationId,
        nonce: &Nonce,
        viewer: Option<&UserId>,
    ) -> Result<Option<Message>> {
        self.by_nonce(app, conversation, nonce, viewer).await
    }

    async fn clear_history(
        &self,
        app: AppId,
        conversation: ConversationId,
        user: &UserId,
        sequel: Sequel<Seq>,
    ) -> Result<Seq> {
        self.clear(app, conversation, user, sequel).await
    }

    async fn edit_message(
        &self,
        app: AppId,
        message: MessageId,
        body: Body,
        now: Millis,
        sequel: Sequel<Message>,
    ) -> Result<Message> {
        self.write(sequel, move |tx, jobs| {
            Box::pin(async move {
                let old = must_find(&mut tx.conn, app, message).await?;
                if matches!(old.state, MessageState::Recalled(_)) {
                    return Err(StorageError::Missing("message"));
                }
                let cursor = tx.follow(app, Some(old.conversation), Some(message), jobs).await?;
                let next = replace_body(tx, app, (message, old), body, now, cursor).await?;
                Ok(Written {
                    answer: next.clone(),
                    sequel: Some((next, cursor)),
                })
            })
        })
        .await
    }

    async fn recall_message(
        &self,
        app: AppId,
        message: MessageId,
        now: Millis,
        sequel: Sequel<Message>,
    ) -> Result<Message> {
        const SQL: &str = "UPDATE messages SET body = '{}', recalled_at = ?, changed = ? WHERE id = ?";
        self.write(sequel, move |tx, jobs| {
            Box::pin(async move {
                let old = must_find(&mut tx.conn, app, message).await?;
                if matches!(old.state, MessageState::Recalled(_)) {
                    return Ok(Written {
                        answer: old,
                        sequel: None,
                    });
                }
                let cursor = tx.follow(app, Some(old.conversation), Some(message), jobs).await?;
                let update = sqlx::query(SQL)
                    .bind(now.0)
                    .bind(int(cursor.0))
                    .bind(int(message.get()));
                update.execute(&mut tx.conn).await?;
                let next = Message {
                    body: Body::empty(),
                    state: MessageState::Recalled(now),
                    ..old
                };
                indexer::forget(tx, &next).await?;
                Ok(Written {
                    answer: next.clone(),
                    sequel: Some((next, cursor)),
                })
            })
        })
        .await
    }

    async fn hide_messages(
        &self,
        app: AppId,
        user: &UserId,
        messages: Vec<MessageId>,
        sequel: Sequel<Vec<MessageId>>,
    ) -> Result<Vec<MessageId>> {
        const VISIBLE: &str = "SELECT json_group_array(DISTINCT m.id) FROM json_each(?) w CROSS JOIN messages m ON m.id = w.value AND m.app = \
             ?2 WHERE NOT EXISTS (SELECT 1 FROM hidden h WHERE h.app = ?2 AND h.user = ?3 AND h.message = m.id)";
        const HIDE: &str = "INSERT INTO hidden (app, user, cursor, message) SELECT ?, ?, ?, value FROM json_each(?)";
        let user = user.clone();
        self.write(sequel, move |tx, jobs| {
            Box::pin(async move {
                let json: String = sqlx::query_scalar(VISIBLE)
                    .bind(ids(messages.iter().map(|id| id.get())))
                    .bind(int(app.get()))
                    .bind(user.as_str())
                    .fetch_one(&mut tx.conn)
                    .await?;
                let visible = decode::<Vec<u64>>(&json)?
                    .into_iter()
                    .map(message_id)
                    .collect::<Result<Vec<_>>>()?;
                if visible.is_empty() {
                    return Ok(Written {
                        answer: visible,
                        sequel: None,
                    });
                }
                let cursor = tx.follow(app, None, None, jobs).await?;
                let hide = sqlx::query(HIDE)
                    .bind(int(app.get()))
                    .bind(user.as_str())
                    .bind(int(cursor.0))
                    .bind(json);
                hide.execute(&mut tx.conn).await?;
                Ok(Written {
                    answer: visible.clone(),
                    sequel: Some((visible, cursor)),
                })
            })
        })
        .await
    }

    async fn react(
        &self,
        app: AppId,
        message: MessageId,
        user: &UserId,
        emoji: &str,
        add: bool,
        sequel: Sequel<Message>,
    ) -> Result<bool> {
        const ADD: &str = "INSERT INTO reactions (message, emoji, user, cursor) VALUES (?, ?, ?, ?)";
        const REMOVE: &str = "DELETE FROM reactions WHERE message = ? AND emoji = ? AND user = ?";
        const CHANGED: &str = "UPDATE messages SET changed = ?, reacted = EXISTS (SELECT 1 FROM reactions r WHERE r.message \
                               = messages.id) WHERE id = ?";
        let (user, emoji) = (user.clone(), emoji.to_owned());
        self.write(sequel, move |tx, jobs| {
            Box::pin(async move {
                let mut found = must_find(&mut tx.conn, app, message).await?;
                if !change_reactions(&mut found.reactions, &user, &emoji, add)? {
                    return Ok(Written {
                        answer: false,
                        sequel: None,
                    });
                }
                let cursor = tx.follow(app, Some(found.conversation), Some(message), jobs).await?;
                let id = int(message.get());
                let write = sqlx::query(if add { ADD } else { REMOVE })
                    .bind(id)
                    .bind(emoji)
                    .bind(user.as_str());
                // Without a place for it in the text the fourth parameter is left out.
                let write = if add { write.bind(int(cursor.0)) } else { write };
                write.execute(&mut tx.conn).await?;
                sqlx::query(CHANGED)
                    .bind(int(cursor.0))
                    .bind(id)
                    .execute(&mut tx.conn)
                    .await?;
                Ok(Written {
                    answer: true,
                    sequel: Some((found, cursor)),
                })
            })
        })
        .await
    }

    async fn missed(&self, app: AppId, user: &UserId, after: Cursor, limit: u32) -> Result<Missed> {
        self.changes_since(app, user, after, limit).await
    }
}

/// Puts an emoji on a list or takes it away; false if it is so already.
fn change_reactions(list: &mut Vec<Reaction>, user: &UserId, emoji: &str, add: bool) -> Result<bool> {
    let at = list.iter().position(|reaction| reaction.emoji == emoji);
    let there = at.is_some_and(|at| list[at].users.contains(user));
    if there == add {
        return Ok(false);
    }
    match at {
        Some(at) if add => list[at].users.push(user.clone()),
        Some(at) => {
            list[at].users.retain(|other| other != user);
            list.retain(|reaction| !reaction.users.is_empty());
        }
        None if list.len() >= MOST_EMOJI => return Err(StorageError::Quota("emoji on a message")),
        None => list.push(Reaction {
            emoji: emoji.to_owned(),
            users: vec![user.clone()],
        }),
    }
    Ok(true)
}
