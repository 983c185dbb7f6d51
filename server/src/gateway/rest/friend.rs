//! One's friends.

use std::sync::Arc;

use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{At, Caller, Json, Params, Rest};
use crate::gateway::error::Result;
use crate::gateway::wire::{Changed, Friends, ListFriends, Remark};
use crate::model::{Command, UserId};

pub(super) fn routes() -> OpenApiRouter<Arc<Rest>> {
    OpenApiRouter::new()
        .routes(routes!(list_friends))
        .routes(routes!(add_friend, remark_friend, remove_friend))
}

/// One's friends.
#[utoipa::path(
    get, path = "/v1/friends", tag = "friends", params(ListFriends),
    responses((status = OK, body = Friends, description = "A page, oldest first"))
)]
async fn list_friends(caller: Caller, Params(page): Params<ListFriends>) -> Result<Response> {
    caller.ask(page.into()).await
}

/// Makes oneself and a user friends of each other.
#[utoipa::path(
    put, path = "/v1/friends/{user}", tag = "friends", params(("user" = UserId, Path)),
    responses((status = OK, body = Changed, description = "Whether they were none before"))
)]
async fn add_friend(caller: Caller, At(user): At<UserId>) -> Result<Response> {
    caller.ask(Command::AddFriend(user)).await
}

/// Sets what one calls a friend.
#[utoipa::path(
    patch, path = "/v1/friends/{user}", tag = "friends", params(("user" = UserId, Path)), request_body = Remark,
    responses((status = NO_CONTENT, description = "It is set"))
)]
async fn remark_friend(caller: Caller, At(user): At<UserId>, Json(remark): Json<Remark>) -> Result<Response> {
    let remark = remark.remark;
    caller.ask(Command::RemarkFriend { user, remark }).await
}

/// Ends a friendship, on both sides.
#[utoipa::path(
    delete, path = "/v1/friends/{user}", tag = "friends", params(("user" = UserId, Path)),
    responses((status = OK, body = Changed, description = "Whether they were friends"))
)]
async fn remove_friend(caller: Caller, At(user): At<UserId>) -> Result<Response> {
    caller.ask(Command::RemoveFriend(user)).await
}
