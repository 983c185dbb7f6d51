//! What a handler is given: who asks, and the parts of a request, decoded. Whatever cannot be decoded is a refusal.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Rest;
use crate::chat::Chat;
use crate::gateway::auth::authenticate;
use crate::gateway::error::{Failure, Result};
use crate::gateway::gate;
use crate::gateway::wire::{self, Asked};
use crate::model::{Actor, AppId, Code, Command, Context, Refusal, Reply, UserId};

/// How long a body may take to arrive.
const WALL: Duration = Duration::from_secs(30);

/// A user whose token was checked.
pub struct Caller {
    chat: Arc<Chat>,
    ctx: Context,
    /// Who.
    pub user: UserId,
}

impl Caller {
    /// As whom, and when.
    pub const fn context(&self) -> &Context {
        &self.ctx
    }

    /// The tenant.
    pub const fn app(&self) -> AppId {
        self.ctx.app
    }

    /// Does what is asked and answers with what came of it.
    ///
    /// # Errors
    /// What the rules answer.
    pub async fn ask(&self, command: Command) -> Result<Response> {
        let asked = Asked::of(&command);
        let reply = Box::pin(self.chat.execute(&self.ctx, command)).await?;
        Ok(answer(&reply, asked, &self.user))
    }
}

/// 204 when there is nothing to say, 201 when something was made.
fn answer(reply: &Reply, asked: Asked, viewer: &UserId) -> Response {
    let status = match reply {
        Reply::Done => return StatusCode::NO_CONTENT.into_response(),
        Reply::Sent(sent) if sent.stored.id.is_some() && !sent.stored.duplicate => StatusCode::CREATED,
        Reply::Conversation { created: true, .. } | Reply::Notice(_) => StatusCode::CREATED,
        _ => StatusCode::OK,
    };
    (status, axum::Json(wire::Reply::seen(reply, asked, Some(viewer)))).into_response()
}

impl FromRequestParts<Arc<Rest>> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, rest: &Arc<Rest>) -> Result<Self> {
        #[derive(Deserialize)]
        struct InQuery {
            token: Option<String>,
        }
        let token = match bearer(&parts.headers) {
            Some(token) => Some(token.to_owned()),
            None => Params::<InQuery>::from_request_parts(parts, rest).await?.0.token,
        };
        let token = token.ok_or_else(|| Refusal::new(Code::Unauthenticated, "a user token is required"))?;
        let now = rest.clock.now();
        let from = gate::address_of(&parts.extensions);
        let identity = rest.gate.check(from, authenticate(&rest.chat, &token, now)).await?;
        let actor = Actor::User {
            user: identity.user.clone(),
            device: identity.device(None),
            connection: None,
        };
        Ok(Self {
            chat: rest.chat.clone(),
            ctx: Context {
                app: identity.app.id,
                actor,
                now,
            },
            user: identity.user,
        })
    }
}

/// The token of `Authorization: Bearer`.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The ids in a path. A bad one names nothing that could be there.
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Path(ids) = Path::from_request_parts(parts, state).await?;
        Ok(Self(ids))
    }
}

/// The parameters of a query.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Query(params) = Query::from_request_parts(parts, state).await?;
        Ok(Self(params))
    }
}

/// A JSON body, bounded by `limits.body_bytes`.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        if !is_json(request.headers()) {
            return Err(not_json().into());
        }
        let body = receive(request, state).await?;
        Ok(Self(wire::decode(wire::text(&body)?)?))
    }
}

/// A JSON body that may be left out where every field of it may.
pub struct JsonOrDefault<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonOrDefault<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let is_json = is_json(request.headers());
        let body = receive(request, state).await?;
        if body.is_empty() {
            return Ok(Self(wire::decode("{}")?));
        }
        if !is_json {
            return Err(not_json().into());
        }
        Ok(Self(wire::decode(wire::text(&body)?)?))
    }
}

async fn receive<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes> {
    let received = tokio::time::timeout(WALL, Bytes::from_request(request, state)).await;
    let late = |_| Refusal::new(Code::BadFrame, "the body took too long to arrive");
    Ok(received.map_err(late)??)
}

fn not_json() -> Refusal {
    Refusal::new(
        Code::BadJson,
        "the body must be JSON, sent with content-type application/json",
    )
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()) else {
        return false;
    };
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}
