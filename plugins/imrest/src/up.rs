//! A message on its way up: what a request says, as kind and body.
//!
//! What this protocol must find again and no other has, stands in the body's `imrest`: that the sender's id came as a
//! number, `no_sync`, and the id of a transient message.

use crate::answer::{Failure, Outcome};
use crate::fields::{self, Params};
use crate::known;
use serde_json::{Map, Value, json};

/// Bytes of `attr` at most, as JSON.
const ATTR: usize = 8 * 1024;
/// Users named in a message at most.
const MENTIONS: usize = 100;

/// The kinds by their `type`, from −1 down.
const KINDS: [&str; 6] = ["text", "image", "voice", "video", "location", "file"];

/// The kind of a `type`.
pub fn kind(number: i64) -> Option<&'static str> {
    let at = number.checked_neg()?.checked_sub(1)?;
    KINDS.get(usize::try_from(at).ok()?).copied()
}

/// The `type` of a kind, if there is one.
pub fn number(kind: &str) -> Option<i8> {
    let at = KINDS.iter().position(|known| *known == kind)?;
    i8::try_from(at).ok().map(|at| -1 - at)
}

/// A message as it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Up {
    /// Who sends it.
    pub from: String,
    /// The kind.
    pub kind: &'static str,
    /// The body.
    pub body: Map<String, Value>,
    /// Users named in it.
    pub mentions: Vec<String>,
    /// Everyone is named.
    pub mention_all: bool,
    /// Delivered, never stored.
    pub transient: bool,
    /// The sender's own connections hear of it.
    pub sync: bool,
}

impl Up {
    /// Reads the parameters of `POST …/message`.
    ///
    /// # Errors
    /// 4001 and 4406.
    pub fn read(params: &Params) -> Outcome<Self> {
        let from_client = fields::required(params, "from_client")?;
        let kind = kind(fields::integer(fields::required(params, "type")?, "type")?)
            .ok_or_else(|| Failure::malformed("type", "-1 text, -2 image, -3 voice, -4 video, -5 location, -6 file"))?;
        let sync = fields::flag(params, "no_sync")?;
        let mut body = content(params, kind)?;
        let mut marks = Map::new();
        if from_client.is_number() {
            marks.insert("numeric".to_owned(), true.into());
        }
        if sync {
            marks.insert("sync".to_owned(), true.into());
        }
        if kind != "text" || !marks.is_empty() {
            body.insert("imrest".to_owned(), marks.into());
        }
        Ok(Self {
            from: fields::id(from_client, "from_client")?,
            kind,
            body,
            mentions: mentions(params)?,
            mention_all: fields::flag(params, "mention_all")?,
            transient: fields::flag(params, "transient")?,
            sync,
        })
    }

    /// Gives a transient message, which has no id, one of its own.
    pub fn name(&mut self, id: &str) {
        let marks = self.body.entry("imrest").or_insert_with(|| json!({}));
        if let Value::Object(marks) = marks {
            marks.insert("id".to_owned(), id.into());
        }
    }
}

fn content(params: &Params, kind: &str) -> Outcome<Map<String, Value>> {
    let text = fields::text(params, "text")?;
    // Clients that read `"null"` from a list send it back.
    let url = fields::text(params, "url")?.filter(|url| *url != "null");
    let attr = fields::optional(params, "attr").filter(|attr| *attr != "null");
    if kind == "text" && text.is_none_or(|text| text.trim().is_empty()) {
        return Err(Failure::missing("text"));
    }
    if text.is_none() && url.is_none() && attr.is_none() {
        return Err(Failure::missing("url"));
    }
    let mut body = Map::new();
    if let Some(url) = url {
        if !known::is_address(url) {
            return Err(Failure::malformed(
                "url",
                "must be an http address or a path on this server",
            ));
        }
        body.insert("url".to_owned(), url.into());
    }
    if let Some(text) = text {
        body.insert("text".to_owned(), text.into());
    }
    if let Some(attr) = attr {
        if attr.to_string().len() > ATTR {
            return Err(Failure::malformed("attr", "at most 8 KiB"));
        }
        if let Value::Object(attr) = attr {
            known::copy(kind, attr, &mut body);
        }
        body.insert("attr".to_owned(), attr.clone());
    }
    Ok(body)
}

fn mentions(params: &Params) -> Outcome<Vec<String>> {
    const NAME: &str = "mention_client_ids";
    let parsed: Value;
    let given = match fields::optional(params, NAME) {
        None => return Ok(Vec::new()),
        // The document calls it JSON: both the array and its text come.
        Some(Value::String(text)) => {
            parsed = serde_json::from_str(text).map_err(|_| Failure::malformed(NAME, "must be an array of ids"))?;
            &parsed
        }
        Some(value) => value,
    };
    if given.is_null() {
        return Ok(Vec::new());
    }
    fields::ids(given, NAME, MENTIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Value) -> Outcome<Up> {
        Up::read(value.as_object().unwrap())
    }

    #[test]
    fn the_documents_request() {
        let up = read(json!({ "from_client": 2, "type": -1, "text": "HELLO !" })).unwrap();
        assert_eq!((up.from.as_str(), up.kind), ("2", "text"));
        assert_eq!(
            Value::from(up.body),
            json!({ "text": "HELLO !", "imrest": { "numeric": true } })
        );
        assert!(!up.sync && !up.transient && !up.mention_all);
    }

    #[test]
    fn every_type_has_its_kind_and_back() {
        for (number_, kind_) in [
            (-1, "text"),
            (-2, "image"),
            (-3, "voice"),
            (-4, "video"),
            (-5, "location"),
            (-6, "file"),
        ] {
            assert_eq!(kind(number_), Some(kind_));
            assert_eq!(number(kind_).map(i64::from), Some(number_));
        }
        for none in [0, 1, -7, i64::MIN, i64::MAX] {
            assert_eq!(kind(none), None);
        }
        assert_eq!(number("card"), None);
    }

    #[test]
    fn what_is_missing_and_what_is_wrong() {
        let with = |name: &str, value: Value| {
            let mut all = json!({ "from_client": "a", "type": -2, "url": "/a.png" });
            all[name] = value;
            read(all).map(|_| 0).unwrap_or_else(|failure| failure.code)
        };
        assert_eq!(with("x", json!(1)), 0);
        for (name, value, code) in [
            ("from_client", Value::Null, 4001),
            ("from_client", json!({}), 4406),
            ("type", Value::Null, 4001),
            ("type", json!(-7), 4406),
            ("type", json!(-1), 4001),
            ("url", Value::Null, 4001),
            ("url", json!("javascript:x"), 4406),
            ("url", json!(1), 4406),
            ("text", json!([]), 4406),
            ("attr", json!("x".repeat(9000)), 4406),
            ("transient", json!(2), 4406),
            ("no_sync", json!("x"), 4406),
            ("mention_all", json!({}), 4406),
            ("mention_client_ids", json!("x"), 4406),
            ("mention_client_ids", json!([[]]), 4406),
            ("mention_client_ids", json!("null"), 0),
            ("mention_client_ids", json!("[\"a\"]"), 0),
        ] {
            assert_eq!(with(name, value.clone()), code, "{name} {value}");
        }
    }

    #[test]
    fn a_transient_message_has_a_name() {
        let mut up = read(json!({ "from_client": "a", "type": -1, "text": "x", "transient": 1 })).unwrap();
        up.name("ab");
        assert_eq!(up.body["imrest"], json!({ "id": "ab" }));
    }
}
