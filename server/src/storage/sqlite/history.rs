//! Pages of a conversation: one row each, however many messages.

use super::Sqlite;
use super::rows::{int, message_json, read_messages};
use crate::model::{AppId, ConversationId, HistoryFrom, MessagePage, UserId};
use crate::storage::Result;

/// A page below or above a place. Parameters: conversation, place, app, viewer, limit.
macro_rules! page {
    ($range:expr, $order:expr) => {
        concat!(
            "SELECT json_group_array(",
            message_json!(),
            ") FROM (SELECT * FROM messages m WHERE m.conversation = (SELECT id FROM conversations WHERE id = ?1 AND app = \
             ?3 AND dissolved IS NULL) AND ",
            $range,
            " AND NOT EXISTS (SELECT 1 FROM hidden h WHERE h.app = ?3 AND h.user = ?4 AND h.message = m.id) ORDER BY m.seq ",
            $order,
            " LIMIT ?5) m"
        )
    };
}

/// The place of a message that is named by its id; of one that is not in the conversation there is none, and no page.
macro_rules! seq_of {
    () => {
        "(SELECT seq FROM messages WHERE id = ?2 AND conversation = ?1)"
    };
}

/// What the viewer has cleared.
macro_rules! cleared {
    () => {
        "coalesce((SELECT x.cleared FROM members x WHERE x.conversation = ?1 AND x.user = ?4), 0)"
    };
}

/// Below a place.
macro_rules! before {
    ($place:expr) => {
        page!(concat!("m.seq < ", $place, " AND m.seq > ", cleared!()), "DESC")
    };
}

/// Above a place: one bound, so that the index is entered there.
macro_rules! after {
    ($place:expr) => {
        page!(concat!("m.seq > max(", $place, ", ", cleared!(), ")"), "ASC")
    };
}

pub(super) const BEFORE_SEQ: &str = before!("?2");
pub(super) const AFTER_SEQ: &str = after!("?2");
pub(super) const BEFORE_ID: &str = before!(seq_of!());
pub(super) const AFTER_ID: &str = after!(seq_of!());

impl Sqlite {
    /// A page, without what the viewer has hidden or cleared.
    pub(super) async fn history_page(
        &self,
        app: AppId,
        conversation: ConversationId,
        viewer: Option<&UserId>,
        from: HistoryFrom,
        limit: u32,
    ) -> Result<MessagePage> {
        let (sql, place) = match from {
            HistoryFrom::End => (BEFORE_SEQ, i64::MAX),
            HistoryFrom::BeforeSeq(seq) => (BEFORE_SEQ, int(seq.0)),
            HistoryFrom::AfterSeq(seq) => (AFTER_SEQ, int(seq.0)),
            HistoryFrom::BeforeId(id) => (BEFORE_ID, int(id.get())),
            HistoryFrom::AfterId(id) => (AFTER_ID, int(id.get())),
        };
        let json: String = sqlx::query_scalar(sql)
            .bind(int(conversation.get()))
            .bind(place)
            .bind(int(app.get()))
            .bind(viewer.map(UserId::as_str))
            .bind(i64::from(limit) + 1)
            .fetch_one(&self.readers)
            .await?;
        let mut messages = read_messages(&json)?;
        let has_more = messages.len() > limit as usize;
        messages.truncate(limit as usize);
        Ok(MessagePage { messages, has_more })
    }
}
