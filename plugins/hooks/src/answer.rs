//! The protocol's envelope, the same for answers, frames and callbacks. The document has one code, 0; the others are
//! ours, one for each reason a caller can act on.

use crate::object::Object;
use serde_json::Value;
use switchboard_plugin::host::types::{Error, Refusal};

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Never 0.
    pub code: u32,
    /// For people.
    pub msg: String,
}

/// What a handler answers.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    fn new(code: u32, msg: impl Into<String>) -> Self {
        Self { code, msg: msg.into() }
    }

    /// 400: a parameter is missing.
    pub fn missing(name: &str) -> Self {
        Self::new(400, format!("参数缺失: {name}"))
    }

    /// 400: a parameter is not what it must be.
    pub fn malformed(name: &str, wanted: &str) -> Self {
        Self::new(400, format!("参数错误: {name} {wanted}"))
    }

    /// 401: a signature or token that is not right.
    pub fn wrong(what: &str) -> Self {
        Self::new(401, format!("{what}不正确"))
    }

    /// 402: a time that is over, or a signature that was used before.
    pub fn expired(what: &str) -> Self {
        Self::new(402, format!("{what}已过期"))
    }

    /// 403: no ticket, or one that is not known any more.
    pub fn no_ticket() -> Self {
        Self::new(403, "ticket 不存在或已过期")
    }

    /// 404: nothing of this name.
    pub fn unknown(what: &str) -> Self {
        Self::new(404, format!("{what}不存在"))
    }

    /// 405: no such app.
    pub fn unknown_app() -> Self {
        Self::new(405, "应用不存在")
    }

    /// 406: the app is disabled, or does not speak this protocol.
    pub fn no_app(why: &str) -> Self {
        Self::new(406, why)
    }

    /// 407: the rules say no.
    pub fn refused(text: impl Into<String>) -> Self {
        Self::new(407, text)
    }

    /// 413: too large, or too many.
    pub fn too_large(what: &str) -> Self {
        Self::new(413, format!("{what}过大"))
    }

    /// 429: too often.
    pub fn hasty() -> Self {
        Self::new(429, "操作过于频繁, 请稍后再试")
    }

    /// 503: not now.
    pub fn busy() -> Self {
        Self::new(503, "服务繁忙, 请稍后再试")
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::unknown("目标"),
            Error::Refused(refusal) => of_refusal(refusal),
            Error::Invalid(text) => Self::new(400, format!("参数错误: {text}")),
            Error::Quota(text) => Self::new(413, format!("超出配额: {text}")),
            Error::Unavailable(_) => Self::busy(),
        }
    }
}

fn of_refusal(refusal: Refusal) -> Failure {
    match refusal.code.as_str() {
        "not_found" => Failure::unknown("目标"),
        "bad_body" | "bad_field" | "bad_url" | "missing_field" | "unknown_kind" => {
            Failure::new(400, format!("参数错误: {}", refusal.text))
        }
        "too_large" => Failure::too_large(&refusal.text),
        "rate_limited" => Failure::hasty(),
        "busy" | "storage_unavailable" => Failure::busy(),
        _ => Failure::refused(refusal.text),
    }
}

/// The envelope of a success at a time in milliseconds.
pub fn success(msg: &str, info: Value, now: u64) -> String {
    envelope(0, "success", msg, info, now)
}

/// The envelope of a failure.
pub fn failure(failure: &Failure, now: u64) -> String {
    envelope(failure.code, "fail", &failure.msg, Object::new().into(), now)
}

/// The envelope of what a handler answers: words and info, or why not.
pub fn outcome(outcome: Outcome<(&str, Object)>, now: u64) -> String {
    match outcome {
        Ok((msg, info)) => object(msg, info, now),
        Err(why) => failure(&why, now),
    }
}

/// The envelope of a success whose info has fields in an order.
pub fn object(msg: &str, info: Object, now: u64) -> String {
    let head = Object::new().with("code", 0).with("status", "success").with("msg", msg);
    head.with_object("info", info).with("time", now / 1000).to_string()
}

fn envelope(code: u32, status: &str, msg: &str, info: Value, now: u64) -> String {
    let envelope = Object::new().with("code", code).with("status", status).with("msg", msg);
    envelope.with("info", info).with("time", now / 1000).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn envelopes_are_the_documents() {
        assert_eq!(
            success("ok", json!({ "name": "LSQ" }), 1_595_575_840_999),
            r#"{"code":0,"status":"success","msg":"ok","info":{"name":"LSQ"},"time":1595575840}"#
        );
        let info = Object::new().with("num", 1).with("serviceType", "event");
        assert_eq!(
            outcome(Ok(("事件已经发送！", info)), 1_595_575_840_000),
            r#"{"code":0,"status":"success","msg":"事件已经发送！","info":{"num":1,"serviceType":"event"},"time":1595575840}"#
        );
        assert_eq!(
            outcome(Err(Failure::missing("token")), 0),
            r#"{"code":400,"status":"fail","msg":"参数缺失: token","info":{},"time":0}"#
        );
    }

    #[test]
    fn refusals_find_their_codes() {
        for (code, expected) in [
            ("blocked", 407),
            ("bad_body", 400),
            ("not_found", 404),
            ("rate_limited", 429),
            ("busy", 503),
            ("x.y", 407),
        ] {
            assert_eq!(
                Failure::from(Error::Refused(Refusal::new(code, "x"))).code,
                expected,
                "{code}"
            );
        }
    }
}
