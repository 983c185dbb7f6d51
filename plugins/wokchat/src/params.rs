//! The fields of a request or a frame, from wherever they came: query, form, multipart or JSON.
//!
//! Clients are written in PHP and JavaScript, so a number may be a string and the other way round, and an empty text is
//! an absent one.

use serde_json::{Map, Value};
use switchboard_plugin::host::types::Param;

use crate::fault::Fault;

/// The longest uid, in bytes.
const UID_BYTES: usize = 64;
/// Ids are below this: a client in JavaScript keeps them in a double.
const ID_END: u64 = 1 << 53;

/// Named values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Params(pub Map<String, Value>);

impl Params {
    /// Of a JSON object; none if the text is anything else.
    pub fn of_json(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// Adds names and values of a query or a form; what is there already gives way.
    pub fn add(&mut self, params: &[Param]) {
        for param in params {
            self.0.insert(param.name.clone(), Value::from(param.value.clone()));
        }
    }

    /// Whether there is such a name, whatever its value is.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A text or number as text; none if it is absent or null. Empty texts count.
    pub fn given(&self, name: &str) -> Result<Option<String>, Fault> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(Fault(format!("{name}格式错误"))),
        }
    }

    /// The same; an empty text is an absent one.
    pub fn text(&self, name: &str) -> Result<Option<String>, Fault> {
        Ok(self.given(name)?.filter(|text| !text.is_empty()))
    }

    /// A text that must be there.
    pub fn required(&self, name: &str) -> Result<String, Fault> {
        self.text(name)?.ok_or_else(|| Fault(format!("{name}不能为空")))
    }

    /// A user's id: 1 to 64 bytes.
    pub fn uid(&self, name: &str) -> Result<String, Fault> {
        let uid = self.required(name)?;
        if uid.len() > UID_BYTES || uid.chars().any(char::is_control) {
            return Err(Fault(format!("{name}格式错误")));
        }
        Ok(uid)
    }

    /// A whole number that must be there.
    pub fn whole(&self, name: &str) -> Result<u64, Fault> {
        whole(name, &self.required(name)?)
    }

    /// A whole number that may be absent.
    pub fn whole_or(&self, name: &str, otherwise: u64) -> Result<u64, Fault> {
        self.text(name)?.map_or(Ok(otherwise), |text| whole(name, &text))
    }

    /// An id that must be there, as the server writes it.
    pub fn id(&self, name: &str) -> Result<String, Fault> {
        Ok(self.whole(name)?.to_string())
    }

    /// How many rows to answer: from 1 to `most`; 0 and nothing stand for `otherwise`.
    pub fn page_size(&self, otherwise: u32, most: u32) -> Result<u32, Fault> {
        let size = match self.whole_or("pagesize", 0)? {
            0 => otherwise,
            size => u32::try_from(size).unwrap_or(most),
        };
        Ok(size.min(most))
    }
}

fn whole(name: &str, text: &str) -> Result<u64, Fault> {
    let number = text.parse::<u64>().ok().filter(|number| *number < ID_END);
    number.ok_or_else(|| Fault(format!("{name}必须是数字")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(text: &str) -> Params {
        Params::of_json(text).unwrap()
    }

    #[test]
    fn numbers_and_texts_are_the_same() {
        let params = params(r#"{"a":7,"b":"7","c":"","d":null,"e":[7],"f":"x","g":-1,"h":1.5,"i":9007199254740992}"#);
        assert_eq!(params.whole("a"), Ok(7));
        assert_eq!(params.id("b").unwrap(), "7");
        assert_eq!(params.whole("c"), Err(Fault::new("c不能为空")));
        assert_eq!(params.whole_or("d", 3), Ok(3));
        assert_eq!(params.whole_or("missing", 3), Ok(3));
        assert_eq!(params.text("e"), Err(Fault::new("e格式错误")));
        for name in ["f", "g", "h", "i"] {
            assert_eq!(params.whole(name), Err(Fault(format!("{name}必须是数字"))));
        }
        assert_eq!(params.given("c"), Ok(Some(String::new())));
    }

    #[test]
    fn uids_are_short_texts() {
        let long = "x".repeat(65);
        let params = params(&format!(
            r#"{{"a":"alice","b":100164,"c":"{long}","d":"a\nb","e":true}}"#
        ));
        assert_eq!(params.uid("a").unwrap(), "alice");
        assert_eq!(params.uid("b").unwrap(), "100164");
        for name in ["c", "d", "e"] {
            assert!(params.uid(name).is_err(), "{name}");
        }
    }

    #[test]
    fn pages_are_bounded() {
        assert_eq!(params("{}").page_size(20, 100), Ok(20));
        assert_eq!(params(r#"{"pagesize":0}"#).page_size(20, 100), Ok(20));
        assert_eq!(params(r#"{"pagesize":"7"}"#).page_size(20, 100), Ok(7));
        assert_eq!(params(r#"{"pagesize":9000000000}"#).page_size(20, 100), Ok(100));
        assert!(params(r#"{"pagesize":"x"}"#).page_size(20, 100).is_err());
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,60}", name in "[a-z]{1,3}") {
            if let Some(params) = Params::of_json(&format!(r#"{{"{name}":{}}}"#, Value::from(text))) {
                let _ = (params.uid(&name), params.whole(&name), params.page_size(1, 2));
            }
        }
    }
}
