//! JSON that the core carries without looking inside.

use std::fmt;
use std::sync::Arc;

/// A JSON text, known to be well formed. The core moves it from frame to disk to frame as it is; the only thing it ever
/// reads is the text of a `text` message.
#[derive(Clone, PartialEq, Eq)]
pub struct Body(Arc<str>);

impl Body {
    /// Takes a text whose JSON has been checked by the decoder it comes from.
    #[must_use]
    pub fn trusted(json: &str) -> Self {
        Self(json.into())
    }

    /// Checks a text that comes from a guest or another place that has not parsed it.
    #[must_use]
    pub fn parse(json: &str) -> Option<Self> {
        serde_json::from_str::<&serde_json::value::RawValue>(json)
            .ok()
            .map(|raw| Self(raw.get().into()))
    }

    /// `{}`: the body of a message that was recalled, and of an object nobody has filled.
    #[must_use]
    pub fn empty() -> Self {
        Self("{}".into())
    }

    /// The body of a `text` message.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self(serde_json::json!({ "text": text }).to_string().into())
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a JSON object.
    #[must_use]
    pub fn is_object(&self) -> bool {
        self.0.trim_start().starts_with('{')
    }

    /// How many characters the text of a `text` body has: `None` if this is no such body, that is no object with a
    /// string `text`.
    #[must_use]
    pub fn text_chars(&self) -> Option<usize> {
        #[derive(serde::Deserialize)]
        struct Text<'a> {
            #[serde(borrow)]
            text: std::borrow::Cow<'a, str>,
        }
        serde_json::from_str::<Text<'_>>(&self.0)
            .ok()
            .map(|body| body.text.trim().chars().count())
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_text_body_has_text() {
        assert_eq!(Body::text("你好 \"x\"").text_chars(), Some(6));
        assert_eq!(Body::trusted(r#"{"text":"  "}"#).text_chars(), Some(0));
        assert_eq!(Body::trusted(r#"{"text":5}"#).text_chars(), None);
        assert_eq!(Body::trusted("[]").text_chars(), None);
        assert_eq!(Body::parse("{"), None);
    }
}
