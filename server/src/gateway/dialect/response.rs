//! Answers on their way out: headers that are the server's own affair are left out, pages of other origins may read
//! the rest.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::gateway::error;
use crate::model::{Code, Refusal};
use crate::plugin_host;

/// How many headers an answer may have.
pub(in crate::gateway) const HEADERS: usize = 64;

/// Headers that say how the server speaks HTTP, or what a browser keeps about its address: no dialect decides those.
const OWN: [HeaderName; 19] = [
    HeaderName::from_static("accept-ch"),
    header::ALT_SVC,
    HeaderName::from_static("clear-site-data"),
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::CONTENT_SECURITY_POLICY,
    header::DATE,
    HeaderName::from_static("nel"),
    header::PROXY_AUTHENTICATE,
    HeaderName::from_static("report-to"),
    HeaderName::from_static("reporting-endpoints"),
    HeaderName::from_static("service-worker-allowed"),
    header::SET_COOKIE,
    header::STRICT_TRANSPORT_SECURITY,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];

/// Whether a header is the server's own affair.
pub fn is_own(name: &HeaderName) -> bool {
    OWN.contains(name)
}

/// A dialect's answer.
pub fn of(answer: plugin_host::Response) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    // The host has checked its range.
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or_default();
    let headers = response.headers_mut();
    for param in answer.headers.into_iter().take(HEADERS) {
        let (name, value) = (HeaderName::try_from(param.name), HeaderValue::try_from(param.value));
        if let (Ok(name), Ok(value)) = (name, value)
            && !is_own(&name)
        {
            headers.append(name, value);
        }
    }
    // A tenant's page must not run with the rights of the server's own.
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.entry(header::CONTENT_TYPE).or_insert(plain);
    open(headers);
    response
}

/// The answer where not even the dialect has words.
pub fn without_words() -> Response {
    let text = "the dialect that is mounted here does not answer";
    let mut response = error::bad_gateway(Refusal::new(Code::PluginFailed, text));
    open(response.headers_mut());
    response
}

/// Pages of other origins may read the answer: credentials travel in it by name, never by cookie.
pub fn open(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let any = HeaderValue::from_static("*");
    headers
        .entry(header::ACCESS_CONTROL_ALLOW_ORIGIN)
        .or_insert(any.clone());
    headers.entry(header::ACCESS_CONTROL_EXPOSE_HEADERS).or_insert(any);
}

/// Whether a browser asks if a page of another origin may make a request.
pub fn is_preflight(request: &Request) -> bool {
    *request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// It may.
pub fn preflight(request: &Request) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    open(headers);
    let asked = |name: HeaderName| request.headers().get(name).cloned();
    for (name, value) in [
        (
            header::ACCESS_CONTROL_ALLOW_METHODS,
            asked(header::ACCESS_CONTROL_REQUEST_METHOD),
        ),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            asked(header::ACCESS_CONTROL_REQUEST_HEADERS),
        ),
        (header::ACCESS_CONTROL_MAX_AGE, Some(HeaderValue::from_static("86400"))),
    ] {
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
    response
}
