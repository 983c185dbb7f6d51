//! Answers on their way out. All apps share an origin, so what a plugin answers must not run there: every answer is
//! sandboxed, sets no cookie, and says nothing about the origin as such.

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::response::Response;

use crate::gateway::dialect::response::{HEADERS, is_own};
pub use crate::gateway::dialect::response::{is_preflight, open, preflight};
use crate::plugin_host::EndpointResponse;

/// What a plugin may allow its pages although they are sandboxed: nothing that would make them the origin's own.
const ALLOWED: [&str; 5] = [
    "allow-downloads",
    "allow-forms",
    "allow-modals",
    "allow-popups",
    "allow-scripts",
];

/// A plugin's answer.
pub fn of(answer: EndpointResponse) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    // The host has checked its range.
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or_default();
    let headers = response.headers_mut();
    let mut policies = Vec::new();
    for param in answer.headers.into_iter().take(HEADERS) {
        let (name, value) = (HeaderName::try_from(param.name), HeaderValue::try_from(param.value));
        match (name, value) {
            (Ok(name), Ok(value)) if name == header::CONTENT_SECURITY_POLICY => policies.push(value),
            (Ok(name), Ok(value)) if !is_own(&name) && !is_refused(&name) => {
                headers.append(name, value);
            }
            _ => {}
        }
    }
    // Each of several policies holds: the plugin's can only forbid more.
    headers.insert(header::CONTENT_SECURITY_POLICY, sandbox(&policies));
    for policy in policies {
        headers.append(header::CONTENT_SECURITY_POLICY, policy);
    }
    let bytes = HeaderValue::from_static("application/octet-stream");
    headers.entry(header::CONTENT_TYPE).or_insert(bytes);
    open(headers);
    response
}

/// Headers that only some answers of the server may have: a plugin is shown no credentials, so it asks for none.
fn is_refused(name: &HeaderName) -> bool {
    *name == header::WWW_AUTHENTICATE || *name == header::ACCESS_CONTROL_ALLOW_CREDENTIALS
}

/// The sandbox of an answer: closed, but for what the plugin opens of what it may.
fn sandbox(policies: &[HeaderValue]) -> HeaderValue {
    let texts = policies.iter().filter_map(|policy| policy.to_str().ok());
    let mut directives = texts.flat_map(|text| text.split([';', ',']));
    let asked = directives.find_map(|directive| {
        let mut words = directive.split_ascii_whitespace();
        words
            .next()
            .filter(|name| name.eq_ignore_ascii_case("sandbox"))
            .map(|_| words)
    });
    let opened: Vec<&str> = asked
        .map(|words| {
            let allowed = ALLOWED.into_iter();
            let words: Vec<&str> = words.collect();
            allowed
                .filter(|word| words.iter().any(|asked| asked.eq_ignore_ascii_case(word)))
                .collect()
        })
        .unwrap_or_default();
    let text = format!("sandbox {}", opened.join(" "));
    HeaderValue::from_str(text.trim_end()).unwrap_or(HeaderValue::from_static("sandbox"))
}

/// Whether a plugin has not heard of a way of asking.
pub fn is_unheard(status: StatusCode) -> bool {
    matches!(status.as_u16(), 404 | 405 | 501)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin_host::Param;

    fn sent(headers: &[(&str, &str)]) -> Vec<String> {
        let headers = headers.iter().map(|(name, value)| Param {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        });
        let response = of(EndpointResponse {
            status: 200,
            headers: headers.collect(),
            body: Vec::new(),
        });
        let sent = response.headers().iter();
        let mut sent: Vec<String> = sent
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        sent.sort_unstable();
        sent
    }

    #[test]
    fn an_answer_is_harmless_for_the_origin() {
        let plain = [
            "access-control-allow-origin: *",
            "access-control-expose-headers: *",
            "content-security-policy: sandbox",
            "content-type: application/octet-stream",
            "x-content-type-options: nosniff",
        ];
        assert_eq!(sent(&[]), plain);
        for own in [
            "Set-Cookie",
            "connection",
            "transfer-encoding",
            "content-length",
            "upgrade",
            "keep-alive",
            "strict-transport-security",
            "service-worker-allowed",
            "clear-site-data",
            "nel",
            "report-to",
            "www-authenticate",
            "access-control-allow-credentials",
            "x-content-type-options",
            "bad name",
        ] {
            assert_eq!(sent(&[(own, "x")]), plain, "{own}");
        }
        assert_eq!(sent(&[("x-a", "b\nc")]), plain);
        assert_eq!(sent(&[("x-a", "b"), ("x-a", "c")])[4..6], ["x-a: b", "x-a: c"]);
    }

    #[test]
    fn a_sandbox_is_opened_but_never_left() {
        let policies = |given: &str| -> Vec<String> {
            let sent = sent(&[("content-security-policy", given)]);
            let policies = sent
                .into_iter()
                .filter_map(|line| line.strip_prefix("content-security-policy: ").map(str::to_owned));
            policies.collect()
        };
        assert_eq!(policies("default-src 'none'"), ["default-src 'none'", "sandbox"]);
        assert_eq!(
            policies("img-src *; sandbox allow-scripts allow-same-origin ALLOW-FORMS allow-top-navigation"),
            [
                "img-src *; sandbox allow-scripts allow-same-origin ALLOW-FORMS allow-top-navigation",
                "sandbox allow-forms allow-scripts"
            ]
        );
    }
}
