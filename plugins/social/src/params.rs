//! Fields of a request's body or of a frame, read as clients send them: numbers may come as strings and strings as numbers,
//! an empty object may come as an empty array.

use serde_json::{Map, Value};
use switchboard_plugin::hooks::dialect::{Content, Request};

use crate::answer::{Done, Fault};

/// The longest list of users in one request.
const USERS: usize = 1_000;

/// The fields of an object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Params(pub Map<String, Value>);

impl Params {
    /// The fields of JSON text; nothing at all stands for no fields.
    ///
    /// # Errors
    /// `BAD` if it is no JSON object.
    pub fn parse(text: &str) -> Done<Self> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(Fault::bad("a JSON object is expected")),
            Err(error) => Err(Fault::bad(format!("bad JSON: {error}"))),
        }
    }

    /// The fields of a request's body, whether JSON or a form.
    ///
    /// # Errors
    /// `BAD` if it is neither.
    pub fn of(request: &Request) -> Done<Self> {
        let fields = match &request.content {
            Content::None => return Ok(Self::default()),
            Content::Text(text) => return Self::parse(text),
            Content::Bytes(_) => return Err(Fault::bad("a JSON object is expected")),
            Content::Form(fields) => fields,
            Content::Multipart(parts) => &parts.fields,
        };
        // Clients forget to say that JSON is JSON.
        if let [only] = fields.as_slice()
            && only.name.trim_start().starts_with('{')
        {
            let rest = if only.value.is_empty() {
                String::new()
            } else {
                format!("={}", only.value)
            };
            return Self::parse(&format!("{}{rest}", only.name));
        }
        let pairs = fields
            .iter()
            .map(|field| (field.name.clone(), field.value.clone().into()));
        Ok(Self(pairs.collect()))
    }

    /// A text, or a number as a text; none if it is absent, null or empty.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        text_of(self.0.get(name)?)
    }

    /// The same, which must be there.
    ///
    /// # Errors
    /// `BAD` with the field's name.
    pub fn need(&self, name: &str) -> Done<String> {
        self.text(name).ok_or_else(|| Fault::bad(format!("{name} is missing")))
    }

    /// A text that may be empty; none if it is absent or null.
    ///
    /// # Errors
    /// `BAD` if it is something else.
    pub fn words(&self, name: &str) -> Done<Option<String>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(Fault::bad(format!("{name} is a text"))),
        }
    }

    /// A whole number, not below 0; none if it is absent, null or empty.
    ///
    /// # Errors
    /// `BAD` if it is something else.
    pub fn whole(&self, name: &str) -> Done<Option<u64>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(value) => match whole_of(value) {
                Some(number) => Ok(Some(number)),
                None => Err(Fault::bad(format!("{name} is a whole number"))),
            },
        }
    }

    /// 1 or 0; none if it is absent or null.
    ///
    /// # Errors
    /// `BAD` if it is something else.
    pub fn flag(&self, name: &str) -> Done<Option<bool>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(value) => match whole_of(value) {
                Some(number @ (0 | 1)) => Ok(Some(number == 1)),
                _ => Err(Fault::bad(format!("{name} is 0 or 1"))),
            },
        }
    }

    /// A number of users: an array, or a text with commas. Each once, in order.
    ///
    /// # Errors
    /// `BAD` if it is something else or too long.
    pub fn users(&self, name: &str) -> Done<Vec<String>> {
        let bad = || Fault::bad(format!("{name} is an array of users"));
        let mut users: Vec<String> = match self.0.get(name) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(items)) => items.iter().map(text_of).collect::<Option<_>>().ok_or_else(bad)?,
            Some(Value::String(text)) => text.split(',').map(str::trim).map(str::to_owned).collect(),
            Some(Value::Number(number)) => vec![number.to_string()],
            Some(_) => return Err(bad()),
        };
        users.retain(|user| !user.is_empty());
        if users.len() > USERS {
            return Err(Fault::bad(format!("{name} has at most {USERS} users")));
        }
        let mut known = std::collections::HashSet::new();
        users.retain(|user| known.insert(user.clone()));
        Ok(users)
    }

    /// An object, which may come as JSON text, and empty as an array, null or nothing.
    ///
    /// # Errors
    /// `BAD` if it is something else.
    pub fn object(&self, name: &str) -> Done<Map<String, Value>> {
        let bad = || Fault::bad(format!("{name} is an object"));
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(fields)) => Ok(fields.clone()),
            Some(Value::Array(items)) if items.is_empty() => Ok(Map::new()),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(Map::new()),
            Some(Value::String(text)) => match serde_json::from_str(text) {
                Ok(Value::Object(fields)) => Ok(fields),
                Ok(Value::Array(items)) if items.is_empty() => Ok(Map::new()),
                _ => Err(bad()),
            },
            Some(_) => Err(bad()),
        }
    }
}

