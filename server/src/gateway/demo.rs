//! The demo page: its files, embedded, and tokens for the users of the apps that the configuration marks as demo. Any
//! other app and any other user does not exist here.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::auth::authenticate;
use super::error::Result;
use super::page;
use super::rest::Json;
use crate::chat::Chat;
use crate::model::{AppId, Clock, Code, Context, Millis, Refusal, UserId, UserPatch};

/// How long a demo token lasts: an hour.
const TTL_SECONDS: u64 = 3600;
/// A token with less than this left is not given out again.
const LEFT_MS: i64 = 30 * 60 * 1000;

/// Bytes of a request for a session.
const BODY: usize = 4 * 1024;

/// An app that is marked as demo.
#[derive(Debug, Clone)]
pub struct DemoApp {
    /// Which.
    pub app: AppId,
    /// Its name.
    pub name: String,
    /// Whom one can be.
    pub users: Vec<DemoUser>,
}

/// A user one can be.
#[derive(Debug, Clone)]
pub struct DemoUser {
    /// Who.
    pub user: UserId,
    /// Its nickname.
    pub nickname: String,
    /// What it does there: `agent` or `customer`.
    pub role: &'static str,
}

/// What the demo is made of.
pub struct Demo {
    chat: Arc<Chat>,
    clock: Arc<dyn Clock>,
    apps: Vec<DemoApp>,
    /// The token of each user: asking again gives the same one, so that nobody can fill the storage with them.
    tokens: Mutex<HashMap<(AppId, UserId), (String, Millis)>>,
}

impl Demo {
    /// A demo of these apps.
    #[must_use]
    pub fn new(chat: Arc<Chat>, clock: Arc<dyn Clock>, apps: Vec<DemoApp>) -> Self {
        Self {
            chat,
            clock,
            apps,
            tokens: Mutex::default(),
        }
    }

    /// The apps that are shown: those that are there, answer, and are marked as demo themselves.
    fn shown(&self) -> impl Iterator<Item = &DemoApp> {
        self.apps.iter().filter(|demo| {
            self.chat
                .tenants()
                .get(demo.app)
                .is_some_and(|app| app.demo && app.enabled)
        })
    }

    /// A token for a user, who is made if it is not there yet.
    async fn token(&self, app: AppId, user: &DemoUser) -> Result<(String, Millis), Refusal> {
        let now = self.clock.now();
        // Held while one is made, so that there is one for each user.
        let mut tokens = self.tokens.lock().await;
        let key = (app, user.user.clone());
        if let Some((token, expires_at)) = tokens.get(&key)
            && expires_at.0 - now.0 > LEFT_MS
            && authenticate(&self.chat, token, now).await.is_ok()
        {
            return Ok((token.clone(), *expires_at));
        }
        match self.chat.user(app, &user.user).await {
            Err(refusal) if refusal.code == Code::NotFound => {
                let nickname = Some(user.nickname.clone());
                let patch = UserPatch {
                    nickname,
                    ..UserPatch::default()
                };
                self.chat.put_user(&Context::admin(app, now), &user.user, patch).await?;
            }
            known => drop(known?),
        }
        let made = self.chat.issue_token(app, &user.user, None, TTL_SECONDS, now).await?;
        tokens.insert(key, made.clone());
        Ok(made)
    }
}

/// The page and its calls; nothing at all without the page.
pub fn router(demo: Arc<Demo>, with_page: bool) -> Router {
    if !with_page {
        return Router::new();
    }
    Router::new()
        .route("/demo/apps", get(list_apps))
        .route("/demo/session", post(create_session))
        .layer(DefaultBodyLimit::max(BODY))
        .with_state(demo)
        .merge(page::router())
}

#[derive(Serialize)]
struct Apps {
    apps: Vec<App>,
}

#[derive(Serialize)]
struct App {
    app: AppId,
    name: String,
    users: Vec<User>,
}

#[derive(Serialize)]
struct User {
    user: UserId,
    nickname: String,
    role: &'static str,
}

async fn list_apps(State(demo): State<Arc<Demo>>) -> axum::Json<Apps> {
    let user = |user: &DemoUser| User {
        user: user.user.clone(),
        nickname: user.nickname.clone(),
        role: user.role,
    };
    let app = |demo: &DemoApp| App {
        app: demo.app,
        name: demo.name.clone(),
        users: demo.users.iter().map(user).collect(),
    };
    let apps = demo.shown().map(app).collect();
    axum::Json(Apps { apps })
}

#[derive(Deserialize)]
struct NewSession {
    app: AppId,
    user: UserId,
}

#[derive(Serialize)]
struct Session {
    token: String,
    app: AppId,
    user: UserId,
    expires_at: Millis,
}

async fn create_session(State(demo): State<Arc<Demo>>, Json(new): Json<NewSession>) -> Result<axum::Json<Session>> {
    let app = demo
        .shown()
        .find(|app| app.app == new.app)
        .ok_or_else(|| Refusal::not_found("app"))?;
    let user = app.users.iter().find(|user| user.user == new.user);
    let user = user.ok_or_else(|| Refusal::not_found("user"))?;
    let (token, expires_at) = demo.token(app.app, user).await?;
    Ok(axum::Json(Session {
        token,
        app: new.app,
        user: new.user,
        expires_at,
    }))
}
