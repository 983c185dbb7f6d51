//! A body's way through the table: bounds, values, what must be there, completion. Pure and idempotent: a body that
//! has been checked comes out of a second check as it went in.

use crate::complete;
use crate::kinds::{BODY_BYTES, FIELDS, Kind};
use crate::value::{Raw, normalise};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The fields of a body, in order of name.
pub type Fields<'a> = BTreeMap<String, Raw<'a>>;

/// Why a body is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Stable, for machines: `bad_body` or `bad_url`.
    pub code: &'static str,
    /// For people.
    pub text: String,
}

impl Fault {
    /// Something about the body as a whole.
    pub fn body(text: impl Into<String>) -> Fault {
        Fault {
            code: "bad_body",
            text: text.into(),
        }
    }

    /// A field is not what it must be.
    pub fn field(name: &str, fault: &str) -> Fault {
        Fault::body(format!("{name} {fault}"))
    }

    /// An address is not one a message may carry.
    pub fn url(name: &str, fault: &str) -> Fault {
        Fault {
            code: "bad_url",
            text: format!("{name} {fault}"),
        }
    }
}

/// The body to store.
pub fn check(kind: &Kind, body: &str) -> Result<String, Fault> {
    if body.len() > BODY_BYTES {
        return Err(Fault::body(format!("the body is longer than {BODY_BYTES} bytes")));
    }
    let given: BTreeMap<String, &RawValue> =
        serde_json::from_str(body).map_err(|_| Fault::body("the body must be a JSON object"))?;
    let mut fields: Fields<'_> = given
        .into_iter()
        .map(|(name, raw)| (name, Cow::Borrowed(raw)))
        .collect();
    if fields.len() > FIELDS {
        return Err(Fault::body(format!("the body has more than {FIELDS} fields")));
    }
    for field in kind.fields {
        if let Some(raw) = fields.remove(field.name)
            && let Some(kept) = normalise(field, raw)?
        {
            fields.insert(field.name.to_owned(), kept);
        }
    }
    require(kind, &fields)?;
    complete::complete(kind, &mut fields);
    serde_json::to_string(&fields).map_err(|error| Fault::body(error.to_string()))
}

fn require(kind: &Kind, fields: &Fields<'_>) -> Result<(), Fault> {
    if fields.contains_key("latitude") != fields.contains_key("longitude") && kind.name == "location" {
        return Err(Fault::body("latitude and longitude go together"));
    }
    let complete = |group: &&[&str]| group.iter().all(|name| fields.contains_key(*name));
    if kind.needs.iter().any(complete) {
        return Ok(());
    }
    let choices: Vec<String> = kind.needs.iter().map(|group| group.join(" and ")).collect();
    Err(Fault::body(format!(
        "a message of kind {} needs {}",
        kind.name,
        choices.join(", or ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::find;
    use serde_json::{Value, json};

    fn run(kind: &str, body: Value) -> Result<Value, Fault> {
        check(find(kind).unwrap(), &body.to_string()).map(|text| serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn bodies_are_bounded_objects() {
        let image = find("image").unwrap();
        for bad in ["", "[]", "1", "{", "{\"url\":\"/a\"}x"] {
            assert_eq!(check(image, bad).unwrap_err().code, "bad_body", "{bad}");
        }
        assert!(check(image, &json!({ "url": "/a", "x": "y".repeat(17_000) }).to_string()).is_err());
        let many: Value = (0..65)
            .map(|n| (format!("f{n}"), json!(n)))
            .collect::<serde_json::Map<_, _>>()
            .into();
        assert!(check(image, &many.to_string()).unwrap_err().text.contains("64 fields"));
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(
            run("voice", json!({ "duration": 3, "url": "" })).unwrap_err().text,
            "a message of kind voice needs url, or text, or attr"
        );
        assert!(
            run("location", json!({ "latitude": 1, "name": "x" }))
                .unwrap_err()
                .text
                .contains("together")
        );
        assert!(run("location", json!({ "latitude": 0, "longitude": 0 })).is_ok());
        assert!(run("file", json!({ "etag": "abc", "name": "a.doc" })).is_ok());
    }

    #[test]
    fn unknown_fields_keep_their_bytes() {
        let body = r#"{"url":"/a.png","mine":{"n":123456789012345678901234567890.10,"s":"\u4f60"}}"#;
        let out = check(find("image").unwrap(), body).unwrap();
        assert!(
            out.contains(r#"{"n":123456789012345678901234567890.10,"s":"\u4f60"}"#),
            "{out}"
        );
    }

    #[test]
    fn the_last_of_two_equal_keys_counts_once() {
        let body = r#"{"url":"javascript:x","url":"/a.png"}"#;
        let out = check(find("image").unwrap(), body).unwrap();
        assert!(!out.contains("javascript"), "{out}");
        assert!(check(find("image").unwrap(), r#"{"url":"/a.png","url":"javascript:x"}"#).is_err());
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_is_idempotent(
            kind in 0..crate::kinds::KINDS.len(),
            url in "(/[a-z%./]{0,12}|https://h/[a-zA-Z.%0-9]{0,12}|[a-z:/]{0,8})",
            name in "\\PC{0,12}",
            number in "(0|-?[0-9]{1,5}(\\.[0-9]{1,3})?|[a-z]{0,3})",
        ) {
            let kind = &crate::kinds::KINDS[kind];
            let body = json!({
                "url": url, "name": name, "title": name, "nickname": name, "duration": number, "width": number,
                "latitude": number, "longitude": number, "extra": [number],
            });
            if let Ok(once) = check(kind, &body.to_string()) {
                let twice = check(kind, &once);
                proptest::prop_assert_eq!(twice.as_ref(), Ok(&once));
                proptest::prop_assert!(crate::summary::summarise(kind.name, &once).chars().count() <= 200);
            }
        }
    }
}
