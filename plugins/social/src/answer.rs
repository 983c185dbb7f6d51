//! What requests and frames are answered with: the document's codes, and the host's errors in its words.

use serde_json::{Value, json};
use switchboard_plugin::hooks::dialect::{FaultKind, Response};
use switchboard_plugin::host::types::Error;

/// Done.
pub const OK: u16 = 200;
/// Not done; the text says why.
pub const FAILED: u16 = 0;
/// Something is missing or wrong in what was sent.
pub const BAD: u16 = 400;
/// Without a token that is right.
pub const NOT_LOGGED_IN: u16 = 401;
/// The other one accepts nothing from the sender.
pub const BLOCKED: u16 = 811;
/// The nonce was sent before.
pub const DUPLICATE: u16 = 831;

/// Why something is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// One of the codes above.
    pub code: u16,
    /// For people.
    pub text: String,
}

/// Something, or why not.
pub type Done<T> = Result<T, Fault>;

impl Fault {
    /// A fault of this code.
    #[must_use]
    pub fn new(code: u16, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }

    /// Something is missing or wrong in what was sent.
    #[must_use]
    pub fn bad(text: impl Into<String>) -> Self {
        Self::new(BAD, text)
    }

    /// The caller is not who it would have to be.
    #[must_use]
    pub fn stranger(text: impl Into<String>) -> Self {
        Self::new(NOT_LOGGED_IN, text)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::bad("not found"),
            Error::Invalid(text) => Self::bad(text),
            Error::Quota(text) => Self::new(FAILED, format!("no room: {text}")),
            Error::Unavailable(_) => Self::new(FAILED, "not now, try again"),
            Error::Refused(refusal) => Self::new(code_of(&refusal.code), refusal.text),
        }
    }
}

/// The document's code for a refusal.
fn code_of(refusal: &str) -> u16 {
    match refusal {
        "blocked" => BLOCKED,
        "user_banned" => NOT_LOGGED_IN,
        "not_found" | "unknown_kind" | "bad_body" | "bad_url" | "bad_field" | "missing_field" | "too_large" => BAD,
        _ => FAILED,
    }
}

/// A request's answer: the code is in the body, and HTTP has nothing to complain about.
#[must_use]
pub fn respond(done: Done<Value>) -> Response {
    let body = match done {
        Ok(data) => json!({ "code": OK, "msg": "OK", "data": data }),
        Err(fault) => refusal(&fault),
    };
    Response::json(200, body.to_string())
}

/// A fault as an answer's body.
#[must_use]
pub fn refusal(fault: &Fault) -> Value {
    json!({ "code": fault.code, "msg": fault.text, "data": {} })
}

/// What the host could not pass on, in our words, and the status of a socket that is not opened for it.
#[must_use]
pub fn undelivered(kind: FaultKind) -> (u16, Fault) {
    match kind {
        FaultKind::Unidentified => (
            401,
            Fault::stranger("not logged in: no token, or one that is not known"),
        ),
        FaultKind::UnknownApp => (404, Fault::bad("no such app_id")),
        FaultKind::DisabledApp => (403, Fault::new(FAILED, "this app is disabled")),
        FaultKind::NotInstalled => (404, Fault::new(FAILED, "this app does not speak this protocol")),
        FaultKind::Failed => (503, Fault::new(FAILED, "something went wrong")),
        FaultKind::TooLarge => (413, Fault::bad("too large")),
        FaultKind::Malformed => (400, Fault::bad("this is not UTF-8 text")),
        FaultKind::Busy => (503, Fault::new(FAILED, "too busy, try again")),
    }
}

#[cfg(test)]
mod tests {
    use switchboard_plugin::host::types::Refusal;

    use super::*;

    #[test]
    fn the_hosts_errors_become_the_documents_codes() {
        let refused = |code: &str| Fault::from(Error::Refused(Refusal::new(code, "why"))).code;
        assert_eq!(refused("blocked"), 811);
        assert_eq!(refused("bad_url"), 400);
        assert_eq!(refused("user_banned"), 401);
        assert_eq!(refused("muted"), 0);
        assert_eq!(refused("rate_limited"), 0);
        assert_eq!(refused("a_plugins_own"), 0);
        assert_eq!(Fault::from(Error::NotFound).code, 400);
        assert_eq!(Fault::from(Error::Unavailable("x".into())).code, 0);
    }

    #[test]
    fn an_answer_has_code_msg_and_data() {
        let body: Value = serde_json::from_str(&respond(Ok(json!({ "token": "t" }))).body).unwrap();
        assert_eq!(body, json!({ "code": 200, "msg": "OK", "data": { "token": "t" } }));
        assert_eq!(respond(Err(Fault::bad("x"))).status, 200);
    }
}
