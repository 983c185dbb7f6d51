//! Finding things by words.

use std::sync::Arc;

use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Caller, Params, Rest};
use crate::gateway::error::Result;
use crate::gateway::wire::{Conversations, Messages, Profiles, Search};

pub(super) fn routes() -> OpenApiRouter<Arc<Rest>> {
    OpenApiRouter::new().routes(routes!(search))
}

/// What was found: named after what was looked for.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes the answer")]
enum Found<'a> {
    Messages(Messages<'a>),
    Users(Profiles<'a>),
    Conversations(Conversations<'a>),
}

/// Finds messages one can see, users, friends or conversations by words.
#[utoipa::path(
    get, path = "/v1/search", tag = "search", params(Search),
    responses((status = OK, body = Found, description = "`messages` and `has_more`, `users`, or `conversations`"))
)]
async fn search(caller: Caller, Params(search): Params<Search>) -> Result<Response> {
    caller.ask(search.of()?).await
}
