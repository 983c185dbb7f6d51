//! JSON that the core carries without looking inside.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::value::RawValue;

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
        serde_json::from_str::<&RawValue>(json)
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

    /// This body with another merged into it (RFC 7396): objects name by name, `null` removes a name, anything else
    /// replaces.
    #[must_use]
    pub fn merged(&self, patch: &Self) -> Self {
        Self(merge(&self.0, &patch.0).into())
    }

    /// What an object says under a name, if that is a string or a number that is not empty.
    #[must_use]
    pub fn word(&self, name: &str) -> Option<String> {
        let fields: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(&self.0).ok()?;
        let value = fields.get(name)?.get();
        match value.as_bytes().first()? {
            b'"' => serde_json::from_str(value)
                .ok()
                .filter(|text: &String| !text.is_empty()),
            b'-' | b'0'..=b'9' => Some(value.to_owned()),
            _ => None,
        }
    }

    /// The text of a `text` body, if it begins with a slash. Of nearly every other body one byte is looked at.
    #[must_use]
    pub fn slash_text(&self) -> Option<String> {
        #[derive(serde::Deserialize)]
        struct Text {
            text: String,
        }
        if let Some(rest) = self.0.strip_prefix(r#"{"text":""#)
            // JSON may escape any character.
            && !rest.starts_with(['/', '\\'])
        {
            return None;
        }
        if !self.is_object() {
            // A list would pass for the fields in their order.
            return None;
        }
        let Text { text } = serde_json::from_str(&self.0).ok()?;
        text.starts_with('/').then_some(text)
    }

    /// How many characters the text of a `text` body has: `None` if this is no such body, that is no object with a
    /// string `text`.
    #[must_use]
    pub fn text_chars(&self) -> Option<usize> {
        #[derive(serde::Deserialize)]
        struct Text<'a> {
            #[serde(borrow)]
            text: Cow<'a, str>,
        }
        serde_json::from_str::<Text<'_>>(&self.0)
            .ok()
            .map(|body| body.text.trim().chars().count())
    }
}

/// What nobody touches stays as it is written.
fn merge(target: &str, patch: &str) -> String {
    type Fields = BTreeMap<String, Box<RawValue>>;
    let Ok(changes) = serde_json::from_str::<Fields>(patch) else {
        return patch.to_owned();
    };
    let mut fields: Fields = serde_json::from_str(target).unwrap_or_default();
    for (name, change) in changes {
        let old = fields.remove(&name);
        if change.get() == "null" {
            continue;
        }
        let merged = merge(old.as_deref().map_or("null", RawValue::get), change.get());
        fields.insert(name, RawValue::from_string(merged).unwrap_or(change));
    }
    // A map of texts with JSON in them is written without fail.
    serde_json::to_string(&fields).unwrap_or_else(|_| patch.to_owned())
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

    #[test]
    fn a_slash_is_seen_however_it_is_written() {
        for (body, text) in [
            (r#"{"text":"/a b"}"#, Some("/a b")),
            (r#"{"text":"\/a"}"#, Some("/a")),
            (r#"{"text":"\u002fa"}"#, Some("/a")),
            (r#"{ "x": 1, "text" : "/a"}"#, Some("/a")),
            (r#"{"text":"a /b"}"#, None),
            (r#"{"text":"\n/b"}"#, None),
            (r#"{"x":"/a","text":""}"#, None),
            (r#"{"text":5}"#, None),
            (r#"["/a"]"#, None),
        ] {
            assert_eq!(Body::trusted(body).slash_text().as_deref(), text, "{body}");
        }
    }

    #[test]
    fn a_patch_is_merged_as_its_rfc_says() {
        // The cases of appendix A of RFC 7396.
        for (target, patch, merged) in [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (
                r#"{"a":{"b":"c"}}"#,
                r#"{"a":{"b":"d","c":null}}"#,
                r#"{"a":{"b":"d"}}"#,
            ),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
            (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
            (r#"{"a":"foo"}"#, "null", "null"),
            (r#"{"a":"foo"}"#, r#""bar""#, r#""bar""#),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"a":1,"e":null}"#),
            (
                r#"{"n":12345678901234567890123,"a":{"x":1.0}}"#,
                r#"{"a":{"y":2}}"#,
                r#"{"a":{"x":1.0,"y":2},"n":12345678901234567890123}"#,
            ),
            ("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
            ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
        ] {
            assert_eq!(
                Body::trusted(target).merged(&Body::trusted(patch)),
                Body::trusted(merged),
                "{target} {patch}"
            );
        }
    }

    #[test]
    fn a_word_is_a_string_or_a_number() {
        let body = Body::trusted(r#"{"a":"x","b":5,"c":"","d":null,"e":[1]}"#);
        let words = ["a", "b", "c", "d", "e", "f"].map(|name| body.word(name));
        assert_eq!(words.map(Option::unwrap_or_default), ["x", "5", "", "", "", ""]);
        assert_eq!(Body::trusted("[]").word("a"), None);
    }
}
