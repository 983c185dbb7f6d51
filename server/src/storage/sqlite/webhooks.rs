//! Webhooks: written in one transaction with their effect, those of a target taken in order of id.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;

use super::fault::fault;
use super::rows::{app_id, decode, int, plugin_name};
use super::task::{Written, job_id};
use super::{Sqlite, effects};
use crate::model::{AppId, Delivery, JobId, Millis, Webhook};
use crate::storage::{
    Bell, Deliveries, DeliveryFilter, EffectKey, InstallKey, Result, Sequel, StorageError, TargetKey, Webhooks, headers,
};

/// A webhook `w` as JSON, for [`Row`].
macro_rules! webhook_json {
    () => {
        "json_array(w.id, w.app, w.plugin, w.target, w.delivery, w.url, w.headers, w.body, w.created_at, w.due_at, \
         w.attempts, w.dead, coalesce(w.error, ''))"
    };
}
const COUNT: &str = "SELECT count(*) FROM (SELECT 1 FROM webhooks WHERE app = ? AND plugin = ? AND dead = 0 LIMIT ?)";
const INSERT: &str = "INSERT INTO webhooks (id, app, plugin, target, delivery, url, headers, body, created_at, due_at) VALUES (?, ?, ?, ?, ?, \
     ?, ?, ?, ?, ?)";
const TARGETS: &str = "SELECT json_group_array(json_array(app, plugin, target, due_at)) FROM (SELECT app, plugin, target, min(id), due_at \
     FROM webhooks WHERE dead = 0 GROUP BY app, plugin, target)";
pub(super) const NEXT: &str = concat!(
    "SELECT ",
    webhook_json!(),
    " FROM webhooks w WHERE app = ? AND plugin = ? AND target = ? AND dead = 0 ORDER BY id LIMIT 1"
);
const FINISH: &str = "DELETE FROM webhooks WHERE id = ? AND app = ?";
const POSTPONE: &str = "UPDATE webhooks SET due_at = ?, attempts = attempts + 1, error = ? WHERE id = ? AND app = ?";
const BURY: &str =
    "UPDATE webhooks SET dead = 1, attempts = attempts + 1, error = ? WHERE id = ? AND app = ? RETURNING plugin";
/// Given-up ones of an install beyond the newest. Parameters: app, plugin, how many are kept.
pub(super) const CLEAR: &str = "DELETE FROM webhooks WHERE id <= (SELECT id FROM webhooks WHERE app = ?1 AND plugin = ?2 AND dead = 1 ORDER BY id \
     DESC LIMIT 1 OFFSET ?3) AND app = ?1 AND plugin = ?2 AND dead = 1";
/// Deliveries of an app in one state, newest first. Parameters: app, before, plugin, target, dead, limit.
pub(super) const LIST: &str = concat!(
    "SELECT json_group_array(",
    webhook_json!(),
    ") FROM (SELECT * FROM webhooks WHERE app = ?1 AND dead = ?5 AND id < ?2 AND (?3 IS NULL OR plugin = ?3) AND \
     (?4 IS NULL OR target = ?4) ORDER BY id DESC LIMIT ?6) w"
);
const REVIVE_ONE: &str = "UPDATE webhooks SET dead = 0, attempts = 0, due_at = ?1 WHERE app = ?2 AND delivery = ?3 AND dead = 1 RETURNING \
     plugin, target";
pub(super) const REVIVE_TARGET: &str = "UPDATE webhooks SET dead = 0, attempts = 0, due_at = ?1 WHERE app = ?2 AND plugin = ?3 AND dead = 1 AND target \
     = ?4 RETURNING plugin, target";
const DELETE: &str = "DELETE FROM webhooks WHERE app = ? AND delivery = ?";

#[derive(Deserialize)]
struct Row(
    u64,
    u64,
    String,
    String,
    String,
    String,
    String,
    String,
    i64,
    i64,
    u32,
    u8,
    String,
);

impl Row {
    fn into_model(self) -> Result<Delivery> {
        let Self(id, app, plugin, target, delivery, url, headers, body, at, due_at, attempts, dead, error) = self;
        Ok(Delivery {
            id: job_id(id)?,
            app: app_id(app)?,
            plugin: plugin_name(&plugin)?,
            webhook: Webhook {
                delivery,
                target,
                url,
                headers: headers::read(&headers)
                    .ok_or_else(|| fault(std::io::Error::other("headers cannot be read")))?,
                body,
            },
            created_at: Millis(at),
            due_at: Millis(due_at),
            attempts,
            dead: dead != 0,
            error,
        })
    }
}

#[async_trait]
impl Webhooks for Sqlite {
    fn webhook_bell(&self) -> Arc<Bell<TargetKey>> {
        Arc::clone(&self.webhook_bell)
    }

