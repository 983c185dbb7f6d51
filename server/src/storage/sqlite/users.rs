//! Users and their tokens.

use async_trait::async_trait;
use serde::Deserialize;
use sqlx::SqliteConnection;

use super::fault::fault;
use super::rows::{app_id, decode, int, uids, user_id, user_ids};
use super::task::Written;
use super::{Sqlite, user_keys};
use crate::model::{AppId, Body, DeviceId, Millis, User, UserId, UserPatch};
use crate::storage::{NewJob, Result, Sequel, StorageError, Token, Users};

pub(super) const USER: &str = "SELECT json_array(uid, nickname, avatar, attributes, ban, created_at) FROM users WHERE app = ? AND \
                    uid = ?";

#[derive(Deserialize)]
struct Row(String, String, String, String, Option<String>, i64);

impl Row {
    fn into_model(self) -> Result<User> {
        let Self(uid, nickname, avatar, attributes, ban, created_at) = self;
        Ok(User {
            id: user_id(&uid)?,
            nickname,
            avatar,
            attributes: Body::trusted(&attributes),
            ban,
            created_at: Millis(created_at),
        })
    }
}

pub(super) const MANY: &str = "SELECT json_group_array(json_array(uid, nickname, avatar, attributes, ban, created_at)) FROM users WHERE \
                    app = ? AND uid IN (SELECT value FROM json_each(?))";

async fn find(conn: &mut SqliteConnection, app: AppId, user: &UserId) -> Result<Option<User>> {
    let json: Option<String> = sqlx::query_scalar(USER)
        .bind(int(app.get()))
        .bind(user.as_str())
        .fetch_optional(conn)
        .await?;
    json.map(|json| decode::<Row>(&json)?.into_model()).transpose()
}

/// Those of these that exist.
pub(super) async fn of(conn: &mut SqliteConnection, app: AppId, users: &[UserId]) -> Result<Vec<User>> {
    let json: String = sqlx::query_scalar(MANY)
        .bind(int(app.get()))
        .bind(uids(users))
        .fetch_one(conn)
        .await?;
    decode::<Vec<Row>>(&json)?.into_iter().map(Row::into_model).collect()
}

#[async_trait]
impl Users for Sqlite {
    async fn user(&self, app: AppId, user: &UserId) -> Result<Option<User>> {
        find(&mut *self.readers.acquire().await?, app, user).await
    }

    async fn users(&self, app: AppId, users: &[UserId]) -> Result<Vec<User>> {
        of(&mut *self.readers.acquire().await?, app, users).await
    }

    async fn user_by_key(&self, app: AppId, name: &str, value: &str) -> Result<Option<User>> {
        let json: Option<String> = sqlx::query_scalar(user_keys::FIND)
            .bind(int(app.get()))
            .bind(name)
            .bind(value)
            .fetch_optional(&self.readers)
            .await?;
        json.map(|json| decode::<Row>(&json)?.into_model()).transpose()
    }

    async fn put_user(
        &self,
        app: AppId,
        user: &UserId,
        patch: UserPatch,
        now: Millis,
        jobs: Vec<NewJob>,
    ) -> Result<(User, bool)> {
        const SQL: &str = "INSERT INTO users (app, uid, nickname, avatar, attributes, created_at) VALUES (?, ?, ?, ?, ?, ?) \
                           ON CONFLICT DO UPDATE SET nickname = excluded.nickname, avatar = excluded.avatar, attributes \
                           = excluded.attributes";
        let user = user.clone();
        self.write(Sequel::<()>::none().with_jobs(jobs), move |tx, jobs| {
            Box::pin(async move {
                let (old, new) = match find(&mut tx.conn, app, &user).await? {
                    Some(old) => (old, false),
                    None => (nobody(user.clone(), now), true),
                };
                let next = patched(&old, patch)?;
                user_keys::follow(&mut tx.conn, app, &user, &old.attributes, &next.attributes).await?;
                let upsert = sqlx::query(SQL)
                    .bind(int(app.get()))
                    .bind(next.id.as_str())
                    .bind(next.nickname.as_str())
                    .bind(next.avatar.as_str())
                    .bind(next.attributes.as_str())
                    .bind(next.created_at.0);
                upsert.execute(&mut tx.conn).await?;
                if !new {
                    tx.write_jobs(app, None, None, jobs).await?;
                }
                Ok(Written::quiet((next, new)))
            })
        })
        .await
    }

    async fn known_users(&self, app: AppId, users: &[UserId]) -> Result<Vec<UserId>> {
        const SQL: &str = "SELECT json_group_array(uid ORDER BY uid) FROM users WHERE app = ? AND uid IN (SELECT value FROM \
                           json_each(?))";
        let json: String = sqlx::query_scalar(SQL)
            .bind(int(app.get()))
            .bind(uids(users))
            .fetch_one(&self.readers)
            .await?;
        user_ids(&decode::<Vec<String>>(&json)?)
    }

