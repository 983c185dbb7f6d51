//! Opens a data directory: lock, schema, writer, readers, checkpoints.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::fault::fault;
use super::group::Memory;
use super::hot::Hot;
use super::task::{RESERVED, Tx};
use super::writer::{Writer, run};
use super::{Sqlite, indexer};
use crate::model::{Clock, Event};
use crate::storage::{Bell, JobBell, Result, StorageError};
use crate::telemetry::Figures;

/// How a data directory is used.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The directory; made if it is not there.
    pub path: PathBuf,
    /// How many connections read.
    pub readers: u32,
    /// How many writes one commit holds at most.
    pub group: usize,
    /// How many writes wait at most; who comes later waits for room.
    pub queue: usize,
    /// How many groups of events wait at most to be delivered; then the writer waits.
    pub announcements: usize,
    /// How many conversations, members and nonces the writer remembers each.
    pub remembered: usize,
    /// How often the log is folded into the database, in milliseconds.
    pub checkpoint_ms: u64,
    /// The page cache of the writer, in KiB.
    pub writer_cache_kib: u32,
    /// The page cache of each reader, in KiB.
    pub reader_cache_kib: u32,
    /// How many pages of 4 KiB the database may have; writes beyond answer `Full`.
    pub max_pages: Option<u32>,
    /// Where commits are counted.
    pub figures: Arc<Figures>,
}

impl Settings {
    /// The defaults, for a directory.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            readers: 4,
            group: 512,
            queue: 8192,
            announcements: 256,
            remembered: 65_536,
            checkpoint_ms: 100,
            writer_cache_kib: 65_536,
            reader_cache_kib: 16_384,
            max_pages: None,
            figures: Arc::default(),
        }
    }
}

/// Opens a data directory. The receiver gives the events of each commit, in commit order; the writer waits while it is
/// full, so it must be read.
///
/// # Errors
/// `Fault` if the directory cannot be made or written, or if another server has it; otherwise what SQLite says.
pub async fn open(settings: Settings, clock: Arc<dyn Clock>) -> Result<(Arc<Sqlite>, mpsc::Receiver<Vec<Event>>)> {
    let path = settings.path.clone();
    let lock = tokio::task::spawn_blocking(move || take_directory(&path))
        .await
        .map_err(fault)?
        .map_err(fault)?;
    let file = settings.path.join("switchboard.db");
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging();
    let writing = options
        .clone()
        .pragma("cache_size", format!("-{}", settings.writer_cache_kib))
        .pragma("wal_autocheckpoint", "16384")
        .pragma("journal_size_limit", "268435456");
    let mut conn = SqliteConnection::connect_with(&writing).await?;
    sqlx::migrate!("src/storage/sqlite/migrations")
        .run(&mut conn)
        .await
        .map_err(fault)?;
    limit_pages(&mut conn, settings.max_pages).await?;
    let last: i64 = sqlx::query_scalar(RESERVED).fetch_one(&mut conn).await?;
    let last = last.cast_unsigned();
    let hot = Hot::open(&file, settings.writer_cache_kib)?;
    let reading = options
        .clone()
        .pragma("cache_size", format!("-{}", settings.reader_cache_kib))
        .pragma("query_only", "ON");
    let readers = SqlitePoolOptions::new()
        .max_connections(settings.readers.max(1))
        .min_connections(settings.readers.max(1))
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(reading)
        .await?;

    let (writer, queue) = mpsc::channel(settings.queue);
    let (announcer, announcements) = mpsc::channel(settings.announcements);
    let (done_tx, done) = oneshot::channel();
    let head = Arc::new(AtomicU64::new(last));
    let bell = Arc::new(JobBell::default());
    let webhook_bell = Arc::new(Bell::default());
    let dirty = Arc::new(AtomicBool::new(true));
    let checkpoints = checkpoint(
        options,
        Arc::clone(&dirty),
        Duration::from_millis(settings.checkpoint_ms),
    )
    .await?;
    let work = Writer {
        queue,
        group: settings.group,
        tx: Tx::new(conn, last, settings.max_pages),
        options: writing,
        memory: Memory::new(settings.remembered),
        hot,
        clock,
        bell: Arc::clone(&bell),
        webhook_bell: Arc::clone(&webhook_bell),
        head: Arc::clone(&head),
        events: announcer,
        dirty,
        figures: settings.figures,
        checkpoints,
        lock,
    };
    tokio::spawn(indexer::run(writer.downgrade(), Arc::clone(&head)));
    // A thread of its own: its commits block, and nothing else may wait for them.
    let runtime = tokio::runtime::Handle::current();
    std::thread::Builder::new()
        .name("storage-writer".into())
        .spawn(move || runtime.block_on(work.run(done_tx)))
        .map_err(fault)?;
    Ok((
        Arc::new(Sqlite {
            readers,
            writer,
            head,
            bell,
            webhook_bell,
            done: Mutex::new(Some(done)),
        }),
        announcements,
    ))
}

