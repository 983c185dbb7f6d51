//! Conversations.

use std::sync::Arc;

use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{At, Caller, Json, Params, Rest};
use crate::gateway::error::Result;
use crate::gateway::wire::{
    Announce, ChangeConversation, Conversation, Conversations, ListConversations, ListNotices, NewConversation, Notice,
    Notices, Prefer, Preferences,
};
use crate::model::{Command, ConversationId};

pub(super) fn routes() -> OpenApiRouter<Arc<Rest>> {
    OpenApiRouter::new()
        .routes(routes!(create_conversation, list_conversations))
        .routes(routes!(get_conversation, update_conversation, dissolve_conversation))
        .routes(routes!(open_conversation))
        .routes(routes!(prefer))
        .routes(routes!(list_notices, announce))
        .routes(routes!(clear_history))
}

/// Makes a conversation, or finds the direct one of a pair.
#[utoipa::path(
    post, path = "/v1/conversations", tag = "conversations", request_body = NewConversation,
    responses(
        (status = CREATED, body = Conversation, description = "It is new"),
        (status = OK, body = Conversation, description = "The pair had its direct one"),
    )
)]
async fn create_conversation(caller: Caller, Json(new): Json<NewConversation>) -> Result<Response> {
    caller.ask(new.into()).await
}

/// One's conversations, newest activity first.
#[utoipa::path(
    get, path = "/v1/conversations", tag = "conversations", params(ListConversations),
    responses((status = OK, body = Conversations, description = "A page"))
)]
async fn list_conversations(caller: Caller, Params(page): Params<ListConversations>) -> Result<Response> {
    caller.ask(page.into()).await
}

/// A conversation.
#[utoipa::path(
    get, path = "/v1/conversations/{conversation}", tag = "conversations",
    params(("conversation" = ConversationId, Path)),
    responses((status = OK, body = Conversation, description = "The conversation"))
)]
async fn get_conversation(caller: Caller, At(conversation): At<ConversationId>) -> Result<Response> {
    caller.ask(Command::GetConversation(conversation)).await
}

/// Changes a conversation.
#[utoipa::path(
    patch, path = "/v1/conversations/{conversation}", tag = "conversations",
    params(("conversation" = ConversationId, Path)), request_body = ChangeConversation,
    responses((status = OK, body = Conversation, description = "The conversation as it is now"))
)]
async fn update_conversation(
    caller: Caller,
    At(conversation): At<ConversationId>,
    Json(change): Json<ChangeConversation>,
) -> Result<Response> {
    caller.ask(change.of(conversation)).await
}

/// Ends a conversation.
#[utoipa::path(
    delete, path = "/v1/conversations/{conversation}", tag = "conversations",
    params(("conversation" = ConversationId, Path)),
    responses((status = NO_CONTENT, description = "It is over"))
)]
async fn dissolve_conversation(caller: Caller, At(conversation): At<ConversationId>) -> Result<Response> {
    caller.ask(Command::DissolveConversation(conversation)).await
}

/// Says that one is looking at a conversation: plugins may greet.
#[utoipa::path(
    post, path = "/v1/conversations/{conversation}/open", tag = "conversations",
    params(("conversation" = ConversationId, Path)),
    responses((status = OK, body = Conversation, description = "The conversation"))
)]
async fn open_conversation(caller: Caller, At(conversation): At<ConversationId>) -> Result<Response> {
    caller.ask(Command::OpenConversation(conversation)).await
}

/// Chooses for oneself how a conversation is shown.
#[utoipa::path(
    patch, path = "/v1/conversations/{conversation}/preferences", tag = "conversations",
    params(("conversation" = ConversationId, Path)), request_body = Prefer,
    responses((status = OK, body = Preferences, description = "All that one has chosen for it"))
)]
async fn prefer(caller: Caller, At(conversation): At<ConversationId>, Json(choice): Json<Prefer>) -> Result<Response> {
    caller.ask(choice.of(conversation)).await
}

/// Announcements, newest first.
#[utoipa::path(
    get, path = "/v1/conversations/{conversation}/notices", tag = "conversations",
    params(("conversation" = ConversationId, Path), ListNotices),
    responses((status = OK, body = Notices, description = "A page, and how many there are"))
)]
async fn list_notices(
    caller: Caller,
    At(conversation): At<ConversationId>,
    Params(page): Params<ListNotices>,
) -> Result<Response> {
    caller.ask(page.of(conversation)).await
}

/// Announces something to the members.
#[utoipa::path(
    post, path = "/v1/conversations/{conversation}/notices", tag = "conversations",
    params(("conversation" = ConversationId, Path)), request_body = Announce,
    responses((status = CREATED, body = Notice, description = "It is the newest announcement now"))
)]
async fn announce(
    caller: Caller,
    At(conversation): At<ConversationId>,
    Json(said): Json<Announce>,
) -> Result<Response> {
    caller.ask(said.of(conversation)).await
}

/// Hides from oneself all there is in a conversation.
#[utoipa::path(
    post, path = "/v1/conversations/{conversation}/clear", tag = "conversations",
    params(("conversation" = ConversationId, Path)),
    responses((status = NO_CONTENT, description = "Hidden, and read"))
)]
async fn clear_history(caller: Caller, At(conversation): At<ConversationId>) -> Result<Response> {
    caller.ask(Command::ClearHistory(conversation)).await
}
