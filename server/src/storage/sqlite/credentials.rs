//! Given tokens and passwords.

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use sqlx::SqliteConnection;

use super::Sqlite;
use super::fault::fault;
use super::rows::{int, user_id};
use super::task::Written;
use crate::model::{AppId, UserId};
use crate::storage::{Credentials, Result, Sequel, StorageError};

pub(super) const TOKEN: &str = "SELECT token FROM credentials WHERE app = ? AND user = ?";
pub(super) const OWNER: &str = "SELECT user FROM credentials WHERE app = ? AND token_hash = ?";
pub(super) const PASSWORD: &str = "SELECT password FROM credentials WHERE app = ? AND user = ?";

#[async_trait]
impl Credentials for Sqlite {
    async fn set_given_token(&self, app: AppId, user: &UserId, token: &str) -> Result<()> {
        const SQL: &str = "INSERT INTO credentials (app, user, token, token_hash) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET token \
                           = excluded.token, token_hash = excluded.token_hash";
        let (user, token) = (user.clone(), token.to_owned());
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                known(&mut tx.conn, app, &user).await?;
                if owner(&mut tx.conn, app, &token)
                    .await?
                    .is_some_and(|owner| owner != user)
                {
                    return Err(StorageError::Exists("token"));
                }
                let upsert = sqlx::query(SQL)
                    .bind(int(app.get()))
                    .bind(user.as_str())
                    .bind(token.as_str())
                    .bind(hash(&token));
                upsert.execute(&mut tx.conn).await?;
                Ok(Written::quiet(()))
            })
        })
        .await
    }

    async fn given_token(&self, app: AppId, user: &UserId) -> Result<Option<String>> {
        let query = sqlx::query_scalar(TOKEN).bind(int(app.get())).bind(user.as_str());
        Ok(query.fetch_optional(&self.readers).await?.flatten())
    }

    async fn user_of_given_token(&self, app: AppId, token: &str) -> Result<Option<UserId>> {
        owner(&mut *self.readers.acquire().await?, app, token).await
    }

    async fn set_password_hash(&self, app: AppId, user: &UserId, hash: &str) -> Result<()> {
        const SQL: &str = "INSERT INTO credentials (app, user, password) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET password = \
                           excluded.password";
        let (user, hash) = (user.clone(), hash.to_owned());
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                known(&mut tx.conn, app, &user).await?;
                let upsert = sqlx::query(SQL).bind(int(app.get())).bind(user.as_str()).bind(hash);
                upsert.execute(&mut tx.conn).await?;
                Ok(Written::quiet(()))
            })
        })
        .await
    }

    async fn password_hash(&self, app: AppId, user: &UserId) -> Result<Option<String>> {
        let query = sqlx::query_scalar(PASSWORD).bind(int(app.get())).bind(user.as_str());
        Ok(query.fetch_optional(&self.readers).await?.flatten())
    }

    async fn pepper(&self, fresh: [u8; 32]) -> Result<[u8; 32]> {
        const KEEP: &str = "INSERT INTO pepper (one, bytes) VALUES (1, ?) ON CONFLICT DO NOTHING";
        const READ: &str = "SELECT bytes FROM pepper";
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                sqlx::query(KEEP).bind(fresh.as_slice()).execute(&mut tx.conn).await?;
                let bytes: Vec<u8> = sqlx::query_scalar(READ).fetch_one(&mut tx.conn).await?;
                let bytes = <[u8; 32]>::try_from(bytes.as_slice()).map_err(fault)?;
                Ok(Written::quiet(bytes))
            })
        })
        .await
    }
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

async fn owner(conn: &mut SqliteConnection, app: AppId, token: &str) -> Result<Option<UserId>> {
    let query = sqlx::query_scalar(OWNER).bind(int(app.get())).bind(hash(token));
    let user: Option<String> = query.fetch_optional(conn).await?;
    user.as_deref().map(user_id).transpose()
}

async fn known(conn: &mut SqliteConnection, app: AppId, user: &UserId) -> Result<()> {
    const SQL: &str = "SELECT 1 FROM users WHERE app = ? AND uid = ?";
    let query = sqlx::query_scalar(SQL).bind(int(app.get())).bind(user.as_str());
    let found: Option<i64> = query.fetch_optional(conn).await?;
    found.map(drop).ok_or(StorageError::Missing("user"))
}