    async fn ensure_users(&self, app: AppId, users: &[UserId], now: Millis) -> Result<()> {
        const SQL: &str = "INSERT INTO users (app, uid, nickname, avatar, attributes, created_at) SELECT ?, value, '', '', \
                           '{}', ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING";
        let known = self.known_users(app, users).await?;
        let missing = uids(users.iter().filter(|user| !known.contains(user)));
        if missing == "[]" {
            return Ok(());
        }
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let insert = sqlx::query(SQL).bind(int(app.get())).bind(now.0).bind(missing);
                insert.execute(&mut tx.conn).await?;
                Ok(Written::quiet(()))
            })
        })
        .await
    }

    async fn set_ban(&self, app: AppId, user: &UserId, reason: Option<String>) -> Result<bool> {
        const SQL: &str = "UPDATE users SET ban = ? WHERE app = ? AND uid = ?";
        let user = user.clone();
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let update = sqlx::query(SQL).bind(reason).bind(int(app.get())).bind(user.as_str());
                Ok(Written::quiet(update.execute(&mut tx.conn).await?.rows_affected() > 0))
            })
        })
        .await
    }

    async fn put_token(&self, hash: [u8; 32], token: Token, now: Millis) -> Result<()> {
        const DROP: &str = "DELETE FROM tokens WHERE app = ? AND user = ? AND expires_at <= ?";
        const INSERT: &str =
            "INSERT OR REPLACE INTO tokens (hash, app, user, device, expires_at) VALUES (?, ?, ?, ?, ?)";
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let (app, user) = (int(token.app.get()), token.user.as_str());
                sqlx::query(DROP)
                    .bind(app)
                    .bind(user)
                    .bind(now.0)
                    .execute(&mut tx.conn)
                    .await?;
                let insert = sqlx::query(INSERT)
                    .bind(hash.as_slice())
                    .bind(app)
                    .bind(user)
                    .bind(token.device.as_ref().map(DeviceId::as_str))
                    .bind(token.expires_at.0);
                insert.execute(&mut tx.conn).await?;
                Ok(Written::quiet(()))
            })
        })
        .await
    }

    async fn token(&self, hash: [u8; 32]) -> Result<Option<Token>> {
        const SQL: &str = "SELECT app, user, device, expires_at FROM tokens WHERE hash = ?";
        let row: Option<(i64, String, Option<String>, i64)> = sqlx::query_as(SQL)
            .bind(hash.as_slice())
            .fetch_optional(&self.readers)
            .await?;
        let Some((app, user, device, expires_at)) = row else {
            return Ok(None);
        };
        Ok(Some(Token {
            app: app_id(app.cast_unsigned())?,
            user: user_id(&user)?,
            device: device.as_deref().map(DeviceId::new).transpose().map_err(fault)?,
            expires_at: Millis(expires_at),
        }))
    }

    async fn drop_tokens(&self, app: AppId, user: &UserId) -> Result<u32> {
        const ISSUED: &str = "DELETE FROM tokens WHERE app = ? AND user = ?";
        const GIVEN: &str =
            "UPDATE credentials SET token = NULL, token_hash = NULL WHERE app = ? AND user = ? AND token IS NOT NULL";
        let user = user.clone();
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let mut gone = 0;
                for sql in [ISSUED, GIVEN] {
                    let end = sqlx::query(sql).bind(int(app.get())).bind(user.as_str());
                    gone += end.execute(&mut tx.conn).await?.rows_affected();
                }
                Ok(Written::quiet(u32::try_from(gone).unwrap_or(u32::MAX)))
            })
        })
        .await
    }

    async fn acquaintances(&self, app: AppId, user: &UserId, limit: u32) -> Result<Vec<UserId>> {
        const SQL: &str = "SELECT json_group_array(user) FROM (SELECT DISTINCT other.user FROM members own CROSS JOIN members other ON \
             other.conversation = own.conversation JOIN conversations c ON c.id = own.conversation WHERE own.app = ?1 AND \
             own.user = ?2 AND own.left IS NULL AND other.left IS NULL AND other.user <> ?2 AND c.dissolved IS NULL LIMIT \
             ?3)";
        let json: String = sqlx::query_scalar(SQL)
            .bind(int(app.get()))
            .bind(user.as_str())
            .bind(limit)
            .fetch_one(&self.readers)
            .await?;
        user_ids(&decode::<Vec<String>>(&json)?)
    }
}

fn patched(old: &User, patch: UserPatch) -> Result<User> {
    let attributes = patch.attributes.unwrap_or_else(|| old.attributes.clone());
    let attributes = match patch.merge {
        Some(merge) => attributes.merged(&merge),
        None => attributes,
    };
    if attributes.as_str().len() > User::ATTRIBUTES {
        return Err(StorageError::Quota("attributes"));
    }
    Ok(User {
        nickname: patch.nickname.unwrap_or_else(|| old.nickname.clone()),
        avatar: patch.avatar.unwrap_or_else(|| old.avatar.clone()),
        attributes,
        ..old.clone()
    })
}

fn nobody(id: UserId, now: Millis) -> User {
    User {
        id,
        nickname: String::new(),
        avatar: String::new(),
        attributes: Body::empty(),
        ban: None,
        created_at: now,
    }
}
