//! The hot path: messages, marks, finished jobs and keys of a whole group in one transaction, on a connection of its own
//! that is called in place. The general driver hands every query to a thread and back and copies every value on the
//! way, which costs more than the rows; here a row is bound where it lies.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, params};

use super::group::Place;
use super::jobs::{FORGET_EFFECTS, INSERT_JOBS, REMOVE_JOBS};
use super::kv::{DELETE_KEYS, INSERT_EFFECTS, UPSERT_KEYS};
use super::receipts::MOVE_MARKS;
use super::rows::{int, sender_text, write_mentions};
use crate::model::PluginName;
use crate::storage::Append;

pub(super) const INSERT_MESSAGE: &str = "INSERT INTO messages (id, app, conversation, seq, sender, kind, body, nonce, mentions, \
                              reply_to, origin, depth, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// Prepared statements kept at hand: all there are.
const STATEMENTS: usize = 16;

/// What a group writes beside messages: each a list as JSON, none if there is nothing.
#[derive(Default)]
pub(super) struct Lists {
    pub(super) marks: Option<String>,
    pub(super) jobs: Option<String>,
    pub(super) finish: Option<String>,
    pub(super) keys_set: Option<String>,
    pub(super) keys_gone: Option<String>,
    pub(super) effects: Option<String>,
}

impl Lists {
    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.statements().next().is_none()
    }

    /// Each statement with its list, in the order in which they run.
    fn statements(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            (MOVE_MARKS, &self.marks),
            (INSERT_JOBS, &self.jobs),
            (FORGET_EFFECTS, &self.finish),
            (REMOVE_JOBS, &self.finish),
            (UPSERT_KEYS, &self.keys_set),
            (DELETE_KEYS, &self.keys_gone),
            (INSERT_EFFECTS, &self.effects),
        ]
        .into_iter()
        .filter_map(|(sql, list)| list.as_deref().map(|list| (sql, list)))
    }
}

/// The connection.
pub(super) struct Hot {
    conn: Connection,
    file: PathBuf,
    cache_kib: u32,
    pages: Option<u32>,
}

impl Hot {
    /// Opens the database, which is there and has its schema.
    pub(super) fn open(file: &Path, cache_kib: u32) -> rusqlite::Result<Self> {
        let conn = connect(file, cache_kib)?;
        let file = file.to_owned();
        Ok(Self {
            conn,
            file,
            cache_kib,
            pages: None,
        })
    }

    /// Opens it again if it no longer answers.
    pub(super) fn recover(&mut self) -> rusqlite::Result<()> {
        if self.conn.query_row("SELECT 1", [], |_| Ok(())).is_err() {
            self.conn = connect(&self.file, self.cache_kib)?;
            self.pages = None;
        }
        Ok(())
    }
    /// Writes the new messages of a group and its lists, durably, or nothing of it. Blocks this thread.
    pub(super) fn write(
        &mut self,
        appends: &[Append],
        places: &[Place],
        lists: &Lists,
        pages: Option<u32>,
    ) -> rusqlite::Result<()> {
        if self.pages != pages {
            let pages = pages.unwrap_or(u32::MAX - 1);
            self.conn
                .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
        }
        self.pages = pages;
        self.conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let written = self
            .statements(appends, places, lists)
            .and_then(|()| self.conn.prepare_cached("COMMIT")?.execute([]));
        if written.is_err() && !self.conn.is_autocommit() {
            self.conn.execute_batch("ROLLBACK")?;
        }
        written.map(drop)
    }

    fn statements(&self, appends: &[Append], places: &[Place], lists: &Lists) -> rusqlite::Result<()> {
        let mut insert = self.conn.prepare_cached(INSERT_MESSAGE)?;
        for (append, place) in appends.iter().zip(places) {
            let Place::New(stored, id) = place else { continue };
            let draft = &append.draft;
            insert.execute(params![
                int(id.get()),
                int(append.app.get()),
                int(draft.conversation.get()),
                int(stored.seq.0),
                sender_text(&draft.sender),
                draft.kind.as_str(),
                draft.body.as_str(),
                draft.nonce.as_str(),
                write_mentions(&draft.mentions),
                draft.reply_to.map(|id| int(id.get())),
                draft.origin.as_ref().map(PluginName::as_str),
                draft.depth,
                stored.at.0,
            ])?;
        }
        for (sql, list) in lists.statements() {
            self.conn.prepare_cached(sql)?.execute([list])?;
        }
        Ok(())
    }
}

fn connect(file: &Path, cache_kib: u32) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(
        file,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
    conn.pragma_update(None, "wal_autocheckpoint", 16384)?;
    conn.pragma_update(None, "journal_size_limit", 268_435_456)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(conn)
}
