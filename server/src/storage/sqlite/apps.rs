//! Tenants.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::Sqlite;
use super::rows::{app_id, decode, int};
use super::task::Written;
use crate::model::{App, AppId, AppSettings, Login};
use crate::storage::{Apps, NewApp, Result, Sequel, StorageError};

/// The first id given to an app that brings none.
const FIRST_FREE: i64 = 10_000_000;

/// An app as JSON, for [`Row`].
macro_rules! app_json {
    () => {
        "json_array(id, name, secret, enabled, demo, settings)"
    };
}

#[derive(Deserialize)]
struct Row(u64, String, String, u8, u8, String);

impl Row {
    fn into_model(self) -> Result<App> {
        let Self(id, name, secret, enabled, demo, settings) = self;
        Ok(App {
            id: app_id(id)?,
            name,
            secret,
            enabled: enabled != 0,
            demo: demo != 0,
            settings: read_settings(&settings)?,
        })
    }
}

/// Settings as stored; one that is missing has its default.
#[derive(Serialize, Deserialize)]
struct Stored {
    login: Option<String>,
    accept_unowned_kinds: Option<bool>,
    auto_create_users: Option<bool>,
    text_chars: Option<u32>,
    recall_seconds: Option<u32>,
    sign_timeout: Option<u32>,
    push_url: Option<String>,
    system_messages: Option<bool>,
    open_logins: Option<bool>,
    anonymous_uploads: Option<bool>,
    search: Option<bool>,
}

fn write_settings(settings: &AppSettings) -> String {
    let login = match settings.login {
        Login::Multiple => "multiple",
        Login::PerDevice => "per_device",
        Login::Single => "single",
    };
    let stored = Stored {
        login: Some(login.to_owned()),
        accept_unowned_kinds: Some(settings.accept_unowned_kinds),
        auto_create_users: Some(settings.auto_create_users),
        text_chars: Some(settings.text_chars),
        recall_seconds: Some(settings.recall_seconds),
        sign_timeout: Some(settings.sign_timeout),
        push_url: Some(settings.push_url.clone()),
        system_messages: Some(settings.system_messages),
        open_logins: Some(settings.open_logins),
        anonymous_uploads: Some(settings.anonymous_uploads),
        search: Some(settings.search),
    };
    serde_json::json!(stored).to_string()
}

fn read_settings(json: &str) -> Result<AppSettings> {
    let stored: Stored = decode(json)?;
    let default = AppSettings::default();
    Ok(AppSettings {
        login: match stored.login.as_deref() {
            Some("per_device") => Login::PerDevice,
            Some("single") => Login::Single,
            _ => Login::Multiple,
        },
        accept_unowned_kinds: stored.accept_unowned_kinds.unwrap_or(default.accept_unowned_kinds),
        auto_create_users: stored.auto_create_users.unwrap_or(default.auto_create_users),
        text_chars: stored.text_chars.unwrap_or(default.text_chars),
        recall_seconds: stored.recall_seconds.unwrap_or(default.recall_seconds),
        sign_timeout: stored.sign_timeout.unwrap_or(default.sign_timeout),
        push_url: stored.push_url.unwrap_or(default.push_url),
        system_messages: stored.system_messages.unwrap_or(default.system_messages),
        open_logins: stored.open_logins.unwrap_or(default.open_logins),
        anonymous_uploads: stored.anonymous_uploads.unwrap_or(default.anonymous_uploads),
        search: stored.search.unwrap_or(default.search),
    })
}

#[async_trait]
impl Apps for Sqlite {
    async fn apps(&self) -> Result<Vec<App>> {
        const SQL: &str = concat!("SELECT json_group_array(", app_json!(), " ORDER BY id) FROM apps");
        let json: String = sqlx::query_scalar(SQL).fetch_one(&self.readers).await?;
        decode::<Vec<Row>>(&json)?.into_iter().map(Row::into_model).collect()
    }

    async fn app(&self, app: AppId) -> Result<Option<App>> {
        const SQL: &str = concat!("SELECT ", app_json!(), " FROM apps WHERE id = ?");
        let json: Option<String> = sqlx::query_scalar(SQL)
            .bind(int(app.get()))
            .fetch_optional(&self.readers)
            .await?;
        json.map(|json| decode::<Row>(&json)?.into_model()).transpose()
    }

    async fn create_app(&self, id: Option<AppId>, app: NewApp) -> Result<App> {
        const NEXT: &str = "SELECT coalesce(max(id) + 1, ?1) FROM apps WHERE id >= ?1";
        const INSERT: &str = "INSERT INTO apps (id, name, secret, enabled, demo, settings) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let id = match id {
                    Some(id) => id,
                    None => {
                        let next: i64 = sqlx::query_scalar(NEXT)
                            .bind(FIRST_FREE)
                            .fetch_one(&mut tx.conn)
                            .await?;
                        app_id(next.cast_unsigned())?
                    }
                };
                let app = app(id);
                let insert = sqlx::query(INSERT)
                    .bind(int(id.get()))
                    .bind(app.name.as_str())
                    .bind(app.secret.as_str())
                    .bind(app.enabled)
                    .bind(app.demo)
                    .bind(write_settings(&app.settings));
                if insert.execute(&mut tx.conn).await?.rows_affected() == 0 {
                    return Err(StorageError::Exists("app"));
                }
                Ok(Written::quiet(app))
            })
        })
        .await
    }

    async fn save_app(&self, app: &App) -> Result<bool> {
        const SQL: &str = "UPDATE apps SET name = ?, secret = ?, enabled = ?, demo = ?, settings = ? WHERE id = ?";
        let app = app.clone();
        self.write(Sequel::none(), move |tx, _| {
            Box::pin(async move {
                let update = sqlx::query(SQL)
                    .bind(app.name)
                    .bind(app.secret)
                    .bind(app.enabled)
                    .bind(app.demo)
                    .bind(write_settings(&app.settings))
                    .bind(int(app.id.get()));
                Ok(Written::quiet(update.execute(&mut tx.conn).await?.rows_affected() > 0))
            })
        })
        .await
    }
}
