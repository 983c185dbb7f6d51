//! The one writer. It takes whatever waits, commits it in one transaction, and only then answers, rings for jobs and
//! announces, in commit order. A commit that fails is answered to everyone in it; the next one is tried afresh, so the
//! writer recovers by itself when there is space again.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::fault::{closed, is_duplicate};
use super::group::{Group, Memory, Place, Plan, Write};
use super::hot::{Hot, Lists};
use super::jobs::{Finish, JobRow};
use super::kv_plan::KvPlan;
use super::open::reconnect;
use super::receipts::Marked;
use super::task::{Task, Tx};
use super::{ground, kv_ground, kv_plan, receipts};
use crate::model::{Audience, Change, Clock, Cursor, Event, Message};
use crate::storage::{Append, Bell, JobBell, Result, StorageError, TargetKey};
use crate::telemetry::Figures;

/// Everything the writer owns.
pub(super) struct Writer {
    pub(super) queue: mpsc::Receiver<Write>,
    pub(super) group: usize,
    pub(super) tx: Tx,
    pub(super) options: SqliteConnectOptions,
    pub(super) memory: Memory,
    pub(super) hot: Hot,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) bell: Arc<JobBell>,
    pub(super) webhook_bell: Arc<Bell<TargetKey>>,
    pub(super) head: Arc<AtomicU64>,
    pub(super) events: mpsc::Sender<Vec<Event>>,
    pub(super) dirty: Arc<AtomicBool>,
    pub(super) figures: Arc<Figures>,
    pub(super) checkpoints: JoinHandle<()>,
    /// Held until the end: the data directory is ours.
    pub(super) lock: File,
}

/// What was committed and is to be told.
struct Committed {
    plan: Plan,
    marked: Vec<Result<Marked>>,
    kv: KvPlan,
    /// One for each task: why it did not happen.
    failed: Vec<Option<StorageError>>,
}

impl Writer {
    /// Works until everyone who could ask is gone, or until it is told to close.
    pub(super) async fn run(mut self, done: oneshot::Sender<()>) {
        let mut waiting = Vec::with_capacity(self.group);
        while self.queue.recv_many(&mut waiting, self.group).await > 0 {
            let mut group = Group::new(waiting.drain(..));
            if group.closing {
                // What was queued before this moment is still taken; then recv_many answers 0.
                self.queue.close();
            }
            if group.is_empty() {
                continue;
            }
            let (begun, writes) = (Instant::now(), group.len());
            match self.commit(&mut group).await {
                Ok(committed) => {
                    self.figures.commit_micros.add_time(begun.elapsed());
                    self.figures.commit_writes.add(writes as u64);
                    self.settle(group, committed).await;
                }
                Err(error) => {
                    self.recover().await;
                    tracing::warn!(%error, "a group of writes was not stored");
                    group.fail(&error);
                }
            }
        }
        self.finish().await;
        let _ = done.send(());
    }

