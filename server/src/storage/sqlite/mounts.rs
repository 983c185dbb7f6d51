//! Where dialects answer.

use async_trait::async_trait;

use super::Sqlite;
use super::rows::{app_id, decode, int, plugin_name};
use super::task::Written;
use crate::model::{AppId, Mount};
use crate::storage::{Mounts, Result, Sequel};

#[async_trait]
impl Mounts for Sqlite {
    async fn mounts(&self) -> Result<Vec<Mount>> {
        const SQL: &str = "SELECT json_group_array(json_array(host, prefix, dialect, app) ORDER BY host, prefix, dialect) \
                           FROM mounts";
        let json: String = sqlx::query_scalar(SQL).fetch_one(&self.readers).await?;
        let rows = decode::<Vec<(String, String, String, u64)>>(&json)?;
        let mount = |(host, prefix, dialect, app): (String, String, String, u64)| {
            Ok(Mount {
                dialect: plugin_name(&dialect)?,
                prefix,
                host: Some(host).filter(|host| !host.is_empty()),
                app: Some(app_id(app)?),
            })
        };
        rows.into_iter().map(mount).collect()
    }

    async fn add_mount(&self, app: AppId, mount: Mount) -> Result<()> {
        const SQL: &str = "INSERT INTO mounts (host, prefix, dialect, app) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let query = sqlx::query(SQL)
                    .bind(mount.host.unwrap_or_default())
                    .bind(mount.prefix)
                    .bind(mount.dialect.as_str())
                    .bind(int(app.get()));
                query.execute(&mut tx.conn).await?;
                Ok(Written::quiet(()))
            })
        })
        .await
    }

    async fn remove_mount(&self, app: AppId, mount: Mount) -> Result<bool> {
        const SQL: &str = "DELETE FROM mounts WHERE host = ? AND prefix = ? AND dialect = ? AND app = ?";
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let query = sqlx::query(SQL)
                    .bind(mount.host.unwrap_or_default())
                    .bind(mount.prefix)
                    .bind(mount.dialect.as_str())
                    .bind(int(app.get()));
                Ok(Written::quiet(query.execute(&mut tx.conn).await?.rows_affected() > 0))
            })
        })
        .await
    }
}
