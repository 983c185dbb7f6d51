//! What a member has chosen for a conversation, and how much of it the member has cleared.

use super::Sqlite;
use super::conversations::find_conversation;
use super::rows::{decode, int, user_ids};
use super::task::{Stale, Written};
use super::views::PreferencesRow;
use crate::model::{AppId, ConversationId, Preferences, PreferencesPatch, Seq, UserId};
use crate::storage::{Result, Sequel, StorageError};

/// Parameters: conversation, user, app.
const CHOSEN: &str = "SELECT json_array(pinned_at, rank, do_not_disturb) FROM members WHERE conversation = ? AND user = ? \
                      AND app = ? AND left IS NULL";

/// Parameters: conversation, app.
pub(super) const UNDISTURBED: &str = "SELECT json_group_array(user) FROM members WHERE conversation = ? AND app = ? AND left IS NULL AND \
                                      do_not_disturb = 1";

impl Sqlite {
    /// See [`crate::storage::Members::prefer`].
    pub(super) async fn choose(
        &self,
        app: AppId,
        conversation: ConversationId,
        user: &UserId,
        patch: PreferencesPatch,
        sequel: Sequel<Preferences>,
    ) -> Result<Preferences> {
        const SAVE: &str =
            "UPDATE members SET pinned_at = ?, rank = ?, do_not_disturb = ? WHERE conversation = ? AND user = ?";
        let user = user.clone();
        self.write(sequel, move |tx, jobs| {
            Box::pin(async move {
                find_conversation(&mut tx.conn, app, conversation).await?;
                let json: Option<String> = sqlx::query_scalar(CHOSEN)
                    .bind(int(conversation.get()))
                    .bind(user.as_str())
                    .bind(int(app.get()))
                    .fetch_optional(&mut tx.conn)
                    .await?;
                let json = json.ok_or(StorageError::Missing("conversation"))?;
                let old = decode::<PreferencesRow>(&json)?.into_model();
                let next = Preferences {
                    pinned_at: match patch.pinned {
                        Some(true) => old.pinned_at.or(Some(tx.now)),
                        Some(false) => None,
                        None => old.pinned_at,
                    },
                    rank: patch.rank.unwrap_or(old.rank),
                    do_not_disturb: patch.do_not_disturb.unwrap_or(old.do_not_disturb),
                };
                if next == old {
                    return Ok(Written {
                        answer: next,
                        sequel: None,
                    });
                }
                let cursor = tx.follow(app, None, None, jobs).await?;
                sqlx::query(SAVE)
                    .bind(next.pinned_at.map(|at| at.0))
                    .bind(next.rank)
                    .bind(next.do_not_disturb)
                    .bind(int(conversation.get()))
                    .bind(user.as_str())
                    .execute(&mut tx.conn)
                    .await?;
                Ok(Written {
                    answer: next,
                    sequel: Some((next, cursor)),
                })
            })
        })
        .await
    }

    /// See [`crate::storage::Members::undisturbed`].
    pub(super) async fn quiet_members(&self, app: AppId, conversation: ConversationId) -> Result<Vec<UserId>> {
        let json: String = sqlx::query_scalar(UNDISTURBED)
            .bind(int(conversation.get()))
            .bind(int(app.get()))
            .fetch_one(&self.readers)
            .await?;
        user_ids(&decode::<Vec<String>>(&json)?)
    }

    /// See [`crate::storage::Messages::clear_history`].
    pub(super) async fn clear(
        &self,
        app: AppId,
        conversation: ConversationId,
        user: &UserId,
        sequel: Sequel<Seq>,
    ) -> Result<Seq> {
        const LAST: &str = "SELECT coalesce(max(seq), 0) FROM messages WHERE conversation = ?";
        const CLEAR: &str = "UPDATE members SET cleared = ?1, delivered = ?1, read = ?1 WHERE conversation = ?2 AND user = \
                             ?3 AND app = ?4 AND left IS NULL";
        let user = user.clone();
        self.write(sequel, move |tx, jobs| {
            Box::pin(async move {
                find_conversation(&mut tx.conn, app, conversation).await?;
                let last: i64 = sqlx::query_scalar(LAST)
                    .bind(int(conversation.get()))
                    .fetch_one(&mut tx.conn)
                    .await?;
                let cursor = tx.follow(app, None, None, jobs).await?;
                let cleared = sqlx::query(CLEAR)
                    .bind(last)
                    .bind(int(conversation.get()))
                    .bind(user.as_str())
                    .bind(int(app.get()))
                    .execute(&mut tx.conn)
                    .await?;
                if cleared.rows_affected() == 0 {
                    return Err(StorageError::Missing("conversation"));
                }
                tx.stale.push(Stale::Member(conversation, user));
                let last = Seq(last.cast_unsigned());
                Ok(Written {
                    answer: last,
                    sequel: Some((last, cursor)),
                })
            })
        })
        .await
    }
}
