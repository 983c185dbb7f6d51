//! Announcements: every one is kept, and the newest is read with its conversation.

use async_trait::async_trait;

use super::conversations::find_conversation;
use super::rows::{NoticeRow, decode, int};
use super::task::Written;
use super::{Sqlite, effects};
use crate::model::{AppId, ConversationId, Notice, UserId};
use crate::storage::{EffectKey, Notices, Result, Sequel};

/// A page and how many there are: `[[[id, text, by, created_at]], total]`. Parameters: conversation, app, limit, skip.
pub(super) const NOTICES: &str = "SELECT json_array(json((SELECT json_group_array(json_array(n.id, n.text, n.by, \
     n.created_at) ORDER BY n.id DESC) FROM (SELECT * FROM notices WHERE conversation = ?1 AND app = ?2 ORDER BY id DESC \
     LIMIT ?3 OFFSET ?4) n)), (SELECT count(*) FROM notices WHERE conversation = ?1 AND app = ?2))";

#[async_trait]
impl Notices for Sqlite {
    async fn announce(
        &self,
        app: AppId,
        conversation: ConversationId,
        text: String,
        by: Option<UserId>,
        once: Option<EffectKey>,
        sequel: Sequel<Notice>,
    ) -> Result<Notice> {
        const INSERT: &str =
            "INSERT INTO notices (id, app, conversation, text, by, created_at) VALUES (?, ?, ?, ?, ?, ?)";
        const TOUCH: &str = "UPDATE conversations SET updated_at = ?, changed = ? WHERE id = ?";
        self.write(sequel, move |tx, jobs| {
            Box::pin(async move {
                if let Some(known) = effects::recall(&mut tx.conn, app, once.as_ref()).await? {
                    return Ok(Written {
                        answer: decode::<NoticeRow>(&known)?.into_model()?,
                        sequel: None,
                    });
                }
                find_conversation(&mut tx.conn, app, conversation).await?;
                let cursor = tx.follow(app, Some(conversation), None, jobs).await?;
                let notice = Notice {
                    id: cursor.0,
                    text,
                    by,
                    created_at: tx.now,
                };
                sqlx::query(INSERT)
                    .bind(int(notice.id))
                    .bind(int(app.get()))
                    .bind(int(conversation.get()))
                    .bind(notice.text.as_str())
                    .bind(notice.by.as_ref().map(UserId::as_str))
                    .bind(notice.created_at.0)
                    .execute(&mut tx.conn)
                    .await?;
                sqlx::query(TOUCH)
                    .bind(notice.created_at.0)
                    .bind(int(cursor.0))
                    .bind(int(conversation.get()))
                    .execute(&mut tx.conn)
                    .await?;
                let by = notice.by.as_ref().map(UserId::as_str);
                let kept = serde_json::json!([notice.id, notice.text, by, notice.created_at.0]);
                effects::remember(&mut tx.conn, app, once.as_ref(), &kept.to_string()).await?;
                Ok(Written {
                    answer: notice.clone(),
                    sequel: Some((notice, cursor)),
                })
            })
        })
        .await
    }

    async fn notices(
        &self,
        app: AppId,
        conversation: ConversationId,
        skip: u32,
        limit: u32,
    ) -> Result<(Vec<Notice>, u32)> {
        let json: String = sqlx::query_scalar(NOTICES)
            .bind(int(conversation.get()))
            .bind(int(app.get()))
            .bind(i64::from(limit))
            .bind(i64::from(skip))
            .fetch_one(&self.readers)
            .await?;
        let (rows, total): (Vec<NoticeRow>, u32) = decode(&json)?;
        let notices = rows.into_iter().map(NoticeRow::into_model).collect::<Result<_>>()?;
        Ok((notices, total))
    }
}
