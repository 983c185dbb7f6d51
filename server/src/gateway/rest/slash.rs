//! Commands that users type.

use std::sync::Arc;

use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{At, Caller, Json, Rest};
use crate::gateway::error::Result;
use crate::gateway::wire::{Complete, Slashes, Suggestions};
use crate::model::{Command, ConversationId};

pub(super) fn routes() -> OpenApiRouter<Arc<Rest>> {
    OpenApiRouter::new()
        .routes(routes!(list_commands))
        .routes(routes!(complete_command))
}

/// The commands one may type in a conversation.
#[utoipa::path(
    get, path = "/v1/conversations/{conversation}/commands", tag = "messages",
    params(("conversation" = ConversationId, Path)),
    responses((status = OK, body = Slashes, description = "All of them, by name"))
)]
async fn list_commands(caller: Caller, At(conversation): At<ConversationId>) -> Result<Response> {
    caller.ask(Command::ListCommands(conversation)).await
}

/// What the arguments of a command might become.
#[utoipa::path(
    post, path = "/v1/conversations/{conversation}/commands/complete", tag = "messages",
    params(("conversation" = ConversationId, Path)), request_body = Complete,
    responses((status = OK, body = Suggestions, description = "Best first"))
)]
async fn complete_command(
    caller: Caller,
    At(conversation): At<ConversationId>,
    Json(complete): Json<Complete>,
) -> Result<Response> {
    caller.ask(complete.of(conversation)).await
}
