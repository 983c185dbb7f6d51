//! How a refusal leaves by HTTP: the only place that knows status codes, and the one JSON envelope. Every answer carries
//! an `x-request-id`, and every error names the same id in its body, so that a report and a log line can be matched.

use std::sync::Arc;

use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tracing::Instrument as _;
use utoipa::ToSchema;

use super::peer::Peer;
use super::wire::Refused;
use crate::model::{Code, Random, Refusal};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request's id, for who passes it on.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// What a handler answers.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// A refusal on its way out of a handler.
#[derive(Debug)]
pub struct Failure(pub Refusal);

/// What every error answers with.
#[derive(Debug, Serialize, ToSchema)]
pub struct Envelope<'a> {
    /// The error.
    pub error: Refused<'a>,
}

/// The status of a code.
#[must_use]
pub const fn status(code: &Code) -> StatusCode {
    match code {
        Code::BadJson | Code::BadFrame | Code::UnknownType | Code::MissingField | Code::BadField => {
            StatusCode::BAD_REQUEST
        }
        Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::Unauthenticated | Code::BadToken | Code::ExpiredToken => StatusCode::UNAUTHORIZED,
        Code::AppDisabled | Code::UserBanned | Code::NotPermitted | Code::Blocked | Code::Muted => {
            StatusCode::FORBIDDEN
        }
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::Conflict => StatusCode::CONFLICT,
        Code::UnknownKind | Code::UnknownAction | Code::BadBody | Code::Plugin(_) | Code::PluginRejected => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Code::PluginFailed | Code::Busy | Code::StorageUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The answer to a refused request. [`identify`] completes it with the request's id.
#[must_use]
pub fn respond(refusal: Refusal) -> Response {
    let status = status(&refusal.code);
    let mut response = (status, envelope(&refusal, None)).into_response();
    let headers = response.headers_mut();
    announce(&refusal, headers);
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response.extensions_mut().insert(refusal);
    response
}

/// Says in an answer's head when a retry may help.
pub fn announce(refusal: &Refusal, headers: &mut HeaderMap) {
    if let Some(millis) = refusal.retry_after_ms {
        headers.insert(header::RETRY_AFTER, millis.div_ceil(1000).max(1).into());
    }
}

/// The same where somebody behind the server is to blame.
#[must_use]
pub fn bad_gateway(refusal: Refusal) -> Response {
    let mut response = respond(refusal);
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}

fn envelope(refusal: &Refusal, request_id: Option<&str>) -> Response {
    let error = Refused {
        request_id,
        ..refusal.into()
    };
    axum::Json(Envelope { error }).into_response()
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        respond(self.0)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl From<BytesRejection> for Failure {
    fn from(rejection: BytesRejection) -> Self {
        Self(match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Refusal::too_large("body_bytes", "the body is larger than body_bytes"),
            _ => Refusal::new(Code::BadFrame, "the body ended early"),
        })
    }
}

impl From<QueryRejection> for Failure {
    fn from(rejection: QueryRejection) -> Self {
        let text = rejection.body_text();
        // What comes after the first colon is "field: why".
        let blamed = text.split_once(": ").and_then(|(_, rest)| rest.split_once(": "));
        Self(match blamed {
            Some((field, why)) => Refusal {
                field: Some(field.to_owned().into()),
                ..Refusal::new(Code::BadField, why.to_owned())
            },
            None => match text
                .split_once("missing field `")
                .and_then(|(_, rest)| rest.split_once('`'))
            {
                Some((field, _)) => Refusal {
                    field: Some(field.to_owned().into()),
                    ..Refusal::new(Code::MissingField, "this parameter is required")
                },
                None => Refusal::new(Code::BadField, text),
            },
        })
    }
}

/// A path that does not decode names nothing that could be there.
impl From<PathRejection> for Failure {
    fn from(_: PathRejection) -> Self {
        Self(Refusal::not_found("address"))
    }
}

/// The answer where no route is.
pub async fn unknown_route() -> Response {
    respond(Refusal::not_found("address"))
}

/// The answer where a route is, but not for this method.
pub async fn wrong_method() -> Response {
    respond(Refusal::new(
        Code::MethodNotAllowed,
        "this address does not answer this method",
    ))
}

/// The outermost layer: gives a request its id, and tells it in the log, the answer's header and an error's body.
pub async fn identify(State(random): State<Arc<dyn Random>>, mut request: Request, next: Next) -> Response {
    let id = request_id(&*random);
    request.extensions_mut().insert(RequestId(id.clone()));
    let client = request.extensions().get::<Peer>().map(|peer| peer.address);
    let span = tracing::info_span!(
        "request", %id, client = client.map(tracing::field::display), method = %request.method(),
        path = request.uri().path()
    );
    let mut response = next.run(request).instrument(span.clone()).await;
    tracing::debug!(parent: &span, status = response.status().as_u16(), "answered");
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        let (mut head, _) = response.into_parts();
        head.headers.remove(header::CONTENT_LENGTH);
        response = (head, envelope(&refusal, Some(&id)).into_body()).into_response();
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

fn request_id(random: &dyn Random) -> String {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROTOCOL: &str = include_str!("../../PROTOCOL.md");

    fn every_code() -> Vec<Code> {
        vec![
            Code::BadJson,
            Code::BadFrame,
            Code::UnknownType,
            Code::MissingField,
            Code::BadField,
            Code::TooLarge,
            Code::Unauthenticated,
            Code::BadToken,
            Code::ExpiredToken,
            Code::AppDisabled,
            Code::UserBanned,
            Code::NotFound,
            Code::MethodNotAllowed,
            Code::NotPermitted,
            Code::Blocked,
            Code::Muted,
            Code::Conflict,
            Code::UnknownKind,
            Code::UnknownAction,
            Code::BadBody,
            Code::Plugin("refused".into()),
            Code::PluginFailed,
            Code::PluginRejected,
            Code::RateLimited,
            Code::Busy,
            Code::StorageUnavailable,
            Code::StorageFull,
            Code::Internal,
        ]
    }

    #[test]
    fn the_protocol_lists_every_code_with_its_status() {
        let list = PROTOCOL
            .split("## 5.")
            .nth(1)
            .and_then(|rest| rest.split("## 6.").next())
            .expect("section 5");
        for code in every_code() {
            let name = format!("`{}`", code.as_str());
            let (_, rest) = list
                .split_once(&name)
                .unwrap_or_else(|| panic!("{name} is not in section 5"));
            // A group shares the brackets that follow it.
            let (_, status_text) = rest.split_once('(').expect("a status in brackets");
            assert!(
                status_text.starts_with(status(&code).as_str()),
                "{name}: {}",
                &status_text[..20]
            );
        }
    }

    #[test]
    fn a_code_that_is_added_must_be_listed_above() {
        // This match names every code: whoever adds one is led here.
        let known = |code: &Code| match code {
            Code::BadJson | Code::BadFrame | Code::UnknownType | Code::MissingField | Code::BadField => 5,
            Code::TooLarge | Code::Unauthenticated | Code::BadToken | Code::ExpiredToken | Code::AppDisabled => 10,
            Code::UserBanned | Code::NotFound | Code::MethodNotAllowed | Code::NotPermitted | Code::Blocked => 15,
            Code::Muted | Code::Conflict | Code::UnknownKind | Code::UnknownAction | Code::BadBody => 20,
            Code::Plugin(_) | Code::PluginFailed | Code::PluginRejected | Code::RateLimited | Code::Busy => 25,
            Code::StorageUnavailable | Code::StorageFull | Code::Internal => 28,
        };
        let codes = every_code();
        assert_eq!(codes.iter().map(known).max(), Some(codes.len()));
    }

    #[test]
    fn a_retry_is_announced_and_a_token_asked_for() {
        let busy = respond(Refusal::busy("later", 1200));
        assert_eq!(busy.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(busy.headers()[header::RETRY_AFTER], "2");
        let hasty = respond(Refusal::rate_limited("user_messages_per_minute", 1));
        assert_eq!(
            (hasty.status().as_u16(), &hasty.headers()[header::RETRY_AFTER]),
            (429, &"1".parse().unwrap())
        );
        let stranger = respond(Refusal::new(Code::Unauthenticated, "no token"));
        assert_eq!(stranger.headers()[header::WWW_AUTHENTICATE], "Bearer");
    }
}
