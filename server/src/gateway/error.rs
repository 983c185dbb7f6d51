//! How a refusal leaves by HTTP: the only place that knows status codes, and the one JSON envelope. Every answer carries
//! an `x-request-id`, and every error names the same id in its body, so that a report and a log line can be matched.

use std::sync::Arc;

use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use tracing::Instrument as _;

use crate::model::{Code, Random, Refusal};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a handler answers.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// A refusal on its way out of a handler.
#[derive(Debug)]
pub struct Failure(pub Refusal);

/// What every error answers with.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Envelope {
    /// The error.
    pub error: ErrorBody,
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ErrorBody {
    /// For programs: one of the codes of the protocol, or a plugin's own.
    #[schema(example = "not_found")]
    pub code: String,
    /// For people.
    pub message: String,
    /// The field to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The limit that was exceeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// A retry may help after this many milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// Names this request in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl ErrorBody {
    /// A refusal in the words of the wire; frames and REST say the same.
    #[must_use]
    pub fn of(refusal: &Refusal) -> Self {
        let named = refusal.field.as_deref().map(str::to_owned);
        let (field, limit) = if refusal.code == Code::TooLarge {
            (None, named)
        } else {
            (named, None)
        };
        Self {
            code: refusal.code.as_str().to_owned(),
            message: refusal.text.to_string(),
            field,
            limit,
            retry_after_ms: refusal.retry_after_ms,
            request_id: None,
        }
    }
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
        Code::Dissolved | Code::Conflict => StatusCode::CONFLICT,
        Code::UnknownKind | Code::BadBody | Code::Plugin(_) | Code::PluginRejected => StatusCode::UNPROCESSABLE_ENTITY,
        Code::PluginFailed | Code::Busy | Code::StorageUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The answer to a refused request. [`identify`] completes it with the request's id.
#[must_use]
pub fn respond(refusal: Refusal) -> Response {
    let status = status(&refusal.code);
    let error = ErrorBody::of(&refusal);
    let mut response = (status, axum::Json(Envelope { error: error.clone() })).into_response();
    if let Some(millis) = refusal.retry_after_ms {
        let seconds = millis.div_ceil(1000).max(1);
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    if status == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    }
    response.extensions_mut().insert(error);
    response
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
        Self(Refusal::new(Code::BadField, rejection.body_text()))
    }
}

/// A path that does not decode names nothing that could be there.
impl From<PathRejection> for Failure {
    fn from(_: PathRejection) -> Self {
        Self(Refusal::not_found("address"))
    }
}

/// A JSON body.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        if !kind.is_some_and(is_json) {
            let text = "the body must be JSON, sent with content-type application/json";
            return Err(Refusal::new(Code::BadJson, text).into());
        }
        let body = Bytes::from_request(request, state).await?;
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|error| undecoded(&error).into())
    }
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Says why a text is not the JSON that was asked for, and where.
#[must_use]
pub fn undecoded(error: &serde_json::Error) -> Refusal {
    let text = error.to_string();
    match error.classify() {
        Category::Data => match quoted(&text, "missing field `") {
            Some(field) => blame(Code::MissingField, field.to_owned(), text),
            None => match quoted(&text, "unknown field `") {
                Some(field) => blame(Code::BadField, field.to_owned(), text),
                None => Refusal::new(Code::BadField, text),
            },
        },
        Category::Io | Category::Syntax | Category::Eof => Refusal::new(Code::BadJson, text),
    }
}

fn blame(code: Code, field: String, text: String) -> Refusal {
    Refusal {
        field: Some(field.into()),
        ..Refusal::new(code, text)
    }
}

fn quoted<'a>(text: &'a str, before: &str) -> Option<&'a str> {
    text.strip_prefix(before)?.split('`').next()
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
pub async fn identify(State(random): State<Arc<dyn Random>>, request: Request, next: Next) -> Response {
    let id = request_id(&*random);
    let span = tracing::info_span!("request", %id, method = %request.method(), path = request.uri().path());
    let mut response = next.run(request).instrument(span).await;
    if let Some(mut error) = response.extensions_mut().remove::<ErrorBody>() {
        error.request_id = Some(id.clone());
        let (mut parts, _) = response.into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        response = (parts, axum::Json(Envelope { error })).into_response();
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
            Code::Dissolved,
            Code::Conflict,
            Code::UnknownKind,
            Code::BadBody,
            Code::Plugin("refused".into()),
            Code::PluginFailed,
            Code::PluginRejected,
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
            Code::Muted | Code::Dissolved | Code::Conflict | Code::UnknownKind | Code::BadBody => 20,
            Code::Plugin(_) | Code::PluginFailed | Code::PluginRejected | Code::Busy => 24,
            Code::StorageUnavailable | Code::StorageFull | Code::Internal => 27,
        };
        let codes = every_code();
        assert_eq!(codes.iter().map(known).max(), Some(codes.len()));
    }

    #[test]
    fn a_body_says_what_is_wrong_and_where() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Body {
            #[expect(dead_code, reason = "only decoded")]
            name: String,
        }
        let refusal = |text: &str| undecoded(&serde_json::from_str::<Body>(text).expect_err("is wrong"));
        let broken = refusal("{\n  \"name\": x}");
        assert_eq!(broken.code, Code::BadJson);
        assert!(broken.text.contains("line 2 column 11"), "{broken}");
        let missing = refusal("{}");
        assert_eq!(
            (missing.code, missing.field.as_deref()),
            (Code::MissingField, Some("name"))
        );
        let unknown = refusal(r#"{"nam":"x"}"#);
        assert_eq!((unknown.code, unknown.field.as_deref()), (Code::BadField, Some("nam")));
        assert_eq!(refusal(r#"{"name":5}"#).code, Code::BadField);
    }

    #[test]
    fn a_limit_is_named_and_a_retry_is_announced() {
        let large = ErrorBody::of(&Refusal::too_large("body_bytes", "too much"));
        assert_eq!((large.field, large.limit.as_deref()), (None, Some("body_bytes")));
        let busy = respond(Refusal::busy("later", 1200));
        assert_eq!(busy.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(busy.headers()[header::RETRY_AFTER], "2");
        let stranger = respond(Refusal::new(Code::Unauthenticated, "no token"));
        assert_eq!(stranger.headers()[header::WWW_AUTHENTICATE], "Bearer");
    }
}