    /// Writes a group: what is frequent in one transaction, and then everything else in another.
    async fn commit(&mut self, group: &mut Group) -> Result<Committed> {
        self.tx.reset(self.clock.now());
        self.tx.reserve().await?;
        let mut ground = ground::load(&mut self.tx.conn, group, &mut self.memory).await?;
        let entries = kv_ground::load(&mut self.tx.conn, &group.kv, &mut self.memory).await?;
        let (plan, marked, kv) = loop {
            let mut plan = Plan::place(&group.appends, &ground, &mut self.memory, &mut self.tx);
            let marked = receipts::place(&group.marks, &ground, &mut plan, &mut self.tx);
            let kv = kv_plan::place(&group.kv, &entries, &mut self.tx);
            let lists = Lists {
                marks: receipts::json(&plan.marks),
                jobs: (!plan.jobs.is_empty()).then(|| JobRow::json(&plan.jobs)),
                finish: Finish::json(&group.finishes),
                keys_set: kv.set_json(),
                keys_gone: kv.gone_json(),
                effects: kv.effects_json(),
            };
            if plan.fresh == 0 && lists.is_empty() {
                break (plan, marked, kv);
            }
            match self.hot.write(&group.appends, &plan.places, &lists, self.tx.pages) {
                Ok(()) => break (plan, marked, kv),
                // Someone retries what is stored already. It is rare, so it is not looked for beforehand.
                Err(error) if is_duplicate(&error) && ground.nonces.is_empty() => {
                    self.tx.reset(self.tx.now);
                    ground.nonces = ground::stored_nonces(&mut self.tx.conn, &group.appends).await?;
                    if ground.nonces.is_empty() {
                        return Err(error.into());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        };
        plan.remember(&group.appends, ground, &mut self.memory);
        kv.remember(&mut self.memory);
        let failed = self.run_tasks(&mut group.tasks).await;
        self.memory.forget(std::mem::take(&mut self.tx.stale));
        Ok(Committed {
            plan,
            marked,
            kv,
            failed,
        })
    }

    /// Other writes, one after another. Says of each why it did not happen.
    async fn run_tasks(&mut self, tasks: &mut [Box<dyn Task>]) -> Vec<Option<StorageError>> {
        if tasks.is_empty() {
            return Vec::new();
        }
        let (stamped, rung) = (self.tx.stamped, self.tx.rung.len());
        match self.transact(tasks).await {
            Ok(failed) => failed,
            Err(error) => {
                self.recover().await;
                tracing::warn!(%error, "a group of writes was not stored");
                self.tx.stamped = stamped;
                self.tx.rung.truncate(rung);
                tasks.iter().map(|_| Some(error.clone())).collect()
            }
        }
    }

    /// All of them in one transaction, each in a savepoint.
    async fn transact(&mut self, tasks: &mut [Box<dyn Task>]) -> Result<Vec<Option<StorageError>>> {
        let last = tasks.len().saturating_sub(1);
        let mut failed = Vec::with_capacity(tasks.len());
        run(&mut self.tx.conn, "BEGIN IMMEDIATE; SAVEPOINT one").await?;
        for (at, task) in tasks.iter_mut().enumerate() {
            let (stamped, rung) = (self.tx.stamped, self.tx.rung.len());
            let outcome = task.run(&mut self.tx).await.err();
            if matches!(outcome, Some(StorageError::Full | StorageError::Unavailable(_))) {
                // The transaction may be gone with it: the whole group is undone.
                return outcome.map_or_else(|| Ok(Vec::new()), Err);
            }
            let next = match (outcome.is_some(), at == last) {
                (false, false) => "RELEASE one; SAVEPOINT one",
                (false, true) => "RELEASE one; COMMIT",
                (true, false) => "ROLLBACK TO one",
                (true, true) => "ROLLBACK TO one; RELEASE one; COMMIT",
            };
            run(&mut self.tx.conn, next).await?;
            if outcome.is_some() {
                self.tx.stamped = stamped;
                self.tx.rung.truncate(rung);
            }
            failed.push(outcome);
        }
        Ok(failed)
    }

    /// Answers, rings and announces.
    async fn settle(&mut self, group: Group, committed: Committed) {
        self.dirty.store(true, Ordering::Relaxed);
        if let Some(Cursor(stamp)) = self.tx.stamped {
            self.head.store(stamp, Ordering::Release);
        }
        let mut events = Vec::with_capacity(group.appends.len() + group.tasks.len());
        let answers: Vec<_> = (0..group.appends.len()).map(|at| committed.plan.stored(at)).collect();
        for ((append, place), stored) in group.appends.into_iter().zip(committed.plan.places).zip(answers) {
            let answer = match (stored, &place) {
                (Some(stored), _) => Ok(stored),
                (None, Place::Refused(error)) => Err(error.clone()),
                (None, _) => Err(StorageError::Missing("conversation")),
            };
            events.extend(settle_append(append, answer, &place));
        }
        self.figures.messages_stored.add(events.len());
        let now = Cursor(self.head.load(Ordering::Acquire));
        for (mark, marked) in group.marks.into_iter().zip(committed.marked) {
            events.extend(mark.settle(marked, now));
        }
        for finish in group.finishes {
            let _ = finish.ack.send(Ok(()));
        }
        for (write, outcome) in group.kv.into_iter().zip(committed.kv.outcomes) {
            let _ = write.ack.send(outcome);
        }
        for (task, failed) in group.tasks.into_iter().zip(committed.failed) {
            match failed {
                None => events.extend(task.settle()),
                Some(error) => task.fail(error),
            }
        }
        for install in self.tx.rung.drain(..) {
            self.bell.ring(install);
        }
        for target in self.tx.rung_targets.drain(..) {
            self.webhook_bell.ring(target);
        }
        if !events.is_empty() {
            // Nobody listens only while the server goes down; what is stored can be fetched.
            let _ = self.events.send(events).await;
        }
    }

    /// Ends a transaction that failed, if it is still open, so that the next one can begin.
    async fn recover(&mut self) {
        if let Err(error) = self.hot.recover() {
            tracing::error!(%error, "cannot open the database again for the hot path");
        }
        // An error here says that SQLite has ended the transaction itself.
        let _ = sqlx::query("ROLLBACK").execute(&mut self.tx.conn).await;
        if self.tx.conn.ping().await.is_err() {
            match reconnect(&self.options, self.tx.pages).await {
                Ok(conn) => self.tx.conn = conn,
                Err(error) => tracing::error!(%error, "cannot open the database again"),
            }
        }
    }

    /// Folds the log into the database and lets go of it.
    async fn finish(mut self) {
        self.checkpoints.abort();
        let _ = self.checkpoints.await;
        if let Err(error) = self.tx.release().await {
            tracing::warn!(%error, "the numbers that are left of a block are lost");
        }
        let mut conn = self.tx.conn;
        if let Err(error) = run(&mut conn, "PRAGMA wal_checkpoint(TRUNCATE)").await {
            tracing::warn!(%error, "the last checkpoint failed; the log is kept and read at the next start");
        }
        let _ = conn.close().await;
        drop(self.lock);
    }
}

/// Tells the sender, and makes the event of a new message.
fn settle_append(append: Append, answer: Result<crate::model::Stored>, place: &Place) -> Option<Event> {
    // A sender who has gone learns of it when it retries.
    let _ = append.ack.send(answer);
    let Place::New(stored, id) = *place else { return None };
    let message = Message::from_draft(append.draft, Some(id), stored.seq, stored.at);
    Some(Event {
        app: append.app,
        cursor: message.cursor(),
        audience: Audience::Members(append.roster),
        except: append.except,
        change: Change::MessageSent(Arc::new(message)),
    })
}

/// Runs statements that give nothing back.
pub(super) async fn run(conn: &mut SqliteConnection, sql: &'static str) -> Result<()> {
    sqlx::query(sql).execute(conn).await?;
    Ok(())
}

/// Answers a write that nobody takes any more.
pub(super) fn turn_away(write: Write) {
    let mut group = Group::new(std::iter::once(write));
    group.closing = true;
    group.fail(&closed());
}
