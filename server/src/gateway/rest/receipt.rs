//! Receipts, and who is typing.

use std::sync::Arc;

use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{At, Caller, Json, JsonOrDefault, Rest};
use crate::gateway::error::Result;
use crate::gateway::wire::{Mark, Marked, Receipts, Typing};
use crate::model::{Command, ConversationId};

pub(super) fn routes() -> OpenApiRouter<Arc<Rest>> {
    OpenApiRouter::new()
        .routes(routes!(list_receipts, mark))
        .routes(routes!(set_typing))
}

/// How far everyone has got.
#[utoipa::path(
    get, path = "/v1/conversations/{conversation}/receipts", tag = "receipts",
    params(("conversation" = ConversationId, Path)),
    responses((status = OK, body = Receipts, description = "One for each member"))
)]
async fn list_receipts(caller: Caller, At(conversation): At<ConversationId>) -> Result<Response> {
    caller.ask(Command::ListReceipts(conversation)).await
}

/// Moves one's marks forward.
#[utoipa::path(
    post, path = "/v1/conversations/{conversation}/receipts", tag = "receipts",
    params(("conversation" = ConversationId, Path)), request_body = Mark,
    responses((status = OK, body = Marked, description = "One's marks as they are now"))
)]
async fn mark(caller: Caller, At(conversation): At<ConversationId>, Json(mark): Json<Mark>) -> Result<Response> {
    caller.ask(mark.of(conversation)?).await
}

/// Says that one is typing, or has stopped.
#[utoipa::path(
    post, path = "/v1/conversations/{conversation}/typing", tag = "receipts",
    params(("conversation" = ConversationId, Path)), request_body = Option<Typing>,
    responses((status = NO_CONTENT, description = "Said"))
)]
async fn set_typing(
    caller: Caller,
    At(conversation): At<ConversationId>,
    JsonOrDefault(said): JsonOrDefault<Typing>,
) -> Result<Response> {
    let typing = said.typing;
    caller.ask(Command::SetTyping { conversation, typing }).await
}
