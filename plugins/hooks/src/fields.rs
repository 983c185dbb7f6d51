//! Reading parameters as tolerantly as PHP writes them: numbers may come as texts, one of a list alone, and an empty
//! object as an empty list.

use crate::answer::{Failure, Outcome};
use serde_json::{Map, Value};

/// The parameters of a request or a frame.
pub type Params = Map<String, Value>;

/// The longest address, in bytes.
const URL: usize = 2048;

/// A parameter that is there: not null, not an empty text.
pub fn optional<'a>(params: &'a Params, name: &str) -> Option<&'a Value> {
    params.get(name).filter(|value| !value.is_null() && *value != "")
}

/// A parameter that must be there.
///
/// # Errors
/// 400.
pub fn required<'a>(params: &'a Params, name: &str) -> Outcome<&'a Value> {
    optional(params, name).ok_or_else(|| Failure::missing(name))
}

/// A name of 1 to `most` bytes: a text or a whole number.
///
/// # Errors
/// 400.
pub fn name(value: &Value, what: &str, most: usize) -> Outcome<String> {
    let name = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_u64() => number.to_string(),
        _ => return Err(Failure::malformed(what, "must be a text")),
    };
    if name.is_empty() || name.len() > most || name.chars().any(char::is_control) {
        return Err(Failure::malformed(what, &format!("must have 1 to {most} bytes")));
    }
    Ok(name)
}

/// A text that must be there.
///
/// # Errors
/// 400.
pub fn text<'a>(params: &'a Params, name: &str) -> Outcome<&'a str> {
    required(params, name)?
        .as_str()
        .ok_or_else(|| Failure::malformed(name, "must be a text"))
}

/// A whole number from `least` to `most`, or a text of one.
///
/// # Errors
/// 400.
pub fn number(params: &Params, name: &str, least: u64, most: u64) -> Outcome<u64> {
    let number = match required(params, name)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| Failure::malformed(name, &format!("must be a whole number from {least} to {most}")))
}

/// Several texts: a list of them, or one alone. At most `most`.
///
/// # Errors
/// 400.
pub fn list(value: &Value, what: &str, most: usize, bytes: usize) -> Outcome<Vec<String>> {
    let alone = std::slice::from_ref(value);
    let given = value.as_array().map_or(alone, Vec::as_slice);
    if given.len() > most {
        return Err(Failure::malformed(what, &format!("has more than {most}")));
    }
    let mut list = Vec::new();
    for value in given {
        let name = name(value, what, bytes)?;
        if !list.contains(&name) {
            list.push(name);
        }
    }
    Ok(list)
}

/// Named values of at most `bytes` bytes of JSON; absent or an empty list: none.
///
/// # Errors
/// 400 and 413.
pub fn object(params: &Params, name: &str, bytes: usize) -> Outcome<Map<String, Value>> {
    let object = match params.get(name) {
        None | Some(Value::Null) => return Ok(Map::new()),
        Some(Value::Array(list)) if list.is_empty() => return Ok(Map::new()),
        Some(Value::Object(object)) => object.clone(),
        Some(Value::Array(list)) => (0..)
            .zip(list)
            .map(|(at, value)| (format!("{at}"), value.clone()))
            .collect(),
        Some(_) => return Err(Failure::malformed(name, "must be an object")),
    };
    if Value::from(object.clone()).to_string().len() > bytes {
        return Err(Failure::too_large(name));
    }
    Ok(object)
}

/// An address to be called back at.
///
/// # Errors
/// 400.
pub fn address(params: &Params, name: &str) -> Outcome<String> {
    let url = text(params, name)?;
    let scheme = ["http://", "https://"]
        .into_iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    let authority = scheme.and_then(|rest| rest.split(['/', '?', '#']).next());
    let host = authority.is_some_and(|host| !host.is_empty() && !host.starts_with(':') && !host.contains('@'));
    if !host || url.len() > URL || !url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
        return Err(Failure::malformed(name, "must be an http address"));
    }
    Ok(url.to_owned())
}

/// The parameters in a body or frame of JSON.
///
/// # Errors
/// 400.
pub fn parse(body: &str) -> Outcome<Params> {
    match serde_json::from_str(body) {
        Ok(Value::Object(params)) => Ok(params),
        _ => Err(Failure::malformed("body", "must be a JSON object")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn params(value: Value) -> Params {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn php_shapes_are_read() {
        assert_eq!(list(&json!("A"), "gids", 3, 64), Ok(vec!["A".to_owned()]));
        assert_eq!(
            list(&json!(["A", 1, "A"]), "gids", 3, 64),
            Ok(vec!["A".to_owned(), "1".to_owned()])
        );
        assert_eq!(object(&params(json!({ "d": [] })), "d", 9), Ok(Map::new()));
        assert_eq!(
            object(&params(json!({ "d": ["x"] })), "d", 9),
            Ok(params(json!({ "0": "x" })))
        );
        assert_eq!(number(&params(json!({ "n": " 2 " })), "n", 1, 9), Ok(2));
    }

    #[test]
    fn mistakes_are_told() {
        for bad in [
            json!([[]]),
            json!({}),
            json!([1, 2, 3, 4]),
            json!(["\u{7}"]),
            json!([""]),
            json!(1.5),
        ] {
            assert_eq!(list(&bad, "gids", 3, 64).unwrap_err().code, 400, "{bad}");
        }
        assert_eq!(object(&params(json!({ "d": "x" })), "d", 9).unwrap_err().code, 400);
        assert_eq!(
            object(&params(json!({ "d": { "x": "123456" } })), "d", 9)
                .unwrap_err()
                .code,
            413
        );
        for bad in [json!(0), json!(10), json!("x"), json!(null), json!(-1)] {
            assert_eq!(number(&params(json!({ "n": bad })), "n", 1, 9).unwrap_err().code, 400);
        }
        for bad in [
            "",
            "ftp://a",
            "http://",
            "https:///x",
            "http://a b",
            "//a",
            "javascript:x",
        ] {
            assert_eq!(
                address(&params(json!({ "u": bad })), "u").unwrap_err().code,
                400,
                "{bad}"
            );
        }
        assert!(
            address(
                &params(json!({ "u": "http://115.29.140.95/message/index/notify" })),
                "u"
            )
            .is_ok()
        );
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,40}") {
            if let Ok(params) = parse(&text) {
                let _ = (object(&params, "a", 9), number(&params, "a", 0, 9), address(&params, "a"));
            }
        }
    }
}
