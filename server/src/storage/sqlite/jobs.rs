//! Jobs: written with their cause, read with their message, gone when they are done.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use tokio::sync::oneshot;

use super::Sqlite;
use super::group::Write;
use super::rows::{MessageRow, app_id, conversation_id, decode, int, message_id, message_json, plugin_name};
use super::task::{Written, job_id};
use super::work::{read_work, write_work};
use crate::model::{AppId, ConversationId, Job, JobId, MessageId, Millis, Observation};
use crate::storage::{Backlog, DeadJob, DueJob, InstallKey, JobBell, Jobs, NewJob, Result, Sequel};

/// Writes a list made by [`JobRow::json`].
pub(super) const INSERT_JOBS: &str = "INSERT INTO jobs (id, app, plugin, conversation, message, work, due_at, depth) SELECT value ->> 0, value ->> 1, \
     value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7 FROM json_each(?)";

/// Removes what was remembered of the writes of a list `[[app, id]]` made by [`Finish::json`].
pub(super) const FORGET_EFFECTS: &str = "DELETE FROM effects WHERE (app, call) IN (SELECT j.app, 'j' || j.id FROM json_each(?) w CROSS JOIN jobs j ON \
     j.id = w.value ->> 1 AND j.app = w.value ->> 0)";

/// Removes the jobs of the same list, afterwards.
pub(super) const REMOVE_JOBS: &str = "DELETE FROM jobs WHERE id IN (SELECT j.id FROM json_each(?) w CROSS JOIN jobs j ON j.id = w.value ->> 1 AND j.app \
     = w.value ->> 0)";

/// A job `j` as JSON, for [`DueRow`].
macro_rules! job_json {
    ($more:expr) => {
        concat!(
            "json_array(j.id, j.app, j.plugin, j.conversation, j.message, j.work, j.due_at, j.attempts, j.depth, ",
            $more,
            ")"
        )
    };
}

/// When an install's jobs that failed are to be tried again; few rows at any time. Parameters: app, plugin, now.
pub(super) const NEXT_TRY: &str =
    "SELECT min(due_at) FROM jobs WHERE app = ? AND plugin = ? AND attempts > 0 AND dead = 0 AND due_at > ?";

/// Installs that have waiting jobs or timers: read once, at start.
const WAITING: &str = "SELECT json_group_array(json_array(app, plugin, due)) FROM (SELECT app, plugin, min(due) AS due FROM (\
     SELECT app, plugin, min(due_at) AS due FROM jobs WHERE dead = 0 GROUP BY app, plugin UNION ALL \
     SELECT app, plugin, min(next_at) FROM timers WHERE job IS NULL GROUP BY app, plugin) GROUP BY app, plugin)";

/// Due jobs of an install, each with its message. Parameters: app, plugin, after, now, limit.
pub(super) const DUE: &str = concat!(
    "SELECT json_group_array(",
    job_json!(concat!(
        "json((SELECT ",
        message_json!(),
        " FROM messages m WHERE m.id = j.message AND m.app = j.app))"
    )),
    ") FROM (SELECT * FROM jobs w WHERE app = ?1 AND plugin = ?2 AND dead = 0 AND id > ?3 AND due_at <= ?4 AND \
     NOT EXISTS (SELECT 1 FROM jobs e WHERE e.app = ?1 AND e.plugin = ?2 AND e.conversation = w.conversation AND \
     e.id < w.id AND e.due_at > ?4 AND e.attempts > 0 AND e.dead = 0) ORDER BY id LIMIT ?5) j"
);

const BURY: &str =
    "UPDATE jobs SET dead = 1, attempts = attempts + 1, error = ? WHERE id = ? AND app = ? RETURNING plugin";
/// Given-up ones of an install beyond the newest. Parameters: app, plugin, how many are kept.
pub(super) const CLEAR: &str = "DELETE FROM jobs WHERE id <= (SELECT id FROM jobs WHERE app = ?1 AND plugin = ?2 AND dead = 1 ORDER BY id DESC \
     LIMIT 1 OFFSET ?3) AND app = ?1 AND plugin = ?2 AND dead = 1";
/// Given-up jobs of an app, newest first.
pub(super) const DEAD: &str = concat!(
    "SELECT json_group_array(",
    job_json!("coalesce(j.error, '')"),
    ") FROM (SELECT * FROM jobs WHERE app = ? AND dead = 1 ORDER BY id DESC LIMIT ?) j"
);

/// A job on its way to the table.
#[derive(Debug)]
pub(super) struct JobRow {
    id: u64,
    app: AppId,
    conversation: Option<ConversationId>,
    /// The message it is about.
    pub(super) message: Option<u64>,
    job: NewJob,
    due_at: Millis,
}

