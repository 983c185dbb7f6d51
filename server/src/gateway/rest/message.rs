//! Messages and reactions.

use std::sync::Arc;

use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{At, Caller, Json, Params, Rest};
use crate::gateway::error::Result;
use crate::gateway::wire::{
    Act, Answered, Changed, Deleted, EditMessage, History, Message, Messages, NewMessage, Stored,
};
use crate::model::{Command, ConversationId, MessageId};

pub(super) fn routes() -> OpenApiRouter<Arc<Rest>> {
    OpenApiRouter::new()
        .routes(routes!(list_messages, send_message))
        .routes(routes!(get_message, edit_message, delete_message))
        .routes(routes!(recall_message))
        .routes(routes!(act_on_message))
        .routes(routes!(add_reaction, remove_reaction))
}

/// A page of a conversation's history.
#[utoipa::path(
    get, path = "/v1/conversations/{conversation}/messages", tag = "messages",
    params(("conversation" = ConversationId, Path), History),
    responses((status = OK, body = Messages, description = "A page"))
)]
async fn list_messages(
    caller: Caller,
    At(conversation): At<ConversationId>,
    Params(page): Params<History>,
) -> Result<Response> {
    caller.ask(page.of(conversation)?).await
}

/// Sends a message.
#[utoipa::path(
    post, path = "/v1/conversations/{conversation}/messages", tag = "messages",
    params(("conversation" = ConversationId, Path)), request_body = NewMessage,
    responses(
        (status = CREATED, body = Stored, description = "It is stored"),
        (status = OK, body = Stored, description = "The nonce was known, or the message is transient"),
    )
)]
async fn send_message(
    caller: Caller,
    At(conversation): At<ConversationId>,
    Json(new): Json<NewMessage>,
) -> Result<Response> {
    caller.ask(Command::SendMessage(Box::new(new.to(conversation)))).await
}

/// A message.
#[utoipa::path(
    get, path = "/v1/messages/{message}", tag = "messages", params(("message" = MessageId, Path)),
    responses((status = OK, body = Message, description = "The message"))
)]
async fn get_message(caller: Caller, At(message): At<MessageId>) -> Result<Response> {
    caller.ask(Command::GetMessage(message)).await
}

/// Replaces the body of one's own message.
#[utoipa::path(
    patch, path = "/v1/messages/{message}", tag = "messages", params(("message" = MessageId, Path)),
    request_body = EditMessage, responses((status = OK, body = Message, description = "The message as it is now"))
)]
async fn edit_message(caller: Caller, At(message): At<MessageId>, Json(edit): Json<EditMessage>) -> Result<Response> {
    let body = edit.body;
    caller.ask(Command::EditMessage { message, body }).await
}

/// Hides a message from oneself.
#[utoipa::path(
    delete, path = "/v1/messages/{message}", tag = "messages", params(("message" = MessageId, Path)),
    responses((status = OK, body = Deleted, description = "How many were hidden"))
)]
async fn delete_message(caller: Caller, At(message): At<MessageId>) -> Result<Response> {
    caller.ask(Command::DeleteMessages(vec![message])).await
}

/// Takes a message back, for everyone.
#[utoipa::path(
    post, path = "/v1/messages/{message}/recall", tag = "messages", params(("message" = MessageId, Path)),
    responses((status = OK, body = Message, description = "The message as it is now"))
)]
async fn recall_message(caller: Caller, At(message): At<MessageId>) -> Result<Response> {
    caller.ask(Command::RecallMessage(message)).await
}

/// Has the plugin that owns a message's kind act on it: a vote, a claim.
#[utoipa::path(
    post, path = "/v1/messages/{message}/act", tag = "messages", params(("message" = MessageId, Path)),
    request_body = Act, responses((status = OK, body = Answered, description = "What the plugin answers"))
)]
async fn act_on_message(caller: Caller, At(message): At<MessageId>, Json(act): Json<Act>) -> Result<Response> {
    caller.ask(act.of(message)).await
}

/// Puts an emoji on a message.
#[utoipa::path(
    put, path = "/v1/messages/{message}/reactions/{emoji}", tag = "messages",
    params(("message" = MessageId, Path), ("emoji" = String, Path, description = "At most 32 bytes")),
    responses((status = OK, body = Changed, description = "Whether it was not there before"))
)]
async fn add_reaction(caller: Caller, At((message, emoji)): At<(MessageId, String)>) -> Result<Response> {
    let add = true;
    caller.ask(Command::React { message, emoji, add }).await
}

/// Takes an emoji from a message.
#[utoipa::path(
    delete, path = "/v1/messages/{message}/reactions/{emoji}", tag = "messages",
    params(("message" = MessageId, Path), ("emoji" = String, Path, description = "At most 32 bytes")),
    responses((status = OK, body = Changed, description = "Whether it was there"))
)]
async fn remove_reaction(caller: Caller, At((message, emoji)): At<(MessageId, String)>) -> Result<Response> {
    let add = false;
    caller.ask(Command::React { message, emoji, add }).await
}
