//! The embedded backend. One writer commits groups of writes and stamps them; a few readers see what is durable.
//! Invariants: only the writer's connection writes; everything a client was told is on disk; a lock file keeps a second
//! server off the same data.

mod actions;
mod apps;
mod audit;
mod blocks;
mod conversations;
mod credentials;
mod effects;
mod fault;
mod files;
mod friends;
mod ground;
mod group;
mod history;
mod hot;
mod indexer;
mod installs;
mod jobs;
mod kv;
mod kv_ground;
mod kv_plan;
mod members;
mod messages;
mod missed;
mod mounts;
mod notices;
mod open;
mod pages;
#[cfg(test)]
mod plans;
mod preferences;
mod receipts;
mod remarks;
mod rows;
mod runs;
mod search;
mod task;
mod timers;
mod user_keys;
mod users;
mod views;
mod webhooks;
mod words;
mod work;
mod writer;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use sqlx::SqlitePool;
use tokio::sync::{mpsc, oneshot};

pub use open::{Settings, open};

use self::fault::closed;
use self::group::Write;
use self::task::{Tx, Waiting, Written};
use crate::storage::{Bell, JobBell, NewJob, Result, Sequel, TargetKey};

/// Storage in one directory of this machine.
pub struct Sqlite {
    readers: SqlitePool,
    writer: mpsc::Sender<Write>,
    head: Arc<AtomicU64>,
    bell: Arc<JobBell>,
    webhook_bell: Arc<Bell<TargetKey>>,
    done: Mutex<Option<oneshot::Receiver<()>>>,
}

impl Sqlite {
    /// Takes no more writes, commits those that wait, folds the log into the database and lets go of the directory.
    pub async fn close(&self) {
        // If the writer is gone already there is nothing left to close.
        let _ = self.writer.send(Write::Close).await;
        let done = self.done.lock().take();
        self.readers.close().await;
        if let Some(done) = done {
            let _ = done.await;
        }
    }

    /// Sets how many pages of 4 KiB the database may have; writes beyond answer `Full`. Raising it lets a full
    /// database take writes again.
    ///
    /// # Errors
    /// When the writer is gone.
    pub async fn limit_pages(&self, pages: u32) -> Result<()> {
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                tx.pages = Some(pages);
                open::limit_pages(&mut tx.conn, tx.pages).await?;
                Ok(Written::quiet(()))
            })
        })
        .await
    }

    /// Queues a write and waits until it is durable.
    async fn queue<A>(&self, write: Write, answer: oneshot::Receiver<Result<A>>) -> Result<A> {
        self.writer.send(write).await.map_err(|_| closed())?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Runs a write in the next group's transaction and waits until it is durable.
    async fn write<A, S, F>(&self, sequel: Sequel<S>, work: F) -> Result<A>
    where
        A: Send + 'static,
        S: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx, Vec<NewJob>) -> BoxFuture<'a, Result<Written<A, S>>> + Send + 'static,
    {
        let (waiting, answer) = Waiting::new(sequel, work);
        self.queue(Write::Task(Box::new(waiting)), answer).await
    }
}
