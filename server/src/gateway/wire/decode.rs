//! From text to a request. The fast parse says only that something is wrong; the slow one, run on failure alone, says
//! which field is to blame.

use std::borrow::Cow;

use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::error::Category;

use crate::model::{Code, Refusal};

/// Longest text that tells what is wrong: it quotes what the client has sent.
const TEXT: usize = 200;

/// Reads a JSON object as a request.
///
/// # Errors
/// `BadJson`; `BadFrame` if it is no object; `MissingField` or `BadField` naming the field by its path.
pub fn decode<'de, T: Deserialize<'de>>(json: &'de str) -> Result<T, Refusal> {
    // Without this, serde would take a list for the fields in their order.
    if !json.trim_start_matches([' ', '\t', '\n', '\r']).starts_with('{') {
        return Err(match serde_json::from_str::<serde::de::IgnoredAny>(json) {
            Ok(_) => Refusal::new(Code::BadFrame, "must be a JSON object"),
            Err(error) => bad_json(&error),
        });
    }
    serde_json::from_str(json).or_else(|_| {
        let mut from = serde_json::Deserializer::from_str(json);
        let value = serde_path_to_error::deserialize(&mut from).map_err(blame_json)?;
        from.end().map_err(|error| bad_json(&error))?;
        Ok(value)
    })
}

/// Bytes as text.
///
/// # Errors
/// `BadJson` if they are no UTF-8.
pub fn text(bytes: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(bytes).map_err(|_| Refusal::new(Code::BadJson, "must be UTF-8"))
}

/// Reads a request from another format than JSON, such as a query; an error names the field.
///
/// # Errors
/// `MissingField` or `BadField`.
pub fn blame<'de, T: DeserializeOwned, D: Deserializer<'de>>(from: D) -> Result<T, Refusal> {
    serde_path_to_error::deserialize(from).map_err(|error| {
        let path = error.path().to_string();
        refuse(&path, &error.into_inner().to_string())
    })
}

fn blame_json(error: serde_path_to_error::Error<serde_json::Error>) -> Refusal {
    let path = error.path().to_string();
    let error = error.into_inner();
    if error.classify() == Category::Data {
        refuse(&path, &without_place(&error))
    } else {
        bad_json(&error)
    }
}

fn bad_json(error: &serde_json::Error) -> Refusal {
    Refusal::new(Code::BadJson, format!("not JSON: {error}"))
}

/// What went wrong, without the line and column: the path says where.
fn without_place(error: &serde_json::Error) -> String {
    let mut text = error.to_string();
    if let Some(at) = text.rfind(" at line ") {
        text.truncate(at);
    }
    text
}

fn refuse(path: &str, text: &str) -> Refusal {
    let path = if path == "." { "" } else { path };
    let missing = text
        .strip_prefix("missing field `")
        .and_then(|rest| rest.strip_suffix('`'));
    let (code, field) = match missing {
        Some(name) if path.is_empty() => (Code::MissingField, name.to_owned()),
        Some(name) => (Code::MissingField, format!("{path}.{name}")),
        None => (Code::BadField, path.to_owned()),
    };
    let text = match code {
        Code::MissingField => "this field is required".to_owned(),
        _ => text.chars().take(TEXT).collect(),
    };
    Refusal {
        field: (!field.is_empty()).then_some(Cow::Owned(field)),
        ..Refusal::new(code, text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{History, ListMembers, NewConversation, NewMessage, SetRole};
    use super::*;

    fn refused<'de, T: Deserialize<'de>>(json: &'de str) -> (String, Option<String>) {
        match decode::<T>(json) {
            Ok(_) => ("accepted".into(), None),
            Err(refusal) => (refusal.code.as_str().into(), refusal.field.map(Cow::into_owned)),
        }
    }

    #[test]
    fn the_field_to_blame_is_named() {
        let body = r#""kind":"text","body":{"text":"x"}"#;
        for (json, code, field) in [
            ("{", "bad_json", None),
            ("nonsense", "bad_json", None),
            ("[]", "bad_frame", None),
            ("5", "bad_frame", None),
            ("{}", "missing_field", Some("kind")),
            (r#"{"kind":"text"}"#, "missing_field", Some("body")),
            (r#"{"kind":"Text","body":{}}"#, "bad_field", Some("kind")),
            (r#"{"kind":5,"body":{}}"#, "bad_field", Some("kind")),
            (&format!("{{{body},\"nonce\":\"\"}}"), "bad_field", Some("nonce")),
            (
                &format!("{{{body},\"conversation\":9007199254740992}}"),
                "bad_field",
                Some("conversation"),
            ),
            (
                &format!("{{{body},\"conversation\":-1}}"),
                "bad_field",
                Some("conversation"),
            ),
            (
                &format!("{{{body},\"conversation\":1.5}}"),
                "bad_field",
                Some("conversation"),
            ),
            (
                &format!("{{{body},\"conversation\":\"1\"}}"),
                "bad_field",
                Some("conversation"),
            ),
            (
                &format!("{{{body},\"mentions\":[\"ann\",7]}}"),
                "bad_field",
                Some("mentions[1]"),
            ),
            (&format!("{{{body},\"mentions\":{{}}}}"), "bad_field", Some("mentions")),
            (&format!("{{{body},\"reply_to\":0}}"), "bad_field", Some("reply_to")),
            (&format!("{{{body},\"transient\":1}}"), "bad_field", Some("transient")),
            (&format!("{{{body}}} x"), "bad_json", None),
            (&format!("{{{body},\"unknown\":[1,2]}}"), "accepted", None),
            (&format!(" {{{body},\"nonce\":null}}"), "accepted", None),
        ] {
            assert_eq!(
                refused::<NewMessage>(json),
                (code.into(), field.map(Into::into)),
                "{json}"
            );
        }
        let crowd = format!("{{{body},\"mentions\":{:?}}}", vec!["u"; 101]);
        assert_eq!(refused::<NewMessage>(&crowd).1.as_deref(), Some("mentions"));
    }

    #[test]
    fn pages_and_choices_are_bounded() {
        assert_eq!(refused::<History>(r#"{"limit":101}"#).1.as_deref(), Some("limit"));
        assert_eq!(refused::<ListMembers>(r#"{"limit":0}"#).1.as_deref(), Some("limit"));
        assert_eq!(
            refused::<SetRole>(r#"{"user":"a","role":"king"}"#).1.as_deref(),
            Some("role")
        );
        assert_eq!(
            refused::<NewConversation>(r#"{"kind":"room"}"#).1.as_deref(),
            Some("kind")
        );
        assert_eq!(decode::<History>("{}").unwrap().limit.0, 50);
    }

    #[test]
    fn a_body_is_carried_as_it_was_written() {
        let message: NewMessage = decode(r#"{"kind":"x","body":{ "a" : [1.0, "é\u00e9"] }}"#).unwrap();
        assert_eq!(message.body.as_str(), r#"{ "a" : [1.0, "é\u00e9"] }"#);
    }
}
