//! The protocol's envelope and its codes: the only place that knows which code a fault has.

use serde::Serialize;
use switchboard_plugin::hooks::dialect::Response;
use switchboard_plugin::host::types::{Error, Refusal};

/// The longest `request_id` that is sent back.
const REQUEST_ID: usize = 128;

/// Why something was not done: a code of the document, and words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The document's code.
    pub code: u32,
    /// For people.
    pub message: String,
}

/// What a handler answers.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    fn new(code: u32, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// 1: anything the document has no code for.
    pub fn other(message: impl Into<String>) -> Self {
        Self::new(1, message)
    }

    /// 1: no such conversation in this app.
    pub fn no_conversation() -> Self {
        Self::other("unknown conversation")
    }

    /// 211: a user who does not exist.
    pub fn unknown_user(uid: &str) -> Self {
        Self::new(211, format!("unknown user: {uid}"))
    }

    /// 212: an id that no new user may have.
    pub fn bad_id(uid: &str) -> Self {
        Self::new(212, format!("an id is letters and digits, at most 64 of them: {uid}"))
    }

    /// 213: a banned user.
    pub fn banned() -> Self {
        Self::new(213, "the user is banned")
    }

    /// 4001: a parameter that must be there and is not.
    pub fn missing(name: &str) -> Self {
        Self::new(4001, format!("missing parameter: {name}"))
    }

    /// 4002: a header that must be there and is not.
    pub fn no_header(name: &str) -> Self {
        Self::new(4002, format!("missing header: {name}"))
    }

    /// 4405: no kind of conversation, or not with these members.
    pub fn conversation_type(message: &str) -> Self {
        Self::new(4405, message)
    }

    /// 4406: a parameter that is not what it must be.
    pub fn malformed(name: &str, wanted: &str) -> Self {
        Self::new(4406, format!("{name}: {wanted}"))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::other("not found"),
            Error::Refused(refusal) => refused(refusal),
            Error::Invalid(text) => Self::new(4406, text),
            Error::Quota(text) => Self::other(format!("a quota is used up: {text}")),
            Error::Unavailable(text) => Self::other(format!("not available now: {text}")),
        }
    }
}

fn refused(refusal: Refusal) -> Failure {
    match refusal.code.as_str() {
        "user_banned" => Failure::banned(),
        "bad_body" | "bad_field" | "bad_url" | "too_large" => Failure::new(4406, refusal.text),
        "missing_field" => Failure::new(4001, refusal.text),
        _ => Failure::other(refusal.text),
    }
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    code: u32,
    message: &'a str,
    data: T,
    #[serde(rename = "request-id")]
    request_id: Option<&'a str>,
}

/// The answer to a request; `request_id` is what its header said.
pub fn response(outcome: Outcome<String>, request_id: Option<&str>) -> Response {
    let request_id = request_id.filter(|id| id.len() <= REQUEST_ID);
    let body = match &outcome {
        Ok(data) => match serde_json::from_str::<&serde_json::value::RawValue>(data) {
            Ok(data) => envelope(0, "ok", data, request_id),
            Err(error) => envelope(1, &error.to_string(), (), request_id),
        },
        Err(failure) => envelope(failure.code, &failure.message, (), request_id),
    };
    Response::json(200, body)
}

fn envelope(code: u32, message: &str, data: impl Serialize, request_id: Option<&str>) -> String {
    json(&Envelope {
        code,
        message,
        data,
        request_id,
    })
}

/// JSON of a value of ours. None of them has a map with keys that are no texts, the one thing that has no JSON form.
pub fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

#[derive(Serialize)]
struct Frame<'a, T> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    msg: Option<&'a str>,
    data: T,
}

/// A frame down, with words or without.
pub fn frame(kind: &str, msg: Option<&str>, data: impl Serialize) -> String {
    json(&Frame { kind, msg, data })
}

/// A frame that says what went wrong.
pub fn fault_frame(kind: &str, failure: &Failure) -> String {
    frame(
        kind,
        Some(&failure.message),
        serde_json::json!({ "code": failure.code }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_is_the_documents() {
        let body = response(Ok("true".to_owned()), None).body;
        assert_eq!(body, r#"{"code":0,"message":"ok","data":true,"request-id":null}"#);
        let body = response(Err(Failure::missing("type")), Some("r-1")).body;
        assert_eq!(
            body,
            r#"{"code":4001,"message":"missing parameter: type","data":null,"request-id":"r-1"}"#
        );
        assert!(
            response(Ok("1".to_owned()), Some(&"x".repeat(200)))
                .body
                .ends_with("null}")
        );
    }

    #[test]
    fn refusals_find_their_codes() {
        for (code, expected) in [
            ("user_banned", 213),
            ("bad_body", 4406),
            ("bad_url", 4406),
            ("not_permitted", 1),
            ("rate_limited", 1),
            ("forbidden_words", 1),
        ] {
            assert_eq!(
                Failure::from(Error::Refused(Refusal::new(code, "x"))).code,
                expected,
                "{code}"
            );
        }
        assert_eq!(Failure::from(Error::NotFound).code, 1);
    }
}