impl JobRow {
    pub(super) const fn new(
        id: u64,
        app: AppId,
        conversation: Option<ConversationId>,
        message: Option<MessageId>,
        job: NewJob,
        due_at: Millis,
    ) -> Self {
        let message = match message {
            Some(id) => Some(id.get()),
            None => None,
        };
        Self {
            id,
            app,
            conversation,
            message,
            job,
            due_at,
        }
    }

    /// For [`INSERT_JOBS`].
    pub(super) fn json(rows: &[Self]) -> String {
        let list: Vec<_> = rows
            .iter()
            .map(|row| {
                let conversation = row.conversation.map(ConversationId::get);
                let message = row.message.or_else(|| named_message(&row.job.work));
                let (plugin, work) = (row.job.plugin.as_str(), write_work(&row.job.work));
                (
                    row.id,
                    row.app.get(),
                    plugin,
                    conversation,
                    message,
                    work,
                    row.due_at.0,
                    row.job.depth,
                )
            })
            .collect();
        serde_json::json!(list).to_string()
    }
}

const fn named_message(work: &Observation) -> Option<u64> {
    match work {
        Observation::Event { message: Some(id), .. } => Some(id.get()),
        _ => None,
    }
}

/// A job as [`job_json`] makes it; the last field is what it was asked for with.
#[derive(Deserialize)]
struct Row<M>(u64, u64, String, Option<u64>, Option<u64>, String, i64, u32, u32, M);

impl<M> Row<M> {
    fn into_model(self) -> Result<(Job, M)> {
        let Self(id, app, plugin, conversation, message, work, due_at, attempts, depth, more) = self;
        let job = Job {
            id: job_id(id)?,
            app: app_id(app)?,
            plugin: plugin_name(&plugin)?,
            conversation: conversation.map(conversation_id).transpose()?,
            work: read_work(&work, message)?,
            due_at: Millis(due_at),
            attempts,
            depth,
        };
        Ok((job, more))
    }
}

/// Jobs of an app that are done.
pub(super) struct Finish {
    pub(super) app: AppId,
    pub(super) jobs: Vec<JobId>,
    pub(super) ack: oneshot::Sender<Result<()>>,
}

impl Finish {
    /// For [`FORGET_EFFECTS`] and [`REMOVE_JOBS`].
    pub(super) fn json(list: &[Self]) -> Option<String> {
        let pairs: Vec<(u64, u64)> = list
            .iter()
            .flat_map(|one| one.jobs.iter().map(|job| (one.app.get(), job.get())))
            .collect();
        (!pairs.is_empty()).then(|| serde_json::json!(pairs).to_string())
    }
}

#[async_trait]
impl Jobs for Sqlite {
    fn job_bell(&self) -> Arc<JobBell> {
        Arc::clone(&self.bell)
    }

    async fn backlog(&self) -> Result<Backlog> {
        const SQL: &str = "SELECT (SELECT count(*) FROM jobs WHERE dead = 0), (SELECT count(*) FROM jobs WHERE dead = 1), \
             (SELECT count(*) FROM webhooks WHERE dead = 0), (SELECT count(*) FROM webhooks WHERE dead = 1)";
        let (jobs, dead_jobs, webhooks, dead_webhooks): (i64, i64, i64, i64) =
            sqlx::query_as(SQL).fetch_one(&self.readers).await?;
        Ok(Backlog {
            jobs_waiting: jobs.cast_unsigned(),
            jobs_buried: dead_jobs.cast_unsigned(),
            webhooks_waiting: webhooks.cast_unsigned(),
            webhooks_buried: dead_webhooks.cast_unsigned(),
        })
    }

    async fn installs_with_jobs(&self) -> Result<Vec<(InstallKey, Millis)>> {
        let json: String = sqlx::query_scalar(WAITING).fetch_one(&self.readers).await?;
        let rows: Vec<(u64, String, i64)> = decode(&json)?;
        let install = |app, plugin: &str| -> Result<InstallKey> {
            Ok(InstallKey {
                app: app_id(app)?,
                plugin: plugin_name(plugin)?,
            })
        };
        rows.into_iter()
            .map(|(app, plugin, due)| Ok((install(app, &plugin)?, Millis(due))))
            .collect()
    }

    async fn next_try(&self, install: &InstallKey, now: Millis) -> Result<Option<Millis>> {
        let next: Option<i64> = sqlx::query_scalar(NEXT_TRY)
            .bind(int(install.app.get()))
            .bind(install.plugin.as_str())
            .bind(now.0)
            .fetch_one(&self.readers)
            .await?;
        Ok(next.map(Millis))
    }

