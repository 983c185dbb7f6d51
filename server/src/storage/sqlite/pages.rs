//! Pages of a conversation found by place or time, and single messages found by nonce. Places have no gaps, so a time is
//! found by halving: nothing here needs an index on times, which every send would pay for.

use super::Sqlite;
use super::rows::{int, message_json, read_message, read_messages};
use crate::model::{
    AppId, ConversationId, Message, MessageId, MessagePage, Millis, Nonce, PagePlace, PageRequest, UserId,
};
use crate::storage::Result;

/// A page between two places, both left out. Parameters: conversation, app, viewer, lower, upper, since, until, limit,
/// skip.
macro_rules! between {
    ($order:expr) => {
        concat!(
            "SELECT json_group_array(",
            message_json!(),
            ") FROM (SELECT * FROM messages m WHERE m.conversation = (SELECT id FROM conversations WHERE id = ?1 AND app = ?2 \
             AND dissolved IS NULL) AND m.seq > max(?4, coalesce((SELECT x.cleared FROM members x WHERE x.conversation = ?1 \
             AND x.user = ?3), 0)) AND m.seq < ?5 AND m.created_at >= ?6 AND m.created_at <= ?7 AND NOT EXISTS (SELECT 1 FROM \
             hidden h WHERE h.app = ?2 AND h.user = ?3 AND h.message = m.id) ORDER BY m.seq ",
            $order,
            " LIMIT ?8 OFFSET ?9) m"
        )
    };
}

pub(super) const BACKWARDS: &str = between!("DESC");
pub(super) const FORWARDS: &str = between!("ASC");

pub(super) const SEQ_OF: &str = "SELECT seq FROM messages WHERE id = ? AND conversation = ?";

/// The first place that was stored at a time or later, by halving. Parameters: conversation, time.
pub(super) const FIRST_SINCE: &str = "WITH RECURSIVE halving (low, high) AS (SELECT 0, coalesce(max(seq), 0) + 1 FROM messages \
     WHERE conversation = ?1 UNION ALL SELECT iif(x.created_at < ?2, x.seq, low), iif(x.created_at < ?2, high, x.seq) FROM \
     halving CROSS JOIN messages x ON x.conversation = ?1 AND x.seq = (low + high) / 2 WHERE high - low > 1) SELECT high FROM \
     halving WHERE high - low <= 1";

/// Messages a viewer can see: all that came after it has cleared, without what it has hidden. Parameters: conversation,
/// app, viewer.
pub(super) const COUNT: &str = "SELECT coalesce((SELECT max(seq) FROM messages WHERE conversation = (SELECT id FROM conversations \
     WHERE id = ?1 AND app = ?2 AND dissolved IS NULL)), 0) - own.cleared - (SELECT count(*) FROM hidden h CROSS JOIN messages \
     x ON x.id = h.message WHERE h.app = ?2 AND h.user = ?3 AND x.conversation = ?1 AND x.seq > own.cleared) FROM (SELECT \
     coalesce((SELECT cleared FROM members WHERE conversation = ?1 AND user = ?3), 0) AS cleared) own";

/// Parameters: app, nonce, conversation, viewer.
pub(super) const BY_NONCE: &str = concat!(
    "SELECT ",
    message_json!(),
    " FROM messages m WHERE m.app = ?1 AND m.nonce = ?2 AND m.conversation = ?3 AND m.seq > coalesce((SELECT x.cleared FROM \
     members x WHERE x.conversation = ?3 AND x.user = ?4), 0) AND NOT EXISTS (SELECT 1 FROM hidden h WHERE h.app = ?1 AND \
     h.user = ?4 AND h.message = m.id) ORDER BY m.id LIMIT 1"
);

impl Sqlite {
    /// See [`crate::storage::Messages::page`].
    pub(super) async fn page_of(
        &self,
        app: AppId,
        viewer: Option<&UserId>,
        request: &PageRequest,
    ) -> Result<MessagePage> {
        let conversation = request.conversation;
        let (mut lower, mut upper, mut skip) = (0, i64::MAX, 0);
        match request.place {
            PagePlace::End => {}
            PagePlace::Skip(count) => skip = i64::from(count),
            PagePlace::BeforeId(id) => upper = self.seq_of(conversation, id).await?.unwrap_or(0),
            PagePlace::AfterId(id) => lower = self.seq_of(conversation, id).await?.unwrap_or(i64::MAX),
        }
        if let Some(since) = request.since {
            lower = lower.max(self.first_since(conversation, since).await? - 1);
        }
        if let Some(until) = request.until {
            upper = upper.min(self.first_since(conversation, until.plus(1)).await?);
        }
        let sql = match request.place {
            PagePlace::AfterId(_) => FORWARDS,
            _ => BACKWARDS,
        };
        let json: String = sqlx::query_scalar(sql)
            .bind(int(conversation.get()))
            .bind(int(app.get()))
            .bind(viewer.map(UserId::as_str))
            .bind(lower)
            .bind(upper)
            .bind(request.since.map_or(i64::MIN, |at| at.0))
            .bind(request.until.map_or(i64::MAX, |at| at.0))
            .bind(i64::from(request.limit) + 1)
            .bind(skip)
            .fetch_one(&self.readers)
            .await?;
        let mut messages = read_messages(&json)?;
        let has_more = messages.len() > request.limit as usize;
        messages.truncate(request.limit as usize);
        Ok(MessagePage { messages, has_more })
    }

    async fn seq_of(&self, conversation: ConversationId, message: MessageId) -> Result<Option<i64>> {
        Ok(sqlx::query_scalar(SEQ_OF)
            .bind(int(message.get()))
            .bind(int(conversation.get()))
            .fetch_optional(&self.readers)
            .await?)
    }

    async fn first_since(&self, conversation: ConversationId, at: Millis) -> Result<i64> {
        Ok(sqlx::query_scalar(FIRST_SINCE)
            .bind(int(conversation.get()))
            .bind(at.0)
            .fetch_one(&self.readers)
            .await?)
    }

    /// See [`crate::storage::Messages::count_messages`].
    pub(super) async fn count(&self, app: AppId, conversation: ConversationId, viewer: Option<&UserId>) -> Result<u64> {
        let count: i64 = sqlx::query_scalar(COUNT)
            .bind(int(conversation.get()))
            .bind(int(app.get()))
            .bind(viewer.map(UserId::as_str))
            .fetch_one(&self.readers)
            .await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// See [`crate::storage::Messages::message_by_nonce`].
    pub(super) async fn by_nonce(
        &self,
        app: AppId,
        conversation: ConversationId,
        nonce: &Nonce,
        viewer: Option<&UserId>,
    ) -> Result<Option<Message>> {
        let json: Option<String> = sqlx::query_scalar(BY_NONCE)
            .bind(int(app.get()))
            .bind(nonce.as_str())
            .bind(int(conversation.get()))
            .bind(viewer.map(UserId::as_str))
            .fetch_optional(&self.readers)
            .await?;
        json.as_deref().map(read_message).transpose()
    }
}
