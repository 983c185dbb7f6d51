//! One field's value: is it what the table asks for, and how is it stored?
//!
//! Values that need no change keep the sender's very bytes; numbers beyond 64 bits survive in fields that are the
//! tenant's own.

use crate::check::Fault;
use crate::kinds::{ATTR_BYTES, Field, Shape};
use crate::url;
use serde_json::value::{RawValue, to_raw_value};
use std::borrow::Cow;

/// A value as JSON text, borrowed from the body where it stays as it was.
pub type Raw<'a> = Cow<'a, RawValue>;

/// The value to store; `None` if it stands for nothing (null, an empty text, a size of 0) and is left out.
pub fn normalise<'a>(field: &Field, raw: Raw<'a>) -> Result<Option<Raw<'a>>, Fault> {
    if raw.get() == "null" {
        return Ok(None);
    }
    match field.shape {
        Shape::Anything if raw.get().len() > ATTR_BYTES => Err(Fault::field(field.name, "is longer than 8 KiB")),
        Shape::Anything => Ok(Some(raw)),
        Shape::Flag => match raw.get() {
            "true" | "false" => Ok(Some(raw)),
            _ => Err(Fault::field(field.name, "must be true or false")),
        },
        Shape::Url | Shape::Text(_) | Shape::Mime => text(field, raw),
        Shape::Whole(_) | Shape::Seconds | Shape::Degrees(_) => number(field, raw),
    }
}

fn text<'a>(field: &Field, raw: Raw<'a>) -> Result<Option<Raw<'a>>, Fault> {
    let text: String = serde_json::from_str(raw.get()).map_err(|_| Fault::field(field.name, "must be a text"))?;
    if text.is_empty() {
        return Ok(None);
    }
    let fault = match field.shape {
        Shape::Url => return url::fault(&text).map_or(Ok(Some(raw)), |fault| Err(Fault::url(field.name, fault))),
        Shape::Text(max) => (text.chars().count() > max).then_some("is too long"),
        _ => (!is_mime(&text)).then_some("must be a media type such as image/png"),
    };
    fault.map_or(Ok(Some(raw)), |fault| Err(Fault::field(field.name, fault)))
}

fn is_mime(text: &str) -> bool {
    let token = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
    };
    text.len() <= 127
        && text
            .split_once('/')
            .is_some_and(|(left, right)| token(left) && token(right))
}

/// The longest time a recording may claim, in seconds: a week.
const SECONDS: f64 = 604_800.0;

fn number<'a>(field: &Field, raw: Raw<'a>) -> Result<Option<Raw<'a>>, Fault> {
    let quoted = raw.get().starts_with('"');
    let text: Cow<'_, str> = if quoted {
        Cow::Owned(serde_json::from_str(raw.get()).map_err(|_| Fault::field(field.name, "must be a number"))?)
    } else {
        Cow::Borrowed(raw.get())
    };
    if quoted && text.trim().is_empty() {
        return Ok(None);
    }
    // JSON's own number syntax, so that `inf`, `0x10` and `1_000` stay out.
    let number: f64 = serde_json::from_str(text.trim()).map_err(|_| Fault::field(field.name, "must be a number"))?;
    let (low, high, zero_is_nothing) = match field.shape {
        Shape::Degrees(max) => (-f64::from(max), f64::from(max), false),
        Shape::Whole(max) => (0.0, max as f64, true),
        _ => (0.0, SECONDS, true),
    };
    if !(low..=high).contains(&number) {
        return Err(Fault::field(field.name, &format!("must lie between {low} and {high}")));
    }
    if matches!(field.shape, Shape::Whole(_)) && number.fract() != 0.0 {
        return Err(Fault::field(field.name, "must be a whole number"));
    }
    if zero_is_nothing && number == 0.0 {
        return Ok(None);
    }
    let whole = number.fract() == 0.0;
    match (quoted, whole) {
        (false, _) if !raw.get().contains(['.', 'e', 'E']) => Ok(Some(raw)),
        (false, false) => Ok(Some(raw)),
        // Below 2^53 in every shape, so the conversion is exact.
        (_, true) => json(field, number as i64),
        (true, false) => json(field, number),
    }
}

fn json<'a>(field: &Field, number: impl serde::Serialize) -> Result<Option<Raw<'a>>, Fault> {
    let raw = to_raw_value(&number).map_err(|_| Fault::field(field.name, "must be a number"))?;
    Ok(Some(Cow::Owned(raw)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(shape: Shape, json: &str) -> Result<Option<String>, Fault> {
        let raw = RawValue::from_string(json.to_owned()).unwrap();
        let field = Field {
            name: "f",
            shape,
            about: "",
        };
        normalise(&field, Cow::Owned(raw)).map(|value| value.map(|raw| raw.get().to_owned()))
    }

    fn kept(shape: Shape, json: &str) -> Option<String> {
        run(shape, json).unwrap()
    }

    #[test]
    fn numbers_come_from_strings_and_zero_is_left_out() {
        let whole = Shape::Whole(1 << 53);
        assert_eq!(kept(whole, "12").as_deref(), Some("12"));
        assert_eq!(kept(whole, "\"12\"").as_deref(), Some("12"));
        assert_eq!(kept(whole, "12.0").as_deref(), Some("12"));
        assert_eq!(kept(whole, "9007199254740992").as_deref(), Some("9007199254740992"));
        for nothing in ["0", "\"0\"", "\"\"", "null", "0.0"] {
            assert_eq!(kept(whole, nothing), None, "{nothing}");
        }
        for bad in [
            "-1",
            "1.5",
            "\"x\"",
            "\"1_0\"",
            "\"inf\"",
            "true",
            "[]",
            "9007199254740993000",
        ] {
            assert!(run(whole, bad).is_err(), "{bad}");
        }
        assert_eq!(kept(Shape::Seconds, "\" 3.5 \"").as_deref(), Some("3.5"));
        assert_eq!(kept(Shape::Seconds, "3.50").as_deref(), Some("3.50"));
        assert!(run(Shape::Seconds, "1e9").is_err());
        assert_eq!(kept(Shape::Degrees(90), "0").as_deref(), Some("0"));
        assert_eq!(kept(Shape::Degrees(90), "\"-24.4798\"").as_deref(), Some("-24.4798"));
        assert!(run(Shape::Degrees(90), "90.1").is_err());
    }

    #[test]
    fn texts_keep_their_bytes() {
        assert_eq!(kept(Shape::Text(3), "\"\\u4f60a\"").as_deref(), Some("\"\\u4f60a\""));
        assert_eq!(kept(Shape::Text(3), "\"\""), None);
        assert!(run(Shape::Text(3), "\"abcd\"").is_err());
        assert!(run(Shape::Text(3), "1").is_err());
        assert!(run(Shape::Mime, "\"image/svg+xml\"").is_ok());
        assert!(run(Shape::Mime, "\"image\"").is_err());
        assert!(run(Shape::Url, "\"javascript:x\"").is_err());
        assert!(run(Shape::Url, "\"java\\u0073cript:x\"").is_err());
        assert_eq!(kept(Shape::Anything, "[1,null]").as_deref(), Some("[1,null]"));
        assert!(run(Shape::Anything, &format!("\"{}\"", "a".repeat(9000))).is_err());
        assert!(run(Shape::Flag, "1").is_err());
    }
}
