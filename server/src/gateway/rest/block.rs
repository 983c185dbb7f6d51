//! Whom one accepts nothing from.

use std::sync::Arc;

use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{At, Caller, Rest};
use crate::gateway::error::Result;
use crate::gateway::wire::{Blocks, Changed};
use crate::model::{Command, UserId};

pub(super) fn routes() -> OpenApiRouter<Arc<Rest>> {
    OpenApiRouter::new()
        .routes(routes!(list_blocks))
        .routes(routes!(add_block, remove_block))
}

/// Whom one has blocked.
#[utoipa::path(
    get, path = "/v1/blocks", tag = "blocks",
    responses((status = OK, body = Blocks, description = "All of them, by uid"))
)]
async fn list_blocks(caller: Caller) -> Result<Response> {
    caller.ask(Command::ListBlocks).await
}

/// Accepts nothing from a user any more.
#[utoipa::path(
    put, path = "/v1/blocks/{user}", tag = "blocks", params(("user" = UserId, Path)),
    responses((status = OK, body = Changed, description = "Whether it was not blocked before"))
)]
async fn add_block(caller: Caller, At(user): At<UserId>) -> Result<Response> {
    caller.ask(Command::Block(user)).await
}

/// Accepts again what a user sends.
#[utoipa::path(
    delete, path = "/v1/blocks/{user}", tag = "blocks", params(("user" = UserId, Path)),
    responses((status = OK, body = Changed, description = "Whether it was blocked"))
)]
async fn remove_block(caller: Caller, At(user): At<UserId>) -> Result<Response> {
    caller.ask(Command::Unblock(user)).await
}
