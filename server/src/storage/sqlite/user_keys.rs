//! Attributes by which users are found: kept beside the users, and changed with them.

use sqlx::SqliteConnection;

use super::rows::int;
use crate::model::{AppId, Body, User, UserId};
use crate::storage::{Result, StorageError};

pub(super) const FIND: &str = "SELECT json_array(u.uid, u.nickname, u.avatar, u.attributes, u.ban, u.created_at) FROM user_keys k JOIN \
                               users u ON u.app = k.app AND u.uid = k.user WHERE k.app = ? AND k.name = ? AND k.value = ?";
const OWNER: &str = "SELECT user FROM user_keys WHERE app = ? AND name = ? AND value = ?";
const REMOVE: &str = "DELETE FROM user_keys WHERE app = ? AND user = ? AND name = ?";
const ADD: &str = "INSERT INTO user_keys (app, name, value, user) VALUES (?, ?, ?, ?)";

/// Follows a change of a user's attributes.
///
/// # Errors
/// `Exists` with the attribute's name if its value is another user's.
pub(super) async fn follow(
    conn: &mut SqliteConnection,
    app: AppId,
    user: &UserId,
    old: &Body,
    new: &Body,
) -> Result<()> {
    for name in User::KEYS {
        let (before, after) = (old.word(name), new.word(name));
        if before == after {
            continue;
        }
        if before.is_some() {
            let remove = sqlx::query(REMOVE).bind(int(app.get())).bind(user.as_str()).bind(name);
            remove.execute(&mut *conn).await?;
        }
        let Some(value) = after else { continue };
        let owner = sqlx::query_scalar(OWNER)
            .bind(int(app.get()))
            .bind(name)
            .bind(value.as_str());
        let owner: Option<String> = owner.fetch_optional(&mut *conn).await?;
        if owner.is_some() {
            return Err(StorageError::Exists(name));
        }
        let add = sqlx::query(ADD)
            .bind(int(app.get()))
            .bind(name)
            .bind(value)
            .bind(user.as_str());
        add.execute(&mut *conn).await?;
    }
    Ok(())
}
