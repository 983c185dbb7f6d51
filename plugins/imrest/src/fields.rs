//! Reading parameters as tolerantly as the clients write them: numbers may come as texts, ids as numbers.

use crate::answer::{Failure, Outcome};
use serde_json::{Map, Value};

/// The parameters of a request.
pub type Params = Map<String, Value>;

/// The longest id of a user, in bytes.
const ID: usize = 64;

/// A parameter that is there: not null, not an empty text.
pub fn optional<'a>(params: &'a Params, name: &str) -> Option<&'a Value> {
    params.get(name).filter(|value| !value.is_null() && *value != "")
}

/// A parameter that must be there.
///
/// # Errors
/// 4001.
pub fn required<'a>(params: &'a Params, name: &str) -> Outcome<&'a Value> {
    optional(params, name).ok_or_else(|| Failure::missing(name))
}

/// The id of a user, given as a text or a whole number.
///
/// # Errors
/// 4406.
pub fn id(value: &Value, name: &str) -> Outcome<String> {
    let id = match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => number.as_u64().map(|number| number.to_string()),
        _ => None,
    };
    id.filter(|id| (1..=ID).contains(&id.len()))
        .ok_or_else(|| Failure::malformed(name, "must be the id of a user"))
}

/// Ids of users, each once, at most `most`.
///
/// # Errors
/// 4406.
pub fn ids(value: &Value, name: &str, most: usize) -> Outcome<Vec<String>> {
    let given = value
        .as_array()
        .ok_or_else(|| Failure::malformed(name, "must be an array of ids"))?;
    if given.len() > most {
        return Err(Failure::malformed(name, &format!("at most {most} ids")));
    }
    let mut ids = Vec::with_capacity(given.len());
    let mut seen = std::collections::HashSet::new();
    for value in given {
        let id = id(value, name)?;
        if seen.insert(id.clone()) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// A whole number, given as one or as a text.
///
/// # Errors
/// 4406.
pub fn integer(value: &Value, name: &str) -> Outcome<i64> {
    let number = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.ok_or_else(|| Failure::malformed(name, "must be a whole number"))
}

/// 0 or 1, or the like; false if it is absent.
///
/// # Errors
/// 4406.
pub fn flag(params: &Params, name: &str) -> Outcome<bool> {
    match optional(params, name) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(value) => match integer(value, name) {
            Ok(0) => Ok(false),
            Ok(1) => Ok(true),
            _ => Err(Failure::malformed(name, "must be 0 or 1")),
        },
    }
}

/// A text; absent and empty are none.
///
/// # Errors
/// 4406.
pub fn text<'a>(params: &'a Params, name: &str) -> Outcome<Option<&'a str>> {
    match optional(params, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Failure::malformed(name, "must be a text")),
    }
}

/// The parameters in a body of JSON; no body has none.
///
/// # Errors
/// 4406.
pub fn parse(body: &str) -> Outcome<Params> {
    if body.trim().is_empty() {
        return Ok(Params::new());
    }
    match serde_json::from_str(body) {
        Ok(Value::Object(params)) => Ok(params),
        _ => Err(Failure::malformed("body", "must be a JSON object")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_and_texts_mean_the_same() {
        assert_eq!(id(&json!(2), "x"), Ok("2".to_owned()));
        assert_eq!(id(&json!("2"), "x"), Ok("2".to_owned()));
        assert_eq!(
            ids(&json!(["Tom", 2, "2"]), "x", 3),
            Ok(vec!["Tom".to_owned(), "2".to_owned()])
        );
        assert_eq!(integer(&json!("-1"), "x"), Ok(-1));
        for bad in [
            json!(-1),
            json!(1.5),
            json!([]),
            json!(""),
            json!(true),
            json!("x".repeat(65)),
        ] {
            assert_eq!(id(&bad, "x").unwrap_err().code, 4406, "{bad}");
        }
    }

    #[test]
    fn absent_is_missing_and_wrong_is_malformed() {
        let params = parse(r#"{"a":null,"b":"","c":"2","d":1}"#).unwrap();
        for absent in ["a", "b", "z"] {
            assert_eq!(required(&params, absent).unwrap_err().code, 4001);
        }
        assert_eq!(flag(&params, "c").unwrap_err().code, 4406);
        assert_eq!((flag(&params, "d"), flag(&params, "z")), (Ok(true), Ok(false)));
        assert_eq!(text(&params, "d").unwrap_err().code, 4406);
        for bad in ["[]", "{", "1", "nul"] {
            assert_eq!(parse(bad).unwrap_err().code, 4406, "{bad}");
        }
        assert_eq!(parse(" \n"), Ok(Params::new()));
    }
}
