//! Fills the index of words, behind the messages and out of their way: in small steps, each a write like others, while
//! nobody else writes, or else one a second. How far it has got is stored with each step.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::mpsc::WeakSender;

use super::group::Write;
use super::rows::{decode, int};
use super::task::{Tx, Waiting, Written};
use super::words;
use crate::model::{AppId, Message};
use crate::storage::{Result, Sequel};

/// How often it looks whether there is something to do, in milliseconds.
const TICK: u64 = 200;
/// While others write, how many ticks it waits from one step to the next.
const PATIENCE: u64 = 5;
/// Messages in a step.
const STEP: i64 = 128;

/// The next messages, with whether their app wants them found: `[[id, conversation, body, wanted]]`. Parameter: limit.
pub(super) const NEXT: &str = "SELECT json_group_array(json_array(m.id, m.conversation, m.body, m.recalled_at IS NULL AND \
     coalesce((SELECT a.settings ->> '$.search' FROM apps a WHERE a.id = m.app), 1))) FROM (SELECT * FROM messages WHERE id > \
     (SELECT indexed FROM search_state) ORDER BY id LIMIT ?1) m";

const INSERT: &str = "INSERT OR REPLACE INTO message_words (rowid, place, words) SELECT value ->> 0, value ->> 1, value ->> 2 FROM \
                      json_each(?)";

#[derive(Deserialize)]
struct Row(u64, u64, String, u8);

/// Works until the writer is gone.
pub(super) async fn run(writer: WeakSender<Write>, head: Arc<AtomicU64>) {
    let (mut seen, mut done) = (0, None);
    let mut ticks: u64 = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(TICK)).await;
        ticks = ticks.wrapping_add(1);
        let now = head.load(Ordering::Acquire);
        let idle = seen == now;
        seen = now;
        if done == Some(now) || !idle && !ticks.is_multiple_of(PATIENCE) {
            continue;
        }
        loop {
            match step(&writer).await {
                None => return,
                Some(Ok(true)) if head.load(Ordering::Acquire) == now => {}
                Some(Ok(more)) => {
                    done = (!more).then_some(now);
                    break;
                }
                Some(Err(error)) => {
                    tracing::debug!(%error, "words of messages were not indexed; tried again");
                    break;
                }
            }
        }
    }
}

/// One step; says whether there is more. None if the writer is gone.
async fn step(writer: &WeakSender<Write>) -> Option<Result<bool>> {
    let (task, answer) = Waiting::new(Sequel::<()>::none(), move |tx, _| {
        Box::pin(async move { index(tx).await.map(Written::quiet) })
    });
    writer.upgrade()?.send(Write::Task(Box::new(task))).await.ok()?;
    answer.await.ok()
}

/// Read and written in one transaction, so that no edit comes in between.
async fn index(tx: &mut Tx) -> Result<bool> {
    let json: String = sqlx::query_scalar(NEXT).bind(STEP).fetch_one(&mut tx.conn).await?;
    let rows: Vec<Row> = decode(&json)?;
    let Some(last) = rows.last().map(|row| row.0) else {
        return Ok(false);
    };
    let more = rows.len() as i64 == STEP;
    let list: Vec<(u64, String, String)> = rows
        .into_iter()
        .filter(|row| row.3 != 0)
        .map(|row| (row.0, place(row.1), words::indexed(&words::of_body(&row.2))))
        .filter(|row| !row.2.is_empty())
        .collect();
    if !list.is_empty() {
        let list = serde_json::json!(list).to_string();
        sqlx::query(INSERT).bind(list).execute(&mut tx.conn).await?;
    }
    sqlx::query("UPDATE search_state SET indexed = ?")
        .bind(int(last))
        .execute(&mut tx.conn)
        .await?;
    Ok(more)
}

/// The word for a conversation.
fn place(conversation: u64) -> String {
    format!("c{conversation}")
}

/// Indexes a message again whose body was replaced, if it was indexed before.
pub(super) async fn reindex(tx: &mut Tx, app: AppId, message: &Message) -> Result<()> {
    const SQL: &str = "INSERT OR REPLACE INTO message_words (rowid, place, words) SELECT ?1, ?2, ?3 WHERE ?1 <= (SELECT indexed \
                       FROM search_state) AND coalesce((SELECT settings ->> '$.search' FROM apps WHERE id = ?4), 1)";
    sqlx::query(SQL)
        .bind(message.id.map(|id| int(id.get())))
        .bind(place(message.conversation.get()))
        .bind(words::indexed(&words::of_body(message.body.as_str())))
        .bind(int(app.get()))
        .execute(&mut tx.conn)
        .await?;
    Ok(())
}

/// Forgets the words of a message that was taken back.
pub(super) async fn forget(tx: &mut Tx, message: &Message) -> Result<()> {
    sqlx::query("DELETE FROM message_words WHERE rowid = ?")
        .bind(message.id.map(|id| int(id.get())))
        .execute(&mut tx.conn)
        .await?;
    Ok(())
}
