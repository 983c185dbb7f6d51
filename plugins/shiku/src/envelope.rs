//! The envelope of every answer, and why something was not done. Answers are always status 200, as clients of this
//! protocol expect; only an unknown path is 404, and a refused socket has a status that keeps it closed.

use serde_json::{Value, json};
use switchboard_plugin::hooks::dialect::Response;
use switchboard_plugin::host::proofs::Unproven;
use switchboard_plugin::host::types::Error;

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// No access token was given.
    NoToken,
    /// The access token is wrong, or was right once.
    BadToken,
    /// There is no such address.
    NoPath,
    /// Anything else, in words.
    Because(String),
}

/// What a handler answers: the data, if there is any to tell.
pub type Outcome = Result<Option<Value>, Failure>;

impl Failure {
    /// Anything without a code of its own.
    pub fn because(text: impl Into<String>) -> Self {
        Self::Because(text.into())
    }

    /// What is asked about is not there, or not for this user.
    pub fn unknown(what: &str) -> Self {
        Self::Because(format!("{what}不存在"))
    }

    /// The document's code.
    pub fn code(&self) -> i64 {
        match self {
            Self::NoToken => 1_030_101,
            Self::BadToken => 1_030_102,
            Self::NoPath | Self::Because(_) => 0,
        }
    }

    /// The words beside the code.
    pub fn text(&self) -> &str {
        match self {
            Self::NoToken => "缺少访问令牌",
            Self::BadToken => "访问令牌过期或无效",
            Self::NoPath => "接口不存在",
            Self::Because(text) => text,
        }
    }

    /// The whole answer.
    pub fn body(&self, now: u64) -> Value {
        json!({ "currentTime": now, "resultCode": self.code(), "resultMsg": self.text() })
    }

    /// To a socket that ends; it is written down before there is a time.
    pub fn farewell(&self) -> Value {
        json!({ "resultCode": self.code(), "resultMsg": self.text() })
    }

    /// To a request.
    pub fn response(&self, now: u64) -> Response {
        let status = if *self == Self::NoPath { 404 } else { 200 };
        Response::json(status, self.body(now).to_string())
    }

    /// To a socket that does not open.
    pub fn closed_door(&self, now: u64) -> Response {
        let status = match self {
            Self::NoToken | Self::BadToken => 401,
            Self::NoPath => 404,
            Self::Because(_) => 403,
        };
        Response::json(status, self.body(now).to_string())
    }
}

/// The answer to a request.
pub fn response(outcome: Outcome, now: u64) -> Response {
    match outcome {
        Ok(Some(data)) => Response::json(
            200,
            json!({ "currentTime": now, "data": data, "resultCode": 1 }).to_string(),
        ),
        Ok(None) => Response::json(200, json!({ "currentTime": now, "resultCode": 1 }).to_string()),
        Err(failure) => failure.response(now),
    }
}

/// The history of rooms is the one answer that the document prints with empty words.
pub fn with_empty_words(data: &Value, now: u64) -> Response {
    let answer = json!({ "currentTime": now, "data": data, "resultCode": 1, "resultMsg": "" });
    Response::json(200, answer.to_string())
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Because(match error {
            Error::NotFound => "不存在".to_owned(),
            Error::Refused(refusal) if refusal.code == "rate_limited" => "操作过于频繁，请稍后再试".to_owned(),
            Error::Refused(refusal) if refusal.text.is_empty() => refusal.code,
            Error::Refused(refusal) => refusal.text,
            Error::Invalid(text) => format!("参数错误: {text}"),
            Error::Quota(text) => format!("超出限额: {text}"),
            Error::Unavailable(_) => "服务器繁忙，请稍后再试".to_owned(),
        })
    }
}

/// A token that proves nothing.
impl From<Unproven> for Failure {
    fn from(unproven: Unproven) -> Self {
        match unproven {
            Unproven::Wrong | Unproven::Expired | Unproven::UnknownUser => Self::BadToken,
            Unproven::Banned => Self::because("账号已被禁用"),
            Unproven::NotAllowed => Self::because("不允许的登录方式"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_codes() {
        let read = |response: Response| serde_json::from_str::<Value>(&response.body).unwrap();
        assert_eq!(
            read(response(Ok(None), 7)),
            json!({ "currentTime": 7, "resultCode": 1 })
        );
        assert_eq!(read(response(Ok(Some(json!([]))), 7))["data"], json!([]));
        assert_eq!(read(Failure::NoToken.response(7))["resultCode"], 1_030_101);
        assert_eq!(read(Failure::BadToken.closed_door(7))["resultCode"], 1_030_102);
        assert_eq!(Failure::NoToken.closed_door(7).status, 401);
        assert_eq!(Failure::NoPath.response(7).status, 404);
        assert_eq!(Failure::from(Error::NotFound).code(), 0);
    }
}
