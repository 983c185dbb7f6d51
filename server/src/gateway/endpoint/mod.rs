//! Plugins' own addresses, `/apps/{app}/plugins/{plugin}/…`: a request is bounded, whoever sends it is told by the token
//! that comes along, and what the plugin answers is made harmless for the origin that all apps share.

mod request;
mod response;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::any;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::auth::authenticate;
use super::error;
use super::gate::{self, Gate};
use crate::chat::Chat;
use crate::model::{AppId, Clock, Code, Millis, PluginName, Refusal};
use crate::plugin_host::{Endpoint, EndpointFault, PluginHost, Visitor};

/// What plugins' addresses lead to.
pub(super) struct Endpoints {
    /// Who is who.
    pub(super) chat: Arc<Chat>,
    /// Who comes too often.
    pub(super) gate: Arc<Gate>,
    /// Who answers.
    pub(super) plugins: Arc<PluginHost>,
    /// The present.
    pub(super) clock: Arc<dyn Clock>,
    /// Bytes of a body.
    pub(super) body_bytes: usize,
    /// The server is going away.
    pub(super) shutdown: CancellationToken,
}

/// Where a request goes.
#[derive(Deserialize)]
struct Place {
    app: String,
    plugin: String,
    #[serde(default)]
    path: String,
}

/// The addresses of plugins.
pub(super) fn router(endpoints: Arc<Endpoints>) -> Router {
    Router::new()
        .route("/apps/{app}/plugins/{plugin}", any(answer))
        .route("/apps/{app}/plugins/{plugin}/", any(answer))
        .route("/apps/{app}/plugins/{plugin}/{*path}", any(answer))
        .with_state(endpoints)
}

async fn answer(
    State(endpoints): State<Arc<Endpoints>>,
    place: Result<Path<Place>, PathRejection>,
    request: Request,
) -> Response {
    let Ok(Path(place)) = place else {
        return error::unknown_route().await;
    };
    let preflight = response::is_preflight(&request).then(|| response::preflight(&request));
    match Box::pin(endpoints.pass(place, request)).await {
        Ok(answer) => preflight
            .filter(|_| response::is_unheard(answer.status()))
            .unwrap_or(answer),
        Err(refused) => *refused,
    }
}

impl Endpoints {
    async fn pass(&self, place: Place, from: Request) -> Result<Response, Box<Response>> {
        if self.shutdown.is_cancelled() {
            return Err(refused(Refusal::busy("the server is going away", 1000)));
        }
        let now = self.clock.now();
        let excuse = |fault| Box::new(excuse(fault, now));
        let (app, endpoint) = self.find(&place).map_err(excuse)?;
        let _place = endpoint.enter().map_err(excuse)?;
        let (parts, body) = from.into_parts();
        let mut request = request::head(&parts, &place).map_err(refused)?;
        let from = gate::address_of(&parts.extensions);
        let visitor = self.gate.check(from, self.visitor(app, request::token(&parts)));
        let visitor = visitor.await.map_err(refused)?;
        request.uid = visitor.as_ref().map(|visitor| visitor.user.to_string());
        request.body = request::body(body, self.body_bytes).await.map_err(refused)?;
        let answer = endpoint.handle(request, visitor).await.map_err(excuse)?;
        Ok(response::of(answer))
    }

    /// The install that a path names. What is no app, no plugin, disabled or answers nothing is not there.
    fn find(&self, place: &Place) -> Result<(AppId, Endpoint), EndpointFault> {
        let absent = |_| EndpointFault::Absent;
        let app: AppId = place.app.parse().map_err(|_| EndpointFault::Absent)?;
        let name = PluginName::new(&place.plugin).map_err(|_| EndpointFault::Absent)?;
        self.chat.tenants().enabled(app).map_err(absent)?;
        Ok((app, self.plugins.endpoint(app, &name)?))
    }

    /// Who sends a request: nobody in particular without a token; a wrong one is refused.
    async fn visitor(&self, app: AppId, token: Option<String>) -> Result<Option<Visitor>, Refusal> {
        let Some(token) = token else { return Ok(None) };
        let identity = authenticate(&self.chat, &token, self.clock.now()).await?;
        if identity.app.id != app {
            return Err(Refusal::new(Code::BadToken, "the token is not valid"));
        }
        Ok(Some(Visitor {
            user: identity.user,
            device: identity.device,
        }))
    }
}

fn refused(refusal: Refusal) -> Box<Response> {
    let mut response = error::respond(refusal);
    response::open(response.headers_mut());
    Box::new(response)
}

/// The answer where the plugin has none.
fn excuse(fault: EndpointFault, now: Millis) -> Response {
    let failed = |text| Refusal::new(Code::PluginFailed, text);
    let mut response = match fault {
        EndpointFault::Absent => error::respond(Refusal::not_found("endpoint")),
        EndpointFault::Failed => error::bad_gateway(failed("the plugin did not answer")),
        EndpointFault::Suspended(until) => error::respond(Refusal {
            retry_after_ms: Some(u64::try_from(until.0 - now.0).unwrap_or(0).max(1)),
            ..failed("the plugin is suspended after failing")
        }),
        EndpointFault::Busy => error::respond(Refusal::busy("the plugin has too much to do", 1000)),
    };
    response::open(response.headers_mut());
    response
}