/// A text, or a number as a text; none if it is something else or empty.
#[must_use]
pub fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A whole number, or a text that is one.
#[must_use]
pub fn whole_of(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.as_u64(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn params(value: Value) -> Params {
        Params::parse(&value.to_string()).unwrap()
    }

    #[test]
    fn numbers_and_texts_stand_for_each_other() {
        let params = params(json!({ "a": 7, "b": "7", "c": "", "d": null, "e": [], "f": true, "g": "x", "h": -1 }));
        assert_eq!(params.text("a"), Some("7".into()));
        assert_eq!(
            (params.text("c"), params.text("d"), params.text("e")),
            (None, None, None)
        );
        assert_eq!(
            (params.whole("a"), params.whole("b"), params.whole("c")),
            (Ok(Some(7)), Ok(Some(7)), Ok(None))
        );
        assert!(params.whole("g").is_err() && params.whole("h").is_err() && params.whole("e").is_err());
        assert_eq!(params.flag("f"), Ok(Some(true)));
        assert!(params.flag("a").is_err());
        assert_eq!(params.words("c"), Ok(Some(String::new())));
        assert!(params.words("e").is_err());
    }

    #[test]
    fn users_come_in_several_shapes() {
        let params = params(json!({ "a": ["x", 7, "x"], "b": "x,7", "c": 7, "d": [{}], "e": {}, "f": "" }));
        assert_eq!(params.users("a"), Ok(vec!["x".to_owned(), "7".to_owned()]));
        assert_eq!(params.users("a"), params.users("b"));
        assert_eq!(params.users("c"), Ok(vec!["7".to_owned()]));
        assert!(params.users("d").is_err() && params.users("e").is_err());
        assert_eq!(params.users("f"), Ok(Vec::new()));
    }

    #[test]
    fn an_object_may_be_a_text() {
        let params =
            params(json!({ "a": { "x": 1 }, "b": "{\"x\":1}", "c": [], "d": "", "e": "x", "f": [1], "g": "[]" }));
        assert_eq!(params.object("a"), params.object("b"));
        for empty in ["c", "d", "g", "absent"] {
            assert_eq!(params.object(empty), Ok(Map::new()));
        }
        assert!(params.object("e").is_err() && params.object("f").is_err());
    }

    #[test]
    fn json_that_says_it_is_a_form_is_read() {
        use switchboard_plugin::host::types::Param;
        let field = |name: &str, value: &str| Param {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        let of = |fields| {
            let request = Request {
                method: "POST".to_owned(),
                path: "/".to_owned(),
                query: Vec::new(),
                headers: Vec::new(),
                content: Content::Form(fields),
                base: String::new(),
                remote: String::new(),
                id: String::new(),
            };
            Params::of(&request)
        };
        let expected = params(json!({ "app_id": 5, "name": "a=b" }));
        assert_eq!(of(vec![field("{\"app_id\":5,\"name\":\"a", "b\"}")]), Ok(expected));
        assert_eq!(of(vec![field("a", "b")]), Ok(params(json!({ "a": "b" }))));
    }

    proptest::proptest! {
        #[test]
        fn nothing_breaks_the_reading(text in ".{0,200}") {
            if let Ok(params) = Params::parse(&text) {
                for name in params.0.keys() {
                    let _ = (params.text(name), params.words(name), params.whole(name), params.flag(name));
                    let _ = (params.users(name), params.object(name));
                }
            }
        }
    }
}
