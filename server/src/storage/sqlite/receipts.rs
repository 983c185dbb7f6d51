//! Marks: those of a whole group are moved by one statement.

use async_trait::async_trait;
use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use super::Sqlite;
use super::group::{Ground, MemberKey, Plan, Write};
use super::rows::{decode, int, user_id};
use super::task::Tx;
use crate::model::{AppId, ConversationId, Cursor, Event, Marks, Receipt, Seq, UserId};
use crate::storage::{Receipts, Result, Sequel, StorageError};

/// Moves marks by a list made by [`json`].
pub(super) const MOVE_MARKS: &str = "UPDATE members SET delivered = max(members.delivered, v.delivered), read = max(members.read, v.read) FROM (SELECT \
     value ->> 0 AS conversation, value ->> 1 AS user, value ->> 2 AS delivered, value ->> 3 AS read FROM json_each(?)) v \
     WHERE members.conversation = v.conversation AND members.user = v.user AND members.left IS NULL";

/// One member's marks.
pub(super) const MARKS: &str =
    "SELECT delivered, read FROM members WHERE conversation = ? AND user = ? AND app = ? AND left IS NULL";
/// Everyone's.
pub(super) const EVERYONES: &str = "SELECT json_group_array(json_array(user, delivered, read)) FROM (SELECT user, delivered, read FROM members WHERE \
     conversation = ? AND app = ? AND left IS NULL ORDER BY user LIMIT 1000)";

/// A member's marks on their way to the table.
pub(super) struct MarkWriting {
    pub(super) app: AppId,
    pub(super) conversation: ConversationId,
    pub(super) user: UserId,
    pub(super) delivered: Option<Seq>,
    pub(super) read: Option<Seq>,
    pub(super) sequel: Sequel<Marks>,
    pub(super) ack: oneshot::Sender<Result<(Marks, Seq)>>,
}

/// Where marks are now.
pub(super) struct Marked {
    marks: Marks,
    newest: Seq,
    moved: bool,
}

impl MarkWriting {
    /// Answers, and announces marks that moved.
    pub(super) fn settle(self, marked: Result<Marked>, now: Cursor) -> Vec<Event> {
        match marked {
            Ok(Marked { marks, newest, moved }) => {
                let _ = self.ack.send(Ok((marks, newest)));
                if moved {
                    (self.sequel.announce)(&marks, now)
                } else {
                    Vec::new()
                }
            }
            Err(error) => {
                let _ = self.ack.send(Err(error));
                Vec::new()
            }
        }
    }
}

/// Moves the marks of a group, after its messages have their places.
pub(super) fn place(list: &[MarkWriting], ground: &Ground, plan: &mut Plan, tx: &mut Tx) -> Vec<Result<Marked>> {
    list.iter().map(|mark| place_one(mark, ground, plan, tx)).collect()
}

fn place_one(mark: &MarkWriting, ground: &Ground, plan: &mut Plan, tx: &mut Tx) -> Result<Marked> {
    let head = plan
        .heads
        .get(&mark.conversation)
        .copied()
        .or_else(|| ground.heads.get(&mark.conversation).copied().flatten())
        .filter(|head| head.app == mark.app)
        .ok_or(StorageError::Missing("conversation"))?;
    let key = (mark.conversation, mark.user.clone());
    let stored = ground
        .marks
        .get(&key)
        .copied()
        .flatten()
        .ok_or(StorageError::Missing("member"))?;
    let before = plan.marks.get(&key).map_or(stored, |own| Marks {
        delivered: own.delivered.max(stored.delivered),
        read: own.read.max(stored.read),
    });
    let read = before.read.max(mark.read.unwrap_or_default().min(head.last));
    let delivered = before
        .delivered
        .max(mark.delivered.unwrap_or_default().min(head.last))
        .max(read);
    let marks = Marks { delivered, read };
    let moved = marks != before;
    if moved {
        let jobs = tx.job_rows(mark.app, Some(mark.conversation), None, mark.sequel.jobs.clone());
        plan.jobs.extend(jobs);
        plan.marks.insert(key, marks);
    }
    Ok(Marked {
        marks,
        newest: head.last,
        moved,
    })
}

/// For [`MOVE_MARKS`].
pub(super) fn json(marks: &FxHashMap<MemberKey, Marks>) -> Option<String> {
    if marks.is_empty() {
        return None;
    }
    let list: Vec<(u64, &str, u64, u64)> = marks
        .iter()
        .map(|((conversation, user), marks)| (conversation.get(), user.as_str(), marks.delivered.0, marks.read.0))
        .collect();
    serde_json::to_string(&list).ok()
}

#[async_trait]
impl Receipts for Sqlite {
    async fn mark(
        &self,
        app: AppId,
        conversation: ConversationId,
        user: &UserId,
        delivered: Option<Seq>,
        read: Option<Seq>,
        sequel: Sequel<Marks>,
    ) -> Result<(Marks, Seq)> {
        let (ack, answer) = oneshot::channel();
        let user = user.clone();
        self.queue(
            Write::Mark(MarkWriting {
                app,
                conversation,
                user,
                delivered,
                read,
                sequel,
                ack,
            }),
            answer,
        )
        .await
    }

    async fn marks(&self, app: AppId, conversation: ConversationId, user: &UserId) -> Result<Marks> {
        let row: Option<(i64, i64)> = sqlx::query_as(MARKS)
            .bind(int(conversation.get()))
            .bind(user.as_str())
            .bind(int(app.get()))
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.map_or_else(Marks::default, |(delivered, read)| Marks {
            delivered: Seq(delivered.cast_unsigned()),
            read: Seq(read.cast_unsigned()),
        }))
    }

    async fn receipts(&self, app: AppId, conversation: ConversationId) -> Result<Vec<Receipt>> {
        let json: String = sqlx::query_scalar(EVERYONES)
            .bind(int(conversation.get()))
            .bind(int(app.get()))
            .fetch_one(&self.readers)
            .await?;
        let rows: Vec<(String, u64, u64)> = decode(&json)?;
        rows.into_iter()
            .map(|(user, delivered, read)| {
                let marks = Marks {
                    delivered: Seq(delivered),
                    read: Seq(read),
                };
                Ok(Receipt {
                    user: user_id(&user)?,
                    marks,
                })
            })
            .collect()
    }
}
