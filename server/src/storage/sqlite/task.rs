//! A write that is not a plain message: it runs inside its group's transaction, in a savepoint of its own, so that its
//! failure harms nobody else's write.

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use sqlx::SqliteConnection;
use tokio::sync::oneshot;

use super::jobs::{INSERT_JOBS, JobRow};
use super::remarks::{self, Said};
use super::rows::int;
use crate::model::{AppId, ConversationId, Cursor, Event, JobId, MessageId, Millis, PluginName, UserId};
use crate::storage::sequel::Announce;
use crate::storage::{InstallKey, NewJob, Remarks, Result, Sequel, StorageError, TargetKey};

/// The open transaction, as its writes see it.
pub(super) struct Tx {
    /// The only connection that writes.
    pub(super) conn: SqliteConnection,
    /// When this group is written.
    pub(super) now: Millis,
    /// Installs that got jobs.
    pub(super) rung: Vec<InstallKey>,
    /// Targets that got webhooks. Ringing for one in vain does no harm.
    pub(super) rung_targets: Vec<TargetKey>,
    /// What the writer remembers and must not any more.
    pub(super) stale: Vec<Stale>,
    /// The highest stamp of this group; a write that fails takes its own back.
    pub(super) stamped: Option<Cursor>,
    /// How many pages the database may have; SQLite forgets it with the connection.
    pub(super) pages: Option<u32>,
    last: u64,
    /// Numbers up to this one are ours to give out, also if the server ends now.
    reserved: u64,
}

/// How far the counter may have got.
pub(super) const RESERVED: &str = "SELECT reserved FROM counter";
const RESERVE: &str = "UPDATE counter SET reserved = ?";
/// How many numbers are taken at a time. A server that is killed loses the rest of its block: of 2^53 there are enough.
const BLOCK: u64 = 1 << 20;

/// A thing the writer may remember wrongly after a write.
pub(super) enum Stale {
    /// How far a conversation is.
    Conversation(ConversationId),
    /// A member's marks.
    Member(ConversationId, UserId),
    /// How full a key-value space is.
    Space(AppId, PluginName),
}

impl Tx {
    pub(super) const fn new(conn: SqliteConnection, last: u64, pages: Option<u32>) -> Self {
        Self {
            conn,
            now: Millis(0),
            rung: Vec::new(),
            rung_targets: Vec::new(),
            stale: Vec::new(),
            stamped: None,
            pages,
            last,
            reserved: last,
        }
    }

    /// Makes sure that a group has numbers enough, before it begins: half a block, which is a thousand for each of its
    /// writes.
    pub(super) async fn reserve(&mut self) -> Result<()> {
        if self.reserved - self.last < BLOCK / 2 {
            self.set_reserved(self.last + BLOCK).await?;
        }
        Ok(())
    }

    /// Gives back what is left of the block. Nothing may be drawn afterwards.
    pub(super) async fn release(&mut self) -> Result<()> {
        self.set_reserved(self.last).await
    }

    async fn set_reserved(&mut self, reserved: u64) -> Result<()> {
        sqlx::query(RESERVE).bind(int(reserved)).execute(&mut self.conn).await?;
        self.reserved = reserved;
        Ok(())
    }

    /// Begins a group.
    pub(super) fn reset(&mut self, now: Millis) {
        self.now = now;
        self.rung.clear();
        self.rung_targets.clear();
        self.stale.clear();
        self.stamped = None;
    }

    /// The next place in the stream of changes.
    pub(super) const fn stamp(&mut self) -> Cursor {
        let cursor = Cursor(self.draw());
        self.stamped = Some(cursor);
        cursor
    }

