//! Installs and components.

use async_trait::async_trait;
use serde::Deserialize;

use super::Sqlite;
use super::rows::{app_id, decode, int, plugin_name};
use super::task::{Stale, Written};
use crate::model::{AppId, Body, Canary, Capability, Digest, HttpHost, Install, Millis, PluginName, Version};
use crate::storage::{Installs, Record, Result, Sequel};

/// An install as JSON, for [`Row`].
macro_rules! install_json {
    () => {
        "json_array(app, name, number, digest, uploaded_at, previous, grants, config, priority, reuse, enabled, revision, \
         canary, auto_rollback, activated_at, http_hosts)"
    };
}

/// Whether an install has a component, by each of the indexes on them.
macro_rules! is_installed {
    ($digest:literal) => {
        concat!(
            "(EXISTS (SELECT 1 FROM installs WHERE removed = 0 AND installs.digest = ",
            $digest,
            ") OR EXISTS (SELECT 1 FROM installs WHERE removed = 0 AND previous IS NOT NULL AND json_extract(previous, '$[1]') = ",
            $digest,
            ") OR EXISTS (SELECT 1 FROM installs WHERE removed = 0 AND canary IS NOT NULL AND json_extract(canary, '$[1]') = ",
            $digest,
            "))"
        )
    };
}

#[derive(Deserialize)]
struct Row(
    u64,
    String,
    u32,
    String,
    i64,
    Option<String>,
    String,
    String,
    Option<i32>,
    u32,
    u8,
    u64,
    Option<String>,
    Option<u8>,
    i64,
    String,
);

type PreviousRow = (u32, String, i64);

/// Its version, its share, and since when.
type CanaryRow = (u32, String, i64, u8, i64);

impl Row {
    fn into_model(self) -> Result<Install> {
        let Self(
            app,
            name,
            number,
            digest,
            at,
            previous,
            grants,
            config,
            priority,
            reuse,
            enabled,
            revision,
            canary,
            auto_rollback,
            activated_at,
            hosts,
        ) = self;
        let previous = previous.as_deref().map(decode::<PreviousRow>).transpose()?;
        let canary = canary.as_deref().map(decode::<CanaryRow>).transpose()?;
        Ok(Install {
            app: app_id(app)?,
            name: plugin_name(&name)?,
            current: version((number, digest, at)),
            previous: previous.map(version),
            grants: decode::<Vec<String>>(&grants)?
                .iter()
                .filter_map(|name| Capability::named(name))
                .collect(),
            http_hosts: decode::<Vec<String>>(&hosts)?
                .iter()
                .filter_map(|host| HttpHost::new(host).ok())
                .collect(),
            config: Body::trusted(&config),
            priority,
            reuse,
            enabled: enabled != 0,
            revision,
            canary: canary.map(|(number, digest, at, percent, since)| Canary {
                version: version((number, digest, at)),
                percent,
                since: Millis(since),
            }),
            auto_rollback: auto_rollback.map(|yes| yes != 0),
            activated_at: Millis(activated_at),
        })
    }
}

fn version((number, digest, at): PreviousRow) -> Version {
    Version {
        number,
        digest: Digest(digest),
        created_at: Millis(at),
    }
}

fn read(json: &str) -> Result<Vec<Install>> {
    decode::<Vec<Row>>(json)?.into_iter().map(Row::into_model).collect()
}

/// The jobs of an install, waiting and dead: each half has an index of its own. Parameters: app, plugin.
macro_rules! jobs_of_install {
    () => {
        "SELECT id FROM jobs WHERE app = ?1 AND plugin = ?2 AND dead = 0 UNION ALL SELECT id FROM jobs WHERE app = ?1 AND \
         plugin = ?2 AND dead = 1"
    };
}
const KEYS: &str = "DELETE FROM kv WHERE app = ?1 AND plugin = ?2";
pub(super) const EFFECTS_OF_INSTALL: &str = concat!(
    "DELETE FROM effects WHERE app = ?1 AND call IN (SELECT 'j' || id FROM (",
    jobs_of_install!(),
    "))"
);
const TIMERS: &str = "DELETE FROM timers WHERE app = ?1 AND plugin = ?2";
const WEBHOOKS: &str = "DELETE FROM webhooks WHERE app = ?1 AND plugin = ?2";
pub(super) const JOBS_OF_INSTALL: &str = concat!("DELETE FROM jobs WHERE id IN (", jobs_of_install!(), ")");

#[async_trait]
impl Installs for Sqlite {
    async fn installs(&self) -> Result<Vec<Install>> {
        const SQL: &str = concat!(
            "SELECT json_group_array(",
            install_json!(),
            " ORDER BY app, name) FROM installs WHERE removed = 0"
        );
        let json: String = sqlx::query_scalar(SQL).fetch_one(&self.readers).await?;
        read(&json)
    }

    async fn installs_of(&self, app: AppId) -> Result<Vec<Install>> {
        const SQL: &str = concat!(
            "SELECT json_group_array(",
            install_json!(),
            " ORDER BY name) FROM installs WHERE app = ? AND removed = 0"
        );
        let json: String = sqlx::query_scalar(SQL)
            .bind(int(app.get()))
            .fetch_one(&self.readers)
            .await?;
        read(&json)
    }