/// Sets SQLite's own limit of pages, if there is to be one. It lasts as long as the connection.
pub(super) async fn limit_pages(conn: &mut SqliteConnection, pages: Option<u32>) -> Result<()> {
    let Some(pages) = pages else { return Ok(()) };
    sqlx::raw_sql(AssertSqlSafe(format!("PRAGMA max_page_count = {pages}")))
        .execute(conn)
        .await?;
    Ok(())
}

/// A connection like the one that wrote before, with the same limit.
pub(super) async fn reconnect(options: &SqliteConnectOptions, pages: Option<u32>) -> Result<SqliteConnection> {
    let mut conn = SqliteConnection::connect_with(options).await?;
    limit_pages(&mut conn, pages).await?;
    Ok(conn)
}

/// Folds the log into the database from a connection of its own, so that no commit waits for it.
async fn checkpoint(options: SqliteConnectOptions, dirty: Arc<AtomicBool>, every: Duration) -> Result<JoinHandle<()>> {
    let mut conn = SqliteConnection::connect_with(&options.pragma("wal_autocheckpoint", "0")).await?;
    Ok(tokio::spawn(async move {
        loop {
            tokio::time::sleep(every).await;
            if dirty.swap(false, Ordering::Relaxed)
                && let Err(error) = run(&mut conn, "PRAGMA wal_checkpoint(PASSIVE)").await
            {
                tracing::warn!(%error, "a checkpoint failed; the log grows until one succeeds");
            }
        }
    }))
}

/// Makes the directory and takes its lock.
fn take_directory(path: &std::path::Path) -> io::Result<File> {
    let explain =
        |what: &str, error: io::Error| io::Error::new(error.kind(), format!("{what} {}: {error}", path.display()));
    std::fs::create_dir_all(path).map_err(|error| explain("cannot make the data directory", error))?;
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path.join("lock"))
        .map_err(|error| explain("cannot write in the data directory", error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(io::Error::new(
            io::ErrorKind::AddrInUse,
            format!("another server uses the data directory {}", path.display()),
        )),
        Err(TryLockError::Error(error)) => Err(explain("cannot lock the data directory", error)),
    }
}

/// Whether storage refused to open because of the directory itself.
impl StorageError {
    /// The innermost reason, for people.
    #[must_use]
    pub fn reason(&self) -> String {
        let mut error: &dyn std::error::Error = self;
        while let Some(source) = error.source() {
            error = source;
        }
        error.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_limit_outlives_its_connection() -> Result<()> {
        let options = SqliteConnectOptions::new().in_memory(true);
        let mut conn = reconnect(&options, Some(123)).await?;
        let pages: i64 = sqlx::query_scalar("PRAGMA max_page_count").fetch_one(&mut conn).await?;
        assert_eq!(pages, 123);
        Ok(())
    }
}
