//! REST: the commands of the native protocol for those who need no socket, a file per noun. A handler only says which
//! command a request is; `chat` decides, and `error` says what a refusal looks like.

mod block;
mod conversation;
mod extract;
mod file;
mod friend;
mod member;
mod message;
mod presence;
mod receipt;
mod search;
mod slash;
mod user;

use std::sync::Arc;

pub use extract::{At, Caller, Json, JsonOrDefault, Params, bearer};
use utoipa_axum::router::OpenApiRouter;

use super::gate::Gate;
use crate::chat::Chat;
use crate::model::Clock;

/// What REST is made of.
pub struct Rest {
    /// The rules.
    pub chat: Arc<Chat>,
    /// Who comes too often.
    pub gate: Arc<Gate>,
    /// The present.
    pub clock: Arc<dyn Clock>,
}

/// Every route under `/v1`, each with its description.
#[must_use]
pub fn routes() -> OpenApiRouter<Arc<Rest>> {
    OpenApiRouter::new()
        .merge(user::routes())
        .merge(conversation::routes())
        .merge(member::routes())
        .merge(message::routes())
        .merge(receipt::routes())
        .merge(search::routes())
        .merge(slash::routes())
        .merge(file::routes())
        .merge(block::routes())
        .merge(friend::routes())
        .merge(presence::routes())
}