    async fn save_install(&self, install: Install, record: Record) -> Result<Install> {
        const SQL: &str = "INSERT INTO installs (app, name, number, digest, uploaded_at, previous, grants, config, priority, reuse, \
             enabled, canary, auto_rollback, activated_at, http_hosts, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) \
             ON CONFLICT DO UPDATE SET removed = 0, number = excluded.number, digest = excluded.digest, uploaded_at = \
             excluded.uploaded_at, previous = excluded.previous, grants = excluded.grants, config = excluded.config, \
             priority = excluded.priority, reuse = excluded.reuse, enabled = excluded.enabled, canary = \
             excluded.canary, auto_rollback = excluded.auto_rollback, activated_at = excluded.activated_at, http_hosts = excluded.http_hosts, revision = \
             installs.revision + 1 RETURNING revision";
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let previous = install
                    .previous
                    .as_ref()
                    .map(|old| serde_json::json!([old.number, old.digest.0, old.created_at.0]));
                let canary = install.canary.as_ref().map(|canary| {
                    let Version {
                        number,
                        digest,
                        created_at,
                    } = &canary.version;
                    serde_json::json!([number, digest.0, created_at.0, canary.percent, canary.since.0])
                });
                let grants: Vec<&str> = install.grants.iter().map(|grant| grant.as_str()).collect();
                let hosts: Vec<&str> = install.http_hosts.iter().map(HttpHost::as_str).collect();
                let revision: i64 = sqlx::query_scalar(SQL)
                    .bind(int(install.app.get()))
                    .bind(install.name.as_str())
                    .bind(install.current.number)
                    .bind(install.current.digest.0.as_str())
                    .bind(install.current.created_at.0)
                    .bind(previous.map(|json| json.to_string()))
                    .bind(serde_json::json!(grants).to_string())
                    .bind(install.config.as_str())
                    .bind(install.priority)
                    .bind(install.reuse)
                    .bind(install.enabled)
                    .bind(canary.map(|json| json.to_string()))
                    .bind(install.auto_rollback)
                    .bind(install.activated_at.0)
                    .bind(serde_json::json!(hosts).to_string())
                    .fetch_one(&mut tx.conn)
                    .await?;
                tx.record(install.app, record).await?;
                Ok(Written::quiet(Install {
                    revision: revision.cast_unsigned(),
                    ..install
                }))
            })
        })
        .await
    }

    async fn remove_install(&self, app: AppId, name: &PluginName, keep_data: bool, record: Record) -> Result<bool> {
        const REMOVE: &str = "UPDATE installs SET removed = 1 WHERE app = ? AND name = ? AND removed = 0";
        let name = name.clone();
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let remove = sqlx::query(REMOVE).bind(int(app.get())).bind(name.as_str());
                let removed = remove.execute(&mut tx.conn).await?.rows_affected() > 0;
                if removed && !keep_data {
                    for sql in [KEYS, EFFECTS_OF_INSTALL, JOBS_OF_INSTALL, TIMERS, WEBHOOKS] {
                        sqlx::query(sql)
                            .bind(int(app.get()))
                            .bind(name.as_str())
                            .execute(&mut tx.conn)
                            .await?;
                    }
                    tx.stale.push(Stale::Space(app, name));
                }
                if removed {
                    tx.record(app, record).await?;
                }
                Ok(Written::quiet(removed))
            })
        })
        .await
    }

    async fn put_component(&self, digest: &Digest, bytes: Vec<u8>) -> Result<()> {
        const SQL: &str = "INSERT INTO components (digest, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING";
        let digest = digest.clone();
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                sqlx::query(SQL)
                    .bind(digest.0)
                    .bind(bytes)
                    .execute(&mut tx.conn)
                    .await?;
                Ok(Written::quiet(()))
            })
        })
        .await
    }

    async fn is_installed(&self, digest: &Digest) -> Result<bool> {
        const SQL: &str = concat!("SELECT ", is_installed!("?1"));
        let found = sqlx::query_scalar(SQL).bind(digest.0.as_str());
        Ok(found.fetch_one(&self.readers).await?)
    }

    async fn idle_components(&self) -> Result<Vec<Digest>> {
        const SQL: &str = concat!(
            "SELECT digest FROM components WHERE NOT ",
            is_installed!("components.digest")
        );
        let found: Vec<String> = sqlx::query_scalar(SQL).fetch_all(&self.readers).await?;
        Ok(found.into_iter().map(Digest).collect())
    }

    async fn drop_component(&self, digest: &Digest) -> Result<()> {
        const SQL: &str = concat!("DELETE FROM components WHERE digest = ?1 AND NOT ", is_installed!("?1"));
        let digest = digest.clone();
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                sqlx::query(SQL).bind(digest.0).execute(&mut tx.conn).await?;
                Ok(Written::quiet(()))
            })
        })
        .await
    }

    async fn component(&self, digest: &Digest) -> Result<Option<Vec<u8>>> {
        const SQL: &str = "SELECT bytes FROM components WHERE digest = ?";
        Ok(sqlx::query_scalar(SQL)
            .bind(digest.0.as_str())
            .fetch_optional(&self.readers)
            .await?)
    }
}