    async fn post_webhook(
        &self,
        install: &InstallKey,
        webhook: Webhook,
        effect: Option<EffectKey>,
        most: u32,
    ) -> Result<String> {
        let install = install.clone();
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let app = install.app;
                if let Some(known) = effects::recall(&mut tx.conn, app, effect.as_ref()).await? {
                    return Ok(Written::quiet(known));
                }
                let count: i64 = sqlx::query_scalar(COUNT)
                    .bind(int(app.get()))
                    .bind(install.plugin.as_str())
                    .bind(most)
                    .fetch_one(&mut tx.conn)
                    .await?;
                if count >= i64::from(most) {
                    return Err(StorageError::Quota("webhooks that wait"));
                }
                let insert = sqlx::query(INSERT)
                    .bind(int(tx.draw()))
                    .bind(int(app.get()))
                    .bind(install.plugin.as_str())
                    .bind(webhook.target.as_str())
                    .bind(webhook.delivery.as_str())
                    .bind(webhook.url)
                    .bind(headers::write(&webhook.headers))
                    .bind(webhook.body)
                    .bind(tx.now.0)
                    .bind(tx.now.0);
                insert.execute(&mut tx.conn).await?;
                effects::remember(&mut tx.conn, app, effect.as_ref(), &webhook.delivery).await?;
                let target = webhook.target;
                tx.rung_targets.push(TargetKey { install, target });
                Ok(Written::quiet(webhook.delivery))
            })
        })
        .await
    }

    async fn webhook_targets(&self) -> Result<Vec<(TargetKey, Millis)>> {
        let json: String = sqlx::query_scalar(TARGETS).fetch_one(&self.readers).await?;
        let rows: Vec<(u64, String, String, i64)> = decode(&json)?;
        rows.into_iter()
            .map(|(app, plugin, target, due)| Ok((target_key(app_id(app)?, &plugin, target)?, Millis(due))))
            .collect()
    }

    async fn next_webhook(&self, target: &TargetKey) -> Result<Option<Delivery>> {
        let json: Option<String> = sqlx::query_scalar(NEXT)
            .bind(int(target.install.app.get()))
            .bind(target.install.plugin.as_str())
            .bind(target.target.as_str())
            .fetch_optional(&self.readers)
            .await?;
        json.map(|json| decode::<Row>(&json)?.into_model()).transpose()
    }

    async fn finish_webhook(&self, app: AppId, id: JobId) -> Result<()> {
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let query = sqlx::query(FINISH).bind(int(id.get())).bind(int(app.get()));
                query.execute(&mut tx.conn).await?;
                Ok(Written::quiet(()))
            })
        })
        .await
    }

    async fn postpone_webhook(&self, app: AppId, id: JobId, due_at: Millis, error: &str) -> Result<()> {
        let error = error.to_owned();
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let query = sqlx::query(POSTPONE)
                    .bind(due_at.0)
                    .bind(error)
                    .bind(int(id.get()))
                    .bind(int(app.get()));
                query.execute(&mut tx.conn).await?;
                Ok(Written::quiet(()))
            })
        })
        .await
    }

    async fn bury_webhook(&self, app: AppId, id: JobId, error: &str, keep: u32) -> Result<()> {
        let error = error.to_owned();
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let bury = sqlx::query_scalar(BURY)
                    .bind(error)
                    .bind(int(id.get()))
                    .bind(int(app.get()));
                let plugin: Option<String> = bury.fetch_optional(&mut tx.conn).await?;
                let clear = sqlx::query(CLEAR).bind(int(app.get())).bind(plugin).bind(keep);
                clear.execute(&mut tx.conn).await?;
                Ok(Written::quiet(()))
            })
        })
        .await
    }

    async fn deliveries(&self, app: AppId, filter: DeliveryFilter, limit: u32) -> Result<Vec<Delivery>> {
        let states = filter.dead.map_or_else(|| vec![false, true], |dead| vec![dead]);
        let mut found = Vec::new();
        for dead in states {
            let json: String = sqlx::query_scalar(LIST)
                .bind(int(app.get()))
                .bind(filter.before.map_or(i64::MAX, |before| int(before.get())))
                .bind(filter.plugin.as_ref().map(|plugin| plugin.as_str()))
                .bind(filter.target.as_deref())
                .bind(dead)
                .bind(limit)
                .fetch_one(&self.readers)
                .await?;
            for row in decode::<Vec<Row>>(&json)? {
                found.push(row.into_model()?);
            }
        }
        found.sort_unstable_by_key(|delivery| std::cmp::Reverse(delivery.id));
        found.truncate(limit as usize);
        Ok(found)
    }

    async fn revive_webhooks(&self, app: AppId, which: Deliveries, now: Millis) -> Result<u32> {
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let revive = match &which {
                    Deliveries::One(delivery) => sqlx::query_as(REVIVE_ONE)
                        .bind(now.0)
                        .bind(int(app.get()))
                        .bind(delivery.as_str()),
                    Deliveries::Target(key) => sqlx::query_as(REVIVE_TARGET)
                        .bind(now.0)
                        .bind(int(app.get()))
                        .bind(key.install.plugin.as_str())
                        .bind(key.target.as_str()),
                };
                let revived: Vec<(String, String)> = revive.fetch_all(&mut tx.conn).await?;
                let count = u32::try_from(revived.len()).unwrap_or(u32::MAX);
                // All are of one target.
                if let Some((plugin, target)) = revived.into_iter().next() {
                    tx.rung_targets.push(target_key(app, &plugin, target)?);
                }
                Ok(Written::quiet(count))
            })
        })
        .await
    }

    async fn delete_webhook(&self, app: AppId, delivery: &str) -> Result<bool> {
        let delivery = delivery.to_owned();
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let query = sqlx::query(DELETE).bind(int(app.get())).bind(delivery);
                let gone = query.execute(&mut tx.conn).await?.rows_affected() > 0;
                Ok(Written::quiet(gone))
            })
        })
        .await
    }
}

fn target_key(app: AppId, plugin: &str, target: String) -> Result<TargetKey> {
    let plugin = plugin_name(plugin)?;
    Ok(TargetKey {
        install: InstallKey { app, plugin },
        target,
    })
}