    async fn due_jobs(
        &self,
        install: &InstallKey,
        now: Millis,
        after: Option<JobId>,
        limit: u32,
    ) -> Result<Vec<DueJob>> {
        let json: String = sqlx::query_scalar(DUE)
            .bind(int(install.app.get()))
            .bind(install.plugin.as_str())
            .bind(int(after.map_or(0, JobId::get)))
            .bind(now.0)
            .bind(limit)
            .fetch_one(&self.readers)
            .await?;
        let rows: Vec<Row<Option<MessageRow<'_>>>> = serde_json::from_str(&json).map_err(super::fault::fault)?;
        rows.into_iter()
            .map(|row| {
                let (job, message) = row.into_model()?;
                Ok(DueJob {
                    job,
                    message: message.map(MessageRow::into_model).transpose()?.map(Arc::new),
                })
            })
            .collect()
    }

    async fn add_jobs(&self, app: AppId, jobs: Vec<NewJob>) -> Result<()> {
        if jobs.is_empty() {
            return Ok(());
        }
        self.write(Sequel::<()>::none().with_jobs(jobs), move |tx, jobs| {
            Box::pin(async move {
                tx.write_jobs(app, None, None, jobs).await?;
                Ok(Written::quiet(()))
            })
        })
        .await
    }

    async fn replace_job(&self, app: AppId, job: JobId, next: Vec<NewJob>) -> Result<()> {
        const TAKE: &str = "DELETE FROM jobs WHERE id = ? AND app = ? RETURNING conversation, message";
        self.write(Sequel::<()>::none().with_jobs(next), move |tx, next| {
            Box::pin(async move {
                let taken: Option<(Option<i64>, Option<i64>)> = sqlx::query_as(TAKE)
                    .bind(int(job.get()))
                    .bind(int(app.get()))
                    .fetch_optional(&mut tx.conn)
                    .await?;
                // One that is not there was replaced already.
                if let Some((conversation, message)) = taken {
                    let conversation = conversation.map(|id| conversation_id(id.cast_unsigned()));
                    let message = message.map(|id| message_id(id.cast_unsigned()));
                    tx.write_jobs(app, conversation.transpose()?, message.transpose()?, next)
                        .await?;
                }
                Ok(Written::quiet(()))
            })
        })
        .await
    }

    async fn finish_jobs(&self, app: AppId, jobs: Vec<JobId>) -> Result<()> {
        if jobs.is_empty() {
            return Ok(());
        }
        let (ack, answer) = oneshot::channel();
        self.queue(Write::Finish(Finish { app, jobs, ack }), answer).await
    }

    async fn postpone_job(&self, app: AppId, job: JobId, due_at: Millis, error: &str) -> Result<()> {
        const SQL: &str = "UPDATE jobs SET due_at = ?, attempts = attempts + 1, error = ? WHERE id = ? AND app = ?";
        let error = error.to_owned();
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let query = sqlx::query(SQL)
                    .bind(due_at.0)
                    .bind(error)
                    .bind(int(job.get()))
                    .bind(int(app.get()));
                query.execute(&mut tx.conn).await?;
                Ok(Written::quiet(()))
            })
        })
        .await
    }

    async fn bury_job(&self, app: AppId, job: JobId, error: &str, keep: u32) -> Result<()> {
        let error = error.to_owned();
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let bury = sqlx::query_scalar(BURY)
                    .bind(error)
                    .bind(int(job.get()))
                    .bind(int(app.get()));
                let plugin: Option<String> = bury.fetch_optional(&mut tx.conn).await?;
                let clear = sqlx::query(CLEAR).bind(int(app.get())).bind(plugin).bind(keep);
                clear.execute(&mut tx.conn).await?;
                Ok(Written::quiet(()))
            })
        })
        .await
    }

    async fn dead_jobs(&self, app: AppId, limit: u32) -> Result<Vec<DeadJob>> {
        let json: String = sqlx::query_scalar(DEAD)
            .bind(int(app.get()))
            .bind(limit)
            .fetch_one(&self.readers)
            .await?;
        let rows: Vec<Row<String>> = decode(&json)?;
        rows.into_iter()
            .map(|row| row.into_model().map(|(job, error)| DeadJob { job, error }))
            .collect()
    }

    async fn revive_job(&self, app: AppId, job: JobId, now: Millis) -> Result<bool> {
        const SQL: &str = "UPDATE jobs SET dead = 0, attempts = 0, due_at = ? WHERE id = ? AND app = ? AND dead = 1 \
                           RETURNING plugin";
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let query = sqlx::query_scalar(SQL)
                    .bind(now.0)
                    .bind(int(job.get()))
                    .bind(int(app.get()));
                let revived: Option<String> = query.fetch_optional(&mut tx.conn).await?;
                if let Some(plugin) = &revived {
                    tx.rung.push(InstallKey {
                        app,
                        plugin: plugin_name(plugin)?,
                    });
                }
                Ok(Written::quiet(revived.is_some()))
            })
        })
        .await
    }
}
