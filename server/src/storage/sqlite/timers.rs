//! Timers: rows that become jobs when their time has come.

use async_trait::async_trait;
use serde::Deserialize;

use super::jobs::{FORGET_EFFECTS, INSERT_JOBS, JobRow, REMOVE_JOBS};
use super::rows::{decode, int};
use super::task::{Tx, Written};
use super::{Sqlite, effects, kv::Space};
use crate::model::{AppId, Body, Firing, JobId, Millis, Observation, Schedule, Timer};
use crate::storage::{EffectKey, InstallKey, NewJob, NewTimer, Result, Sequel, StorageError, Timers};

/// A timer as JSON, for [`Row`].
macro_rules! timer_json {
    () => {
        "json_array(name, first_at, every, runs, payload, next_at, taken, job)"
    };
}
pub(super) const ONE: &str = concat!(
    "SELECT ",
    timer_json!(),
    " FROM timers WHERE app = ? AND plugin = ? AND name = ?"
);
pub(super) const PAGE: &str = concat!(
    "SELECT json_group_array(",
    timer_json!(),
    ") FROM (SELECT * FROM timers WHERE app = ? AND plugin = ? AND name > ? ORDER BY name LIMIT ?)"
);
pub(super) const NEXT: &str = "SELECT min(next_at) FROM timers WHERE app = ? AND plugin = ? AND job IS NULL";
pub(super) const DUE: &str = "SELECT json_group_array(json_array(id, name, first_at, every, runs, payload, next_at, taken, depth)) FROM (SELECT * FROM timers \
     WHERE app = ? AND plugin = ? AND job IS NULL AND next_at <= ? ORDER BY next_at LIMIT ?)";
const TAKE: &str = "UPDATE timers SET taken = taken + 1, job = ?, over = ?, next_at = ? WHERE id = ?";
const COUNT: &str = "SELECT count(*) FROM (SELECT 1 FROM timers WHERE app = ? AND plugin = ? LIMIT ?)";
const INSERT: &str = "INSERT INTO timers (id, app, plugin, name, first_at, every, runs, payload, next_at, depth) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const DELETE: &str = "DELETE FROM timers WHERE app = ? AND plugin = ? AND name = ? RETURNING job";
pub(super) const OVER: &str = "DELETE FROM timers WHERE job = ?1 AND app = ?2 AND over = 1";
pub(super) const WAIT: &str = "UPDATE timers SET job = NULL WHERE job = ?1 AND app = ?2";

#[derive(Deserialize)]
struct Row(String, i64, Option<u64>, Option<u32>, String, i64, u32, Option<u64>);

impl Row {
    fn into_model(self) -> Timer {
        let Self(name, first_at, every, runs, payload, next_at, taken, job) = self;
        Timer {
            name,
            schedule: Schedule {
                first_at: Millis(first_at),
                every,
                runs,
            },
            payload: Body::trusted(&payload),
            next_at: Millis(next_at),
            runs_done: taken.saturating_sub(u32::from(job.is_some())),
        }
    }
}

#[derive(Deserialize)]
struct DueRow(i64, String, i64, Option<u64>, Option<u32>, String, i64, u32, u32);

fn space(install: &InstallKey) -> Space {
    (install.app, install.plugin.clone())
}

/// Takes a timer away, with a run of it that is under way unless that run itself asks. Says whether there was one.
async fn remove(tx: &mut Tx, (app, plugin): &Space, name: &str, effect: Option<&EffectKey>) -> Result<bool> {
    let job: Option<Option<i64>> = sqlx::query_scalar(DELETE)
        .bind(int(app.get()))
        .bind(plugin.as_str())
        .bind(name)
        .fetch_optional(&mut tx.conn)
        .await?;
    let Some(job) = job else { return Ok(false) };
    if let Some(job) = job
        && effect.is_none_or(|effect| effect.call.as_str() != format!("j{job}"))
    {
        forget(tx, *app, job).await?;
    }
    Ok(true)
}

/// Removes a run's job and what was remembered of its writes.
async fn forget(tx: &mut Tx, app: AppId, job: i64) -> Result<()> {
    let list = serde_json::json!([[app.get(), job]]).to_string();
    for sql in [FORGET_EFFECTS, REMOVE_JOBS] {
        sqlx::query(sql).bind(&list).execute(&mut tx.conn).await?;
    }
    Ok(())
}

async fn insert(tx: &mut Tx, (app, plugin): &Space, timer: &NewTimer, most: u32) -> Result<()> {
    let count: i64 = sqlx::query_scalar(COUNT)
        .bind(int(app.get()))
        .bind(plugin.as_str())
        .bind(most)
        .fetch_one(&mut tx.conn)
        .await?;
    if count >= i64::from(most) {
        return Err(StorageError::Quota("timers"));
    }
    let (id, schedule) = (tx.draw(), &timer.schedule);
    let next_at = schedule.first_at.max(tx.now);
    sqlx::query(INSERT)
        .bind(int(id))
        .bind(int(app.get()))
        .bind(plugin.as_str())
        .bind(timer.name.as_str())
        .bind(schedule.first_at.0)
        .bind(schedule.every.map(int))
        .bind(schedule.runs)
        .bind(timer.payload.as_str())
        .bind(next_at.0)
        .bind(timer.depth)
        .execute(&mut tx.conn)
        .await?;
    Ok(())
}

