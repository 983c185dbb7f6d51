//! An app's users: made, banned and given tokens by their tenant.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Admin;
use super::access::{Tenant, Under};
use crate::gateway::error::Result;
use crate::gateway::rest::JsonOrDefault;
use crate::gateway::wire::ChangeUser;
use crate::model::{AppId, Body, Context, DeviceId, Millis, Refusal, User, UserId};

/// How long a token lasts if nothing is said: a day.
const TTL_SECONDS: u64 = 24 * 3600;
/// Bytes of the reason of a ban.
const REASON: usize = 500;

pub(super) fn routes() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new()
        .routes(routes!(put_app_user, get_app_user))
        .routes(routes!(issue_token, drop_tokens))
        .routes(routes!(ban_user))
        .routes(routes!(unban_user))
}

/// A user as its tenant sees it.
#[derive(Debug, Serialize, ToSchema)]
struct AppUser<'a> {
    /// Its id.
    #[schema(value_type = UserId)]
    user: &'a UserId,
    /// Shown to others.
    nickname: &'a str,
    /// URL of a picture.
    avatar: &'a str,
    /// The app's own data.
    #[schema(value_type = Body)]
    attributes: &'a Body,
    /// Why it is banned; null if it is not.
    #[schema(required = true)]
    ban: Option<&'a str>,
    /// When it was first seen.
    created_at: Millis,
}

impl<'a> From<&'a User> for AppUser<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            user: &user.id,
            nickname: &user.nickname,
            avatar: &user.avatar,
            attributes: &user.attributes,
            ban: user.ban.as_deref(),
            created_at: user.created_at,
        }
    }
}

/// Makes a user or changes it.
#[utoipa::path(
    put, path = "/apps/{app}/users/{user}", tag = "admin", params(("app" = AppId, Path), ("user" = UserId, Path)),
    request_body = Option<ChangeUser>,
    responses(
        (status = CREATED, body = AppUser, description = "It is new"),
        (status = OK, body = AppUser, description = "It was there; as it is now"),
    )
)]
async fn put_app_user(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Under(user): Under<String>,
    JsonOrDefault(change): JsonOrDefault<ChangeUser>,
) -> Result<Response> {
    let user = UserId::new(&user).map_err(|error| Refusal::field("user", error.to_string()))?;
    let ctx = Context::admin(app.id, admin.clock.now());
    let (user, created) = admin.chat.put_user(&ctx, &user, change.into()).await?;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, axum::Json(AppUser::from(&user))).into_response())
}

/// A user.
#[utoipa::path(
    get, path = "/apps/{app}/users/{user}", tag = "admin", params(("app" = AppId, Path), ("user" = UserId, Path)),
    responses((status = OK, body = AppUser, description = "The user"))
)]
async fn get_app_user(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Under(user): Under<UserId>,
) -> Result<Response> {
    let user = admin.chat.user(app.id, &user).await?;
    Ok(axum::Json(AppUser::from(&user)).into_response())
}

/// What a token is for.
#[derive(Debug, Deserialize, ToSchema)]
struct NewToken {
    /// It opens only this device; any, if none is named.
    device: Option<DeviceId>,
    /// How long it lasts, in seconds: a day if nothing is said, at most 366 days.
    ttl_seconds: Option<u64>,
}

/// A token of a user.
#[derive(Debug, Serialize, ToSchema)]
struct IssuedToken {
    /// Told once.
    token: String,
    /// When it ends.
    expires_at: Millis,
}

/// Issues a token for a user.
#[utoipa::path(
    post, path = "/apps/{app}/users/{user}/tokens", tag = "admin",
    params(("app" = AppId, Path), ("user" = UserId, Path)), request_body = Option<NewToken>,
    responses((status = CREATED, body = IssuedToken, description = "The token"))
)]
async fn issue_token(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Under(user): Under<UserId>,
    JsonOrDefault(new): JsonOrDefault<NewToken>,
) -> Result<(StatusCode, axum::Json<IssuedToken>)> {
    let ttl = new.ttl_seconds.unwrap_or(TTL_SECONDS);
    let now = admin.clock.now();
    let (token, expires_at) = admin.chat.issue_token(app.id, &user, new.device, ttl, now).await?;
    Ok((StatusCode::CREATED, axum::Json(IssuedToken { token, expires_at })))
}

/// How many tokens ended.
#[derive(Debug, Serialize, ToSchema)]
struct EndedTokens {
    /// How many.
    ended: u32,
}

/// Ends all tokens that were issued to a user, and the one a dialect may have set. Those the tenant has signed itself end
/// with their time.
#[utoipa::path(
    delete, path = "/apps/{app}/users/{user}/tokens", tag = "admin",
    params(("app" = AppId, Path), ("user" = UserId, Path)),
    responses((status = OK, body = EndedTokens, description = "How many ended"))
)]
async fn drop_tokens(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Under(user): Under<UserId>,
) -> Result<axum::Json<EndedTokens>> {
    let ended = admin.chat.drop_tokens(app.id, &user).await?;
    Ok(axum::Json(EndedTokens { ended }))
}

/// Why a user is banned.
#[derive(Debug, Deserialize, ToSchema)]
struct Ban {
    /// In words, told to the user; at most 500 bytes.
    #[serde(default)]
    reason: String,
}

/// Bans a user and closes its connections.
#[utoipa::path(
    post, path = "/apps/{app}/users/{user}/ban", tag = "admin",
    params(("app" = AppId, Path), ("user" = UserId, Path)), request_body = Option<Ban>,
    responses((status = NO_CONTENT, description = "It is banned"))
)]
async fn ban_user(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Under(user): Under<UserId>,
    JsonOrDefault(ban): JsonOrDefault<Ban>,
) -> Result<StatusCode> {
    if ban.reason.len() > REASON {
        return Err(Refusal::field("reason", format!("must have at most {REASON} bytes")).into());
    }
    admin.chat.ban(app.id, &user, Some(ban.reason)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets a banned user in again.
#[utoipa::path(
    post, path = "/apps/{app}/users/{user}/unban", tag = "admin",
    params(("app" = AppId, Path), ("user" = UserId, Path)),
    responses((status = NO_CONTENT, description = "It is not banned"))
)]
async fn unban_user(
    Tenant(app): Tenant,
    State(admin): State<Arc<Admin>>,
    Under(user): Under<UserId>,
) -> Result<StatusCode> {
    admin.chat.ban(app.id, &user, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
