//! Members of a conversation.

use std::sync::Arc;

use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{At, Caller, Json, Params, Rest};
use crate::gateway::error::Result;
use crate::gateway::wire::{Added, ChangeMember, Conversation, ListMembers, Member, Members, Removed, UserList};
use crate::model::{Command, ConversationId, UserId};

pub(super) fn routes() -> OpenApiRouter<Arc<Rest>> {
    OpenApiRouter::new()
        .routes(routes!(list_members, add_members))
        .routes(routes!(remove_members))
        .routes(routes!(join, leave))
        .routes(routes!(update_member))
}

/// Who is in it, in order of uid.
#[utoipa::path(
    get, path = "/v1/conversations/{conversation}/members", tag = "members",
    params(("conversation" = ConversationId, Path), ListMembers),
    responses((status = OK, body = Members, description = "A page"))
)]
async fn list_members(
    caller: Caller,
    At(conversation): At<ConversationId>,
    Params(page): Params<ListMembers>,
) -> Result<Response> {
    caller.ask(page.of(conversation)).await
}

/// Brings users in.
#[utoipa::path(
    post, path = "/v1/conversations/{conversation}/members", tag = "members",
    params(("conversation" = ConversationId, Path)), request_body = UserList,
    responses((status = OK, body = Added, description = "How many were not in it before"))
)]
async fn add_members(
    caller: Caller,
    At(conversation): At<ConversationId>,
    Json(list): Json<UserList>,
) -> Result<Response> {
    let users = list.users.0;
    caller.ask(Command::AddMembers { conversation, users }).await
}

/// Puts users out.
#[utoipa::path(
    post, path = "/v1/conversations/{conversation}/members/remove", tag = "members",
    params(("conversation" = ConversationId, Path)), request_body = UserList,
    responses((status = OK, body = Removed, description = "How many were in it"))
)]
async fn remove_members(
    caller: Caller,
    At(conversation): At<ConversationId>,
    Json(list): Json<UserList>,
) -> Result<Response> {
    let users = list.users.0;
    caller.ask(Command::RemoveMembers { conversation, users }).await
}

/// Enters a chatroom.
#[utoipa::path(
    put, path = "/v1/conversations/{conversation}/members/me", tag = "members",
    params(("conversation" = ConversationId, Path)),
    responses((status = OK, body = Conversation, description = "The chatroom"))
)]
async fn join(caller: Caller, At(conversation): At<ConversationId>) -> Result<Response> {
    caller.ask(Command::Join(conversation)).await
}

/// Goes.
#[utoipa::path(
    delete, path = "/v1/conversations/{conversation}/members/me", tag = "members",
    params(("conversation" = ConversationId, Path)),
    responses((status = NO_CONTENT, description = "Gone"))
)]
async fn leave(caller: Caller, At(conversation): At<ConversationId>) -> Result<Response> {
    caller.ask(Command::Leave(conversation)).await
}

/// Gives a member a rank, or forbids or allows it to speak.
#[utoipa::path(
    patch, path = "/v1/conversations/{conversation}/members/{user}", tag = "members",
    params(("conversation" = ConversationId, Path), ("user" = UserId, Path)), request_body = ChangeMember,
    responses((status = OK, body = Member, description = "The member as it is now"))
)]
async fn update_member(
    caller: Caller,
    At((conversation, user)): At<(ConversationId, UserId)>,
    Json(change): Json<ChangeMember>,
) -> Result<Response> {
    caller.ask(change.of(conversation, user)?).await
}