/// Makes one due run a job.
async fn take(tx: &mut Tx, install: &InstallKey, row: DueRow, now: Millis) -> Result<JobRow> {
    let DueRow(id, name, first_at, every, runs, payload, next_at, taken, depth) = row;
    let schedule = Schedule {
        first_at: Millis(first_at),
        every,
        runs,
    };
    let tick = schedule.tick(taken, Millis(next_at), now);
    let firing = Firing {
        name,
        payload: Body::trusted(&payload),
        run: taken + 1,
        due_at: tick.due_at,
        last: tick.next_at.is_none(),
    };
    let job = tx.draw();
    sqlx::query(TAKE)
        .bind(int(job))
        .bind(tick.next_at.is_none())
        .bind(tick.next_at.unwrap_or(tick.due_at).0)
        .bind(id)
        .execute(&mut tx.conn)
        .await?;
    let new = NewJob {
        plugin: install.plugin.clone(),
        work: Observation::Fire(firing),
        depth,
    };
    Ok(JobRow::new(job, install.app, None, None, new, tick.due_at))
}

fn answer(text: &str) -> bool {
    text == "true"
}

#[async_trait]
impl Timers for Sqlite {
    async fn set_timer(
        &self,
        install: &InstallKey,
        timer: NewTimer,
        effect: Option<EffectKey>,
        most: u32,
    ) -> Result<bool> {
        let install = install.clone();
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                if let Some(known) = effects::recall(&mut tx.conn, install.app, effect.as_ref()).await? {
                    return Ok(Written::quiet(answer(&known)));
                }
                let space = space(&install);
                let replaced = remove(tx, &space, &timer.name, effect.as_ref()).await?;
                insert(tx, &space, &timer, most).await?;
                effects::remember(&mut tx.conn, install.app, effect.as_ref(), &replaced.to_string()).await?;
                tx.rung.push(install);
                Ok(Written::quiet(replaced))
            })
        })
        .await
    }

    async fn cancel_timer(&self, install: &InstallKey, name: &str, effect: Option<EffectKey>) -> Result<bool> {
        let (space, name) = (space(install), name.to_owned());
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let app = space.0;
                if let Some(known) = effects::recall(&mut tx.conn, app, effect.as_ref()).await? {
                    return Ok(Written::quiet(answer(&known)));
                }
                let removed = remove(tx, &space, &name, effect.as_ref()).await?;
                effects::remember(&mut tx.conn, app, effect.as_ref(), &removed.to_string()).await?;
                Ok(Written::quiet(removed))
            })
        })
        .await
    }

    async fn timer(&self, install: &InstallKey, name: &str) -> Result<Option<Timer>> {
        let json: Option<String> = sqlx::query_scalar(ONE)
            .bind(int(install.app.get()))
            .bind(install.plugin.as_str())
            .bind(name)
            .fetch_optional(&self.readers)
            .await?;
        json.map(|json| decode::<Row>(&json).map(Row::into_model)).transpose()
    }

    async fn timers(&self, install: &InstallKey, after: Option<&str>, limit: u32) -> Result<Vec<Timer>> {
        let json: String = sqlx::query_scalar(PAGE)
            .bind(int(install.app.get()))
            .bind(install.plugin.as_str())
            .bind(after.unwrap_or_default())
            .bind(limit)
            .fetch_one(&self.readers)
            .await?;
        let rows: Vec<Row> = decode(&json)?;
        Ok(rows.into_iter().map(Row::into_model).collect())
    }

    async fn next_timer(&self, install: &InstallKey) -> Result<Option<Millis>> {
        let next: Option<i64> = sqlx::query_scalar(NEXT)
            .bind(int(install.app.get()))
            .bind(install.plugin.as_str())
            .fetch_one(&self.readers)
            .await?;
        Ok(next.map(Millis))
    }

    async fn take_timers(&self, install: &InstallKey, now: Millis, limit: u32) -> Result<u32> {
        let install = install.clone();
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let json: String = sqlx::query_scalar(DUE)
                    .bind(int(install.app.get()))
                    .bind(install.plugin.as_str())
                    .bind(now.0)
                    .bind(limit)
                    .fetch_one(&mut tx.conn)
                    .await?;
                let due: Vec<DueRow> = decode(&json)?;
                let mut jobs = Vec::with_capacity(due.len());
                for row in due {
                    jobs.push(take(tx, &install, row, now).await?);
                }
                if !jobs.is_empty() {
                    let insert = sqlx::query(INSERT_JOBS).bind(JobRow::json(&jobs));
                    insert.execute(&mut tx.conn).await?;
                }
                Ok(Written::quiet(u32::try_from(jobs.len()).unwrap_or(u32::MAX)))
            })
        })
        .await
    }

    async fn finish_run(&self, app: AppId, job: JobId) -> Result<()> {
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let id = int(job.get());
                forget(tx, app, id).await?;
                for sql in [OVER, WAIT] {
                    let query = sqlx::query(sql).bind(id).bind(int(app.get()));
                    query.execute(&mut tx.conn).await?;
                }
                Ok(Written::quiet(()))
            })
        })
        .await
    }
}
