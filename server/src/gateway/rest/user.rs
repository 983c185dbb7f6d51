//! Users: oneself, and others.

use std::sync::Arc;

use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{At, Caller, Json, Rest};
use crate::gateway::error::Result;
use crate::gateway::wire::{ChangeUser, User};
use crate::model::{Command, UserId};

pub(super) fn routes() -> OpenApiRouter<Arc<Rest>> {
    OpenApiRouter::new()
        .routes(routes!(get_me, update_me))
        .routes(routes!(get_user))
}

/// Oneself.
#[utoipa::path(get, path = "/v1/me", tag = "users", responses((status = OK, body = User, description = "The user")))]
async fn get_me(caller: Caller) -> Result<Response> {
    let me = caller.user.clone();
    caller.ask(Command::GetUser(me)).await
}

/// Changes oneself.
#[utoipa::path(
    patch, path = "/v1/me", tag = "users", request_body = ChangeUser,
    responses((status = OK, body = User, description = "The user as it is now"))
)]
async fn update_me(caller: Caller, Json(change): Json<ChangeUser>) -> Result<Response> {
    caller.ask(change.into()).await
}

/// A user.
#[utoipa::path(
    get, path = "/v1/users/{user}", tag = "users", params(("user" = UserId, Path)),
    responses((status = OK, body = User, description = "The user"))
)]
async fn get_user(caller: Caller, At(user): At<UserId>) -> Result<Response> {
    caller.ask(Command::GetUser(user)).await
}
