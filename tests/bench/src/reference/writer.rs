//! The one writer: takes whatever waits, stores it in one transaction, hands the group on after the commit.
//!
//! A thread of its own checkpoints the log, which keeps that work out of the commits. A storage error ends the process:
//! a benchmark of a broken disk means nothing.

use std::{
    collections::{HashMap, hash_map::Entry},
    path::Path,
    process,
    sync::Arc,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rusqlite::{Connection as Database, params};
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use crate::rooms::Connection;

/// Most messages in one transaction.
const GROUP: usize = 512;
const CHECKPOINT_EVERY: Duration = Duration::from_millis(100);

const SETTINGS: &str = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=16384;
PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; PRAGMA busy_timeout=5000;";

const TABLE: &str = "CREATE TABLE IF NOT EXISTS messages(
 id INTEGER PRIMARY KEY, app_id INTEGER NOT NULL, conv_id INTEGER NOT NULL, seq INTEGER NOT NULL,
 sender INTEGER NOT NULL, type TEXT NOT NULL, content TEXT NOT NULL, nonce TEXT NOT NULL,
 created_at INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS m_nonce ON messages(app_id, sender, nonce);
CREATE UNIQUE INDEX IF NOT EXISTS m_conv ON messages(conv_id, seq);";

const INSERT: &str = "INSERT INTO messages(app_id, conv_id, seq, sender, type, content, nonce, created_at)
VALUES(1, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(app_id, sender, nonce) DO NOTHING";
const LAST_SEQ: &str = "SELECT coalesce(max(seq), 0) FROM messages WHERE conv_id = ?";
const FIRST_WITH_NONCE: &str = "SELECT seq, id, created_at FROM messages WHERE app_id = 1 AND sender = ? AND nonce = ?";

/// A message on its way to the disk.
pub struct Job {
    pub conversation: i64,
    pub kind: String,
    pub content: Box<RawValue>,
    pub nonce: String,
    pub from: Arc<Connection>,
}

/// A message that is durable.
pub struct Stored {
    pub job: Job,
    pub seq: i64,
    pub id: i64,
    pub at: i64,
    /// The nonce was known: these are the first message's numbers, and nobody is told again.
    pub duplicate: bool,
}

/// Opens the file and starts the two threads.
pub fn start(file: &Path, jobs: mpsc::Receiver<Job>, stored: mpsc::Sender<Vec<Stored>>) -> anyhow::Result<()> {
    let database = open(file)?;
    database.execute_batch(TABLE)?;
    let second = open(file)?;
    thread::Builder::new()
        .name("checkpoint".into())
        .spawn(move || checkpoint(&second))?;
    thread::Builder::new().name("writer".into()).spawn(move || {
        if let Err(error) = write(&database, jobs, &stored) {
            eprintln!("writer: {error}");
            process::exit(1);
        }
    })?;
    Ok(())
}

fn open(file: &Path) -> rusqlite::Result<Database> {
    let database = Database::open(file)?;
    database.execute_batch(SETTINGS)?;
    Ok(database)
}

fn checkpoint(database: &Database) {
    loop {
        thread::sleep(CHECKPOINT_EVERY);
        if let Err(error) = database.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
            eprintln!("checkpoint: {error}");
        }
    }
}

fn write(
    database: &Database,
    mut jobs: mpsc::Receiver<Job>,
    stored: &mpsc::Sender<Vec<Stored>>,
) -> rusqlite::Result<()> {
    let mut last_seqs = HashMap::new();
    let mut waiting = Vec::with_capacity(GROUP);
    while jobs.blocking_recv_many(&mut waiting, GROUP) > 0 {
        let group = commit(database, &mut waiting, &mut last_seqs)?;
        if stored.blocking_send(group).is_err() {
            break;
        }
    }
    Ok(())
}

fn commit(
    database: &Database,
    waiting: &mut Vec<Job>,
    last_seqs: &mut HashMap<i64, i64>,
) -> rusqlite::Result<Vec<Stored>> {
    let at = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis() as i64;
    let mut group = Vec::with_capacity(waiting.len());
    database.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let mut insert = database.prepare_cached(INSERT)?;
    for job in waiting.drain(..) {
        let last = match last_seqs.entry(job.conversation) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let mut query = database.prepare_cached(LAST_SEQ)?;
                unknown.insert(query.query_row([job.conversation], |row| row.get(0))?)
            }
        };
        let values = params![
            job.conversation,
            *last + 1,
            job.from.user,
            job.kind,
            job.content.get(),
            job.nonce,
            at
        ];
        if insert.execute(values)? == 1 {
            *last += 1;
            group.push(Stored {
                seq: *last,
                id: database.last_insert_rowid(),
                at,
                duplicate: false,
                job,
            });
        } else {
            group.push(first_with_nonce(database, job)?);
        }
    }
    database.prepare_cached("COMMIT")?.execute([])?;
    Ok(group)
}

fn first_with_nonce(database: &Database, job: Job) -> rusqlite::Result<Stored> {
    let mut query = database.prepare_cached(FIRST_WITH_NONCE)?;
    let (seq, id, at) = query.query_row(params![job.from.user, job.nonce], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })?;
    Ok(Stored {
        job,
        seq,
        id,
        at,
        duplicate: true,
    })
}
