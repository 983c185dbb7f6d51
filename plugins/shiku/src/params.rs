//! What a request asks: parameters of the query, fields of a form or of multipart, or the fields of a JSON object. What
//! the body says goes before what the address says.

use serde_json::Value;
use switchboard_plugin::hooks::dialect::{Content, Request};

use crate::envelope::Failure;
use crate::object;

/// The parameters of a request.
#[derive(Debug, Default)]
pub struct Params(Vec<(String, String)>);

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// 0, 1, 2 …
    pub index: u32,
    /// At most what the list allows.
    pub size: u32,
}

impl Page {
    /// How much comes before it.
    pub fn start(self) -> u32 {
        self.index.saturating_mul(self.size)
    }
}

impl Params {
    /// Those of a request.
    pub fn of(request: &Request) -> Self {
        let fields = match &request.content {
            Content::Form(fields) => fields.as_slice(),
            Content::Multipart(parts) => parts.fields.as_slice(),
            Content::None | Content::Text(_) | Content::Bytes(_) => &[],
        };
        let named = request.query.iter().chain(fields);
        let mut params: Vec<(String, String)> = named.map(|param| (param.name.clone(), param.value.clone())).collect();
        if let Content::Text(text) = &request.content
            && let Ok(Value::Object(object)) = serde_json::from_str(text)
        {
            params.extend(object.iter().map(|(name, value)| (name.clone(), object::text(value))));
        }
        Self(params)
    }

    /// A parameter that is there and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// A parameter that must be there.
    pub fn need(&self, name: &str) -> Result<&str, Failure> {
        self.get(name)
            .ok_or_else(|| Failure::because(format!("缺少参数: {name}")))
    }

    /// A parameter that is a whole number, if it is there.
    pub fn number(&self, name: &str) -> Result<Option<u64>, Failure> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value.trim().parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(wrong(name)),
        }
    }

    /// The part of a list, of at most `most`.
    pub fn page(&self, usual: u32, most: u32) -> Result<Page, Failure> {
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let size = self.number("pageSize")?.map_or(usual, small);
        if size == 0 {
            return Err(wrong("pageSize"));
        }
        Ok(Page {
            index: self.number("pageIndex")?.map_or(0, small),
            size: size.min(most),
        })
    }

    /// A JSON array of phones or numbers, as `[13112345611,"15825511111"]`; plain ones with commas are understood too.
    pub fn list(&self, name: &str) -> Result<Vec<String>, Failure> {
        let Some(text) = self.get(name) else {
            return Ok(Vec::new());
        };
        let mut list: Vec<String> = match serde_json::from_str(text) {
            Ok(Value::Array(values)) if values.iter().all(|value| value.is_number() || value.is_string()) => {
                values.iter().map(object::text).collect()
            }
            Ok(Value::Number(number)) => vec![number.to_string()],
            Ok(_) => return Err(wrong(name)),
            Err(_) if text.starts_with(['[', '{']) => return Err(wrong(name)),
            Err(_) => text.split(',').map(str::to_owned).collect(),
        };
        for item in &mut list {
            *item = item.trim().to_owned();
        }
        list.retain(|item| !item.is_empty());
        let mut seen = std::collections::HashSet::new();
        list.retain(|item| seen.insert(item.clone()));
        Ok(list)
    }
}

/// A parameter that is not what it must be.
pub fn wrong(name: &str) -> Failure {
    Failure::because(format!("参数错误: {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Params {
        Params(
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn lists_come_as_json_or_with_commas() {
        let list = |text| params(&[("phones", text)]).list("phones");
        assert_eq!(list("[100102,15730107952]").unwrap(), ["100102", "15730107952"]);
        assert_eq!(list(r#"[" 1 ","2","1"]"#).unwrap(), ["1", "2"]);
        assert_eq!(
            list("13112345611, 15825511111").unwrap(),
            ["13112345611", "15825511111"]
        );
        assert_eq!(list("13112345611").unwrap(), ["13112345611"]);
        assert!(list("[]").unwrap().is_empty() && list("").unwrap().is_empty());
        assert!(list("[1").is_err() && list(r#"{"a":1}"#).is_err() && list("[[1]]").is_err());
    }

    #[test]
    fn pages_are_bounded() {
        let page = |index, size| params(&[("pageIndex", index), ("pageSize", size)]).page(20, 100);
        assert_eq!(page("0", "50000").unwrap(), Page { index: 0, size: 100 });
        assert_eq!(page("", "").unwrap(), Page { index: 0, size: 20 });
        assert_eq!(page("99999999999", "7").unwrap().start(), u32::MAX);
        assert!(page("-1", "5").is_err() && page("x", "5").is_err() && page("0", "0").is_err());
    }
}
