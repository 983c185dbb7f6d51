//! Acting on messages: a new body is written only over the one it was decided on.

use async_trait::async_trait;

use super::messages::{MESSAGE, must_find, replace_body};
use super::rows::{int, read_message};
use super::task::Written;
use super::{Sqlite, effects};
use crate::model::{AppId, Body, Cursor, Message, MessageId, UserId};
use crate::storage::{Actions, Deed, EffectKey, Result};

/// A message's last change; 0 if there was none.
pub(super) const CHANGED: &str = "SELECT coalesce(changed, 0) FROM messages WHERE id = ? AND app = ?";

#[async_trait]
impl Actions for Sqlite {
    async fn message_as_of(
        &self,
        app: AppId,
        message: MessageId,
        viewer: Option<&UserId>,
    ) -> Result<Option<(Message, Cursor)>> {
        let mut conn = self.readers.acquire().await?;
        // The stamp first: a change between the two reads makes the deed fail, and never pass unseen.
        let changed: Option<i64> = sqlx::query_scalar(CHANGED)
            .bind(int(message.get()))
            .bind(int(app.get()))
            .fetch_optional(&mut *conn)
            .await?;
        let json: Option<String> = sqlx::query_scalar(MESSAGE)
            .bind(int(message.get()))
            .bind(int(app.get()))
            .bind(viewer.map(UserId::as_str))
            .fetch_optional(&mut *conn)
            .await?;
        let (Some(changed), Some(json)) = (changed, json) else {
            return Ok(None);
        };
        Ok(Some((read_message(&json)?, Cursor(changed.cast_unsigned()))))
    }

    async fn answered(&self, app: AppId, effect: &EffectKey) -> Result<Option<Body>> {
        let mut conn = self.readers.acquire().await?;
        let outcome = effects::recall(&mut conn, app, Some(effect)).await?;
        Ok(outcome.map(|json| Body::trusted(&json)))
    }

    async fn act_on_message(&self, app: AppId, message: MessageId, deed: Deed) -> Result<bool> {
        let Deed {
            seen,
            body,
            now,
            answer,
            sequel,
        } = deed;
        self.write(sequel, move |tx, jobs| {
            Box::pin(async move {
                let changed: Option<i64> = sqlx::query_scalar(CHANGED)
                    .bind(int(message.get()))
                    .bind(int(app.get()))
                    .fetch_optional(&mut tx.conn)
                    .await?;
                if changed != Some(int(seen.0)) {
                    return Ok(Written {
                        answer: false,
                        sequel: None,
                    });
                }
                let old = must_find(&mut tx.conn, app, message).await?;
                let cursor = tx.follow(app, Some(old.conversation), Some(message), jobs).await?;
                if let Some((effect, answer)) = &answer {
                    effects::remember(&mut tx.conn, app, Some(effect), answer.as_str()).await?;
                }
                let Some(body) = body else {
                    return Ok(Written {
                        answer: true,
                        sequel: None,
                    });
                };
                let next = replace_body(tx, app, (message, old), body, now, cursor).await?;
                Ok(Written {
                    answer: true,
                    sequel: Some((next, cursor)),
                })
            })
        })
        .await
    }
}
