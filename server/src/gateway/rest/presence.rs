//! Who is connected.

use std::sync::Arc;

use axum::response::Response;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Caller, Params, Rest};
use crate::gateway::error::Result;
use crate::gateway::wire::PresenceList;
use crate::model::{Command, Refusal, UserId};

/// How many users may be asked about at once.
const USERS: usize = 100;

pub(super) fn routes() -> OpenApiRouter<Arc<Rest>> {
    OpenApiRouter::new().routes(routes!(get_presence))
}

/// Whose presence is asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// At most 100 uids, with commas between them.
    users: String,
}

/// Who of these is connected.
#[utoipa::path(
    get, path = "/v1/presence", tag = "presence", params(Asked),
    responses((status = OK, body = PresenceList, description = "One for each user"))
)]
async fn get_presence(caller: Caller, Params(asked): Params<Asked>) -> Result<Response> {
    let users: Vec<&str> = asked.users.split(',').filter(|user| !user.is_empty()).collect();
    if users.len() > USERS {
        return Err(Refusal::field("users", format!("must have at most {USERS} items")).into());
    }
    let users: Result<Vec<UserId>, _> = users.into_iter().map(UserId::new).collect();
    let users = users.map_err(|error| Refusal::field("users", error.to_string()))?;
    caller.ask(Command::GetPresence(users)).await
}
