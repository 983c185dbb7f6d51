//! Finding things by words.

use std::sync::Arc;

use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Caller, Params, Rest};
use crate::gateway::error::Result;
use crate::gateway::wire::{Messages, Search};

pub(super) fn routes() -> OpenApiRouter<Arc<Rest>> {
    OpenApiRouter::new().routes(routes!(search))
}

/// Finds messages one can see, users, friends or conversations by words.
#[utoipa::path(
    get, path = "/v1/search", tag = "search", params(Search),
    responses((
        status = OK, body = Messages,
        description = "Of messages. Of users and friends it is `users`, of conversations `conversations` and `next`"
    ))
)]
async fn search(caller: Caller, Params(search): Params<Search>) -> Result<Response> {
    caller.ask(search.of()?).await
}
