//! Blacklists.

use async_trait::async_trait;

use super::Sqlite;
use super::rows::{decode, int, user_ids};
use super::task::Written;
use crate::model::{AppId, UserId};
use crate::storage::{Blocks, Result, Sequel};

#[async_trait]
impl Blocks for Sqlite {
    async fn set_block(&self, app: AppId, by: &UserId, user: &UserId, blocked: bool) -> Result<bool> {
        const ADD: &str = "INSERT INTO blocks (app, by, user) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
        const REMOVE: &str = "DELETE FROM blocks WHERE app = ? AND by = ? AND user = ?";
        let (by, user) = (by.clone(), user.clone());
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let query = sqlx::query(if blocked { ADD } else { REMOVE })
                    .bind(int(app.get()))
                    .bind(by.as_str())
                    .bind(user.as_str());
                Ok(Written::quiet(query.execute(&mut tx.conn).await?.rows_affected() > 0))
            })
        })
        .await
    }

    async fn blocks(&self, app: AppId, by: &UserId) -> Result<Vec<UserId>> {
        const SQL: &str = "SELECT json_group_array(user) FROM (SELECT user FROM blocks WHERE app = ? AND by = ? ORDER BY \
                           user LIMIT 1000)";
        let json: String = sqlx::query_scalar(SQL)
            .bind(int(app.get()))
            .bind(by.as_str())
            .fetch_one(&self.readers)
            .await?;
        user_ids(&decode::<Vec<String>>(&json)?)
    }
}
