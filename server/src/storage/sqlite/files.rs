//! What is known of files.

use async_trait::async_trait;
use serde::Deserialize;

use super::Sqlite;
use super::fault::fault;
use super::rows::{app_id, decode, int, user_id};
use super::task::Written;
use crate::model::{AppId, File, FileId, Millis};
use crate::storage::{Files, NewJob, Result, Sequel, StorageError};

#[derive(Deserialize)]
struct Row(
    String,
    String,
    String,
    u64,
    String,
    Option<u32>,
    Option<u32>,
    Option<u32>,
    Option<u32>,
    Option<String>,
    i64,
    Option<i64>,
);

impl Row {
    fn into_model(self) -> Result<File> {
        let Self(id, name, mime, size, etag, width, height, thumb_width, thumb_height, owner, created, expires) = self;
        Ok(File {
            id: FileId::new(&id).map_err(fault)?,
            name,
            mime,
            size,
            etag,
            picture: width.zip(height),
            thumb: thumb_width.zip(thumb_height),
            owner: owner.as_deref().map(user_id).transpose()?,
            created_at: Millis(created),
            expires_at: expires.map(Millis),
        })
    }
}

#[async_trait]
impl Files for Sqlite {
    async fn put_file(&self, app: AppId, file: File, quota: u64, jobs: Vec<NewJob>) -> Result<()> {
        const COUNT: &str = "INSERT INTO file_bytes (app, bytes) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET bytes = bytes + ?2 \
                             RETURNING bytes";
        const INSERT: &str = "INSERT INTO files (app, id, name, mime, size, etag, width, height, thumb_width, thumb_height, \
                              owner, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        self.write(Sequel::<()>::none().with_jobs(jobs), move |tx, jobs| {
            Box::pin(async move {
                let bytes: i64 = sqlx::query_scalar(COUNT)
                    .bind(int(app.get()))
                    .bind(int(file.size))
                    .fetch_one(&mut tx.conn)
                    .await?;
                if bytes.cast_unsigned() > quota {
                    return Err(StorageError::Quota("files"));
                }
                let insert = sqlx::query(INSERT)
                    .bind(int(app.get()))
                    .bind(file.id.as_str())
                    .bind(file.name.as_str())
                    .bind(file.mime.as_str())
                    .bind(int(file.size))
                    .bind(file.etag.as_str())
                    .bind(file.picture.map(|(width, _)| width))
                    .bind(file.picture.map(|(_, height)| height))
                    .bind(file.thumb.map(|(width, _)| width))
                    .bind(file.thumb.map(|(_, height)| height))
                    .bind(file.owner.as_ref().map(|owner| owner.as_str().to_owned()))
                    .bind(file.created_at.0)
                    .bind(file.expires_at.map(|at| at.0));
                insert.execute(&mut tx.conn).await?;
                tx.write_jobs(app, None, None, jobs).await?;
                Ok(Written::quiet(()))
            })
        })
        .await
    }

    async fn file(&self, app: AppId, file: &FileId, now: Millis) -> Result<Option<File>> {
        const SQL: &str = "SELECT json_array(id, name, mime, size, etag, width, height, thumb_width, thumb_height, owner, \
                           created_at, expires_at) FROM files WHERE app = ? AND id = ? AND coalesce(expires_at > ?, true)";
        let json: Option<String> = sqlx::query_scalar(SQL)
            .bind(int(app.get()))
            .bind(file.as_str())
            .bind(now.0)
            .fetch_optional(&self.readers)
            .await?;
        json.map(|json| decode::<Row>(&json)?.into_model()).transpose()
    }

    async fn delete_file(&self, app: AppId, file: &FileId) -> Result<bool> {
        const DELETE: &str = "DELETE FROM files WHERE app = ? AND id = ? RETURNING size";
        const COUNT: &str = "UPDATE file_bytes SET bytes = bytes - ? WHERE app = ?";
        let file = file.clone();
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let size: Option<i64> = sqlx::query_scalar(DELETE)
                    .bind(int(app.get()))
                    .bind(file.as_str())
                    .fetch_optional(&mut tx.conn)
                    .await?;
                if let Some(size) = size {
                    let count = sqlx::query(COUNT).bind(size).bind(int(app.get()));
                    count.execute(&mut tx.conn).await?;
                }
                Ok(Written::quiet(size.is_some()))
            })
        })
        .await
    }

    async fn expired_files(&self, now: Millis, limit: u32) -> Result<Vec<(AppId, FileId)>> {
        const SQL: &str = "SELECT json_group_array(json_array(app, id)) FROM (SELECT app, id FROM files WHERE expires_at <= ? \
                           ORDER BY expires_at LIMIT ?)";
        let json: String = sqlx::query_scalar(SQL)
            .bind(now.0)
            .bind(limit)
            .fetch_one(&self.readers)
            .await?;
        let rows = decode::<Vec<(u64, String)>>(&json)?.into_iter();
        rows.map(|(app, id)| Ok((app_id(app)?, FileId::new(&id).map_err(fault)?)))
            .collect()
    }
}
