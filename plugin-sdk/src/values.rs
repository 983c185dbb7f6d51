//! Small things that make the shared types pleasant: reading text, naming a refusal, telling an error.

use crate::host::types::{ConversationKind, Error, Refusal};

#[cfg(feature = "json")]
use crate::host::types::{Draft, Message};

impl Refusal {
    /// A refusal by its stable code (lower case, digits, `_` and `.`; at most 64 bytes) and its text for people (at
    /// most 500 bytes).
    pub fn new(code: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            text: text.into(),
        }
    }
}

impl ConversationKind {
    /// As protocols and configurations write it: `direct`, `temporary`, `group` or `chatroom`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Temporary => "temporary",
            Self::Group => "group",
            Self::Chatroom => "chatroom",
        }
    }
}

impl Error {
    /// Whether the same may work a while later: the server cannot do it now, or what is used up comes back by itself, as
    /// what an install may do in a minute and the room for webhooks that wait. Bytes, timers and whatever else is kept
    /// stay used up: a call that is made again for them is made in vain.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Unavailable(_) => true,
            Self::Quota(name) => name.ends_with("_per_minute") || name == "webhooks that wait",
            Self::NotFound | Self::Refused(_) | Self::Invalid(_) => false,
        }
    }
}

/// So that `?` works in hooks that answer `Result<_, String>`.
impl From<Error> for String {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => "not found".to_owned(),
            Error::Refused(refusal) => format!("refused ({}): {}", refusal.code, refusal.text),
            Error::Invalid(text) => format!("invalid: {text}"),
            Error::Quota(text) => format!("quota used up: {text}"),
            Error::Unavailable(text) => format!("unavailable: {text}"),
        }
    }
}

/// The body of a message of kind `text` with this text.
#[cfg(feature = "json")]
pub fn text_body(text: &str) -> String {
    // A `Value` quotes without a `Result` that could never be an error.
    let quoted = serde_json::Value::from(text).to_string();
    format!(r#"{{"text":{quoted}}}"#)
}

/// What `{"text": "…"}` says; none if the body has no such text.
#[cfg(feature = "json")]
pub(crate) fn text_of(body: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct TextBody {
        text: String,
    }
    serde_json::from_str::<TextBody>(body).ok().map(|body| body.text)
}

#[cfg(feature = "json")]
impl Draft {
    /// The `text` of the body, which every message of kind `text` has.
    pub fn text(&self) -> Option<String> {
        text_of(&self.body)
    }
}

#[cfg(feature = "json")]
impl Message {
    /// The `text` of the body, which every message of kind `text` has until it is recalled.
    pub fn text(&self) -> Option<String> {
        text_of(&self.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_back_by_itself_passes() {
        let quota = |name: &str| Error::Quota(name.to_owned()).passes();
        assert!(Error::Unavailable("stopping".to_owned()).passes());
        assert!(quota("messages_per_minute") && quota("webhooks that wait"));
        assert!(!quota("key-value bytes") && !quota("timers") && !quota("ext"));
        assert!(!Error::NotFound.passes() && !Error::Invalid("x".to_owned()).passes());
        assert!(!Error::Refused(Refusal::new("muted", "")).passes());
    }
}
