//! Friends.

use async_trait::async_trait;
use serde::Deserialize;
use sqlx::SqliteConnection;

use super::Sqlite;
use super::rows::{decode, int, user_id};
use super::task::Written;
use crate::model::{AppId, Friend, FriendsPage, Millis, UserId};
use crate::storage::{Friends, Result, Sequel, StorageError};

pub(super) const COUNT: &str = "SELECT count(*) FROM friends WHERE app = ? AND user = ?";
pub(super) const PAGE: &str = "SELECT json_group_array(json_array(friend, remark, since)) FROM (SELECT friend, remark, since FROM \
                               friends WHERE app = ? AND user = ? ORDER BY since, friend LIMIT ? OFFSET ?)";

#[derive(Deserialize)]
struct Row(String, String, i64);

impl Row {
    fn into_model(self) -> Result<Friend> {
        Ok(Friend {
            user: user_id(&self.0)?,
            remark: self.1,
            since: Millis(self.2),
        })
    }
}

async fn count(conn: &mut SqliteConnection, app: AppId, user: &UserId) -> Result<u32> {
    let query = sqlx::query_scalar(COUNT).bind(int(app.get())).bind(user.as_str());
    Ok(query.fetch_one(conn).await?)
}

#[async_trait]
impl Friends for Sqlite {
    async fn befriend(&self, app: AppId, one: &UserId, other: &UserId, most: u32, now: Millis) -> Result<bool> {
        const SQL: &str = "INSERT INTO friends (app, user, friend, remark, since) VALUES (?1, ?2, ?3, '', ?4), (?1, ?3, ?2, \
                           '', ?4) ON CONFLICT DO NOTHING";
        let (one, other) = (one.clone(), other.clone());
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let insert = sqlx::query(SQL)
                    .bind(int(app.get()))
                    .bind(one.as_str())
                    .bind(other.as_str())
                    .bind(now.0);
                let new = insert.execute(&mut tx.conn).await?.rows_affected() > 0;
                for user in [&one, &other] {
                    if new && count(&mut tx.conn, app, user).await? > most {
                        return Err(StorageError::Quota("friends"));
                    }
                }
                Ok(Written::quiet(new))
            })
        })
        .await
    }

    async fn unfriend(&self, app: AppId, one: &UserId, other: &UserId) -> Result<bool> {
        const SQL: &str =
            "DELETE FROM friends WHERE app = ?1 AND ((user = ?2 AND friend = ?3) OR (user = ?3 AND friend = ?2))";
        let (one, other) = (one.clone(), other.clone());
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let delete = sqlx::query(SQL)
                    .bind(int(app.get()))
                    .bind(one.as_str())
                    .bind(other.as_str());
                Ok(Written::quiet(delete.execute(&mut tx.conn).await?.rows_affected() > 0))
            })
        })
        .await
    }

    async fn set_remark(&self, app: AppId, by: &UserId, friend: &UserId, remark: &str) -> Result<bool> {
        const SQL: &str = "UPDATE friends SET remark = ? WHERE app = ? AND user = ? AND friend = ?";
        let (by, friend, remark) = (by.clone(), friend.clone(), remark.to_owned());
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let update = sqlx::query(SQL)
                    .bind(remark)
                    .bind(int(app.get()))
                    .bind(by.as_str())
                    .bind(friend.as_str());
                Ok(Written::quiet(update.execute(&mut tx.conn).await?.rows_affected() > 0))
            })
        })
        .await
    }

    async fn friends(&self, app: AppId, user: &UserId, skip: u32, limit: u32) -> Result<FriendsPage> {
        let mut conn = self.readers.acquire().await?;
        let page = sqlx::query_scalar(PAGE)
            .bind(int(app.get()))
            .bind(user.as_str())
            .bind(limit)
            .bind(skip);
        let json: String = page.fetch_one(&mut *conn).await?;
        let rows: Vec<Row> = decode(&json)?;
        Ok(FriendsPage {
            friends: rows.into_iter().map(Row::into_model).collect::<Result<_>>()?,
            total: count(&mut conn, app, user).await?,
        })
    }
}