    /// The next number of the counter, for what is not announced.
    pub(super) const fn draw(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Gives new jobs their ids.
    pub(super) fn job_rows(
        &mut self,
        app: AppId,
        conversation: Option<ConversationId>,
        message: Option<MessageId>,
        jobs: Vec<NewJob>,
    ) -> Vec<JobRow> {
        if jobs.is_empty() {
            return Vec::new();
        }
        self.rung.extend(jobs.iter().map(|job| InstallKey {
            app,
            plugin: job.plugin.clone(),
        }));
        let now = self.now;
        jobs.into_iter()
            .map(|job| JobRow::new(self.draw(), app, conversation, message, job, now))
            .collect()
    }

    /// Writes jobs, and then stamps their cause.
    pub(super) async fn follow(
        &mut self,
        app: AppId,
        conversation: Option<ConversationId>,
        message: Option<MessageId>,
        jobs: Vec<NewJob>,
    ) -> Result<Cursor> {
        self.write_jobs(app, conversation, message, jobs).await?;
        Ok(self.stamp())
    }

    /// Writes jobs whose cause has no place in the stream of changes.
    pub(super) async fn write_jobs(
        &mut self,
        app: AppId,
        conversation: Option<ConversationId>,
        message: Option<MessageId>,
        jobs: Vec<NewJob>,
    ) -> Result<()> {
        let rows = self.job_rows(app, conversation, message, jobs);
        self.insert_jobs(&rows).await
    }

    /// Writes jobs that have their ids.
    pub(super) async fn insert_jobs(&mut self, rows: &[JobRow]) -> Result<()> {
        if !rows.is_empty() {
            sqlx::query(INSERT_JOBS)
                .bind(JobRow::json(rows))
                .execute(&mut self.conn)
                .await?;
        }
        Ok(())
    }
}

/// What a write did.
pub(super) struct Written<A, S> {
    /// For who asked.
    pub(super) answer: A,
    /// For who announces; none if nothing has changed.
    pub(super) sequel: Option<(S, Cursor)>,
}

impl<A> Written<A, ()> {
    /// An answer from which nothing follows.
    pub(super) const fn quiet(answer: A) -> Self {
        Self { answer, sequel: None }
    }
}

/// A write as the writer sees it.
#[async_trait]
pub(super) trait Task: Send {
    /// Does it.
    async fn run(&mut self, tx: &mut Tx) -> Result<()>;
    /// Answers, once it is durable.
    fn settle(self: Box<Self>) -> Vec<Event>;
    /// Answers that it did not happen.
    fn fail(self: Box<Self>, error: StorageError);
}

type Work<A, S> = Box<dyn for<'a> FnOnce(&'a mut Tx, Vec<NewJob>) -> BoxFuture<'a, Result<Written<A, S>>> + Send>;

/// A write, who waits for it and what follows from it.
pub(super) struct Waiting<A, S> {
    work: Option<(Work<A, S>, Vec<NewJob>)>,
    remarks: Option<Remarks<S>>,
    said: Vec<Said>,
    announce: Announce<S>,
    written: Option<Written<A, S>>,
    ack: oneshot::Sender<Result<A>>,
}

impl<A, S> Waiting<A, S> {
    pub(super) fn new<F>(sequel: Sequel<S>, work: F) -> (Self, oneshot::Receiver<Result<A>>)
    where
        F: for<'a> FnOnce(&'a mut Tx, Vec<NewJob>) -> BoxFuture<'a, Result<Written<A, S>>> + Send + 'static,
    {
        let (ack, answer) = oneshot::channel();
        let work: Work<A, S> = Box::new(work);
        let waiting = Self {
            work: Some((work, sequel.jobs)),
            remarks: sequel.remarks,
            said: Vec::new(),
            announce: sequel.announce,
            written: None,
            ack,
        };
        (waiting, answer)
    }
}

#[async_trait]
impl<A: Send, S: Send> Task for Waiting<A, S> {
    async fn run(&mut self, tx: &mut Tx) -> Result<()> {
        if let Some((work, jobs)) = self.work.take() {
            self.written = Some(work(tx, jobs).await?);
        }
        let what = self.written.as_ref().and_then(|written| written.sequel.as_ref());
        let remarks = match (self.remarks.take(), what) {
            (Some(remarks), Some((what, _))) => remarks(what),
            _ => Vec::new(),
        };
        for remark in remarks {
            self.said.push(remarks::say(tx, remark).await?);
        }
        Ok(())
    }

    fn settle(self: Box<Self>) -> Vec<Event> {
        let Self {
            written,
            ack,
            announce,
            said,
            ..
        } = *self;
        let Some(Written { answer, sequel }) = written else {
            return Vec::new();
        };
        // First what is kept in memory follows the write: whoever has the answer finds it so.
        let mut events = sequel.map_or_else(Vec::new, |(what, cursor)| announce(&what, cursor));
        remarks::announce(said, &mut events);
        // Who asked may have gone; what was written is announced all the same.
        let _ = ack.send(Ok(answer));
        events
    }

    fn fail(self: Box<Self>, error: StorageError) {
        let _ = self.ack.send(Err(error));
    }
}

/// A job's id from its number.
pub(super) fn job_id(value: u64) -> Result<JobId> {
    JobId::new(value).map_err(super::fault::fault)
}
