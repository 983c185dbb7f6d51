//! A whole group as one query text: the driver hands each query to its thread and back, which costs more than most
//! statements, so that everything of a group that needs no answer goes over at once.

use std::fmt::Write as _;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, SqliteConnection};

use super::group::Place;
use super::jobs::{FINISH_JOBS, INSERT_JOBS};
use super::kv::{DELETE_KEYS, INSERT_EFFECTS, UPSERT_KEYS};
use super::receipts::MOVE_MARKS;
use super::rows::{int, write_mentions};
use crate::model::{PluginName, Sender, UserId};
use crate::storage::{Append, Result, StorageError};

/// Columns of a new message.
const COLUMNS: usize = 13;

/// The parts of a group's text that come after its messages, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    Marks,
    Jobs,
    Finish,
    KeysSet,
    KeysGone,
    Effects,
}

impl Part {
    const fn sql(self) -> &'static str {
        match self {
            Self::Marks => MOVE_MARKS,
            Self::Jobs => INSERT_JOBS,
            Self::Finish => FINISH_JOBS,
            Self::KeysSet => UPSERT_KEYS,
            Self::KeysGone => DELETE_KEYS,
            Self::Effects => INSERT_EFFECTS,
        }
    }
}

/// What a group writes beside messages: each a list as JSON, empty if there is nothing.
#[derive(Default)]
pub(super) struct Lists {
    pub(super) marks: Option<String>,
    pub(super) jobs: Option<String>,
    pub(super) finish: Option<String>,
    pub(super) keys_set: Option<String>,
    pub(super) keys_gone: Option<String>,
    pub(super) effects: Option<String>,
}

/// What follows the group's own statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum End {
    /// Nothing: it is committed at once.
    Commit,
    /// Other writes, each in a savepoint.
    Savepoint,
}

/// Texts of groups, made once for each shape so that the driver finds its prepared statements again. A shape is the
/// number of message rows, rounded up, and which lists there are; rows that are not there are NULL and skipped.
#[derive(Default)]
pub(super) struct Texts(FxHashMap<(usize, u8, End), Arc<str>>);

impl Texts {
    /// Begins a transaction and writes a group in it.
    pub(super) async fn execute(
        &mut self,
        conn: &mut SqliteConnection,
        appends: &[Append],
        places: &[Place],
        fresh: usize,
        lists: Lists,
        end: End,
    ) -> std::result::Result<(), sqlx::Error> {
        let rows = shape(fresh);
        let parts: Vec<(Part, String)> = [
            (Part::Marks, lists.marks),
            (Part::Jobs, lists.jobs),
            (Part::Finish, lists.finish),
            (Part::KeysSet, lists.keys_set),
            (Part::KeysGone, lists.keys_gone),
            (Part::Effects, lists.effects),
        ]
        .into_iter()
        .filter_map(|(part, list)| list.map(|list| (part, list)))
        .collect();
        let mask = parts.iter().fold(0, |mask, (part, _)| mask | 1 << *part as u8);
        let sql = self
            .0
            .entry((rows, mask, end))
            .or_insert_with(|| text(rows, &parts, end));
        let mut arguments = SqliteArguments::default();
        arguments.reserve(rows * COLUMNS + parts.len(), 0);
        bind_messages(&mut arguments, appends, places, rows - fresh).map_err(sqlx::Error::Encode)?;
        for (part, list) in parts {
            if part == Part::Finish {
                arguments.add(list.as_str()).map_err(sqlx::Error::Encode)?;
            }
            arguments.add(list).map_err(sqlx::Error::Encode)?;
        }
        sqlx::query_with(AssertSqlSafe(Arc::clone(sql)), arguments)
            .execute(conn)
            .await?;
        Ok(())
    }
}

/// Rounds a number of rows up so that there are few different ones: exact to 8, then four to an octave.
const fn shape(rows: usize) -> usize {
    if rows <= 8 {
        return rows;
    }
    let step = (rows - 1).ilog2() as usize - 2;
    rows.next_multiple_of(1 << step)
}

fn text(rows: usize, parts: &[(Part, String)], end: End) -> Arc<str> {
    let mut sql = String::from("BEGIN IMMEDIATE;");
    if rows > 0 {
        sql.push_str(
            "INSERT INTO messages (id, app, conversation, seq, sender, kind, body, nonce, mentions, reply_to, origin, depth, \
             created_at) SELECT * FROM (VALUES ",
        );
        let row = format!("(?{})", ",?".repeat(COLUMNS - 1));
        sql.push_str(&vec![row; rows].join(","));
        sql.push_str(") WHERE column1 IS NOT NULL;");
    }
    for (part, _) in parts {
        // Writing to a String cannot fail.
        let _ = write!(sql, "{};", part.sql());
    }
    sql.push_str(match end {
        End::Commit => "COMMIT",
        End::Savepoint => "SAVEPOINT one",
    });
    sql.into()
}

fn bind_messages(
    arguments: &mut SqliteArguments,
    appends: &[Append],
    places: &[Place],
    padding: usize,
) -> std::result::Result<(), sqlx::error::BoxDynError> {
    for (append, place) in appends.iter().zip(places) {
        let Place::New(stored, id) = place else { continue };
        let draft = &append.draft;
        arguments.add(int(id.get()))?;
        arguments.add(int(append.app.get()))?;
        arguments.add(int(draft.conversation.get()))?;
        arguments.add(int(stored.seq.0))?;
        arguments.add(sender_text(&draft.sender))?;
        arguments.add(draft.kind.as_str())?;
        arguments.add(draft.body.as_str())?;
        arguments.add(draft.nonce.as_str())?;
        arguments.add(write_mentions(&draft.mentions))?;
        arguments.add(draft.reply_to.map(|id| int(id.get())))?;
        arguments.add(draft.origin.as_ref().map(PluginName::as_str))?;
        arguments.add(draft.depth)?;
        arguments.add(stored.at.0)?;
    }
    for _ in 0..padding * COLUMNS {
        arguments.add(None::<i64>)?;
    }
    Ok(())
}

/// The sender as stored: the app itself has no uid.
pub(super) fn sender_text(sender: &Sender) -> &str {
    sender.user().map_or("", UserId::as_str)
}

/// Runs statements that give nothing back.
pub(super) async fn run(conn: &mut SqliteConnection, sql: &'static str) -> Result<(), StorageError> {
    sqlx::query(sql).execute(conn).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_few_and_never_too_small() {
        let mut shapes: Vec<usize> = (0..=512).map(shape).collect();
        assert!((0..=512).all(|rows| shape(rows) >= rows && shape(rows) <= rows + rows / 4));
        shapes.dedup();
        assert!(shapes.len() < 40, "{shapes:?}");
    }
}
