//! Pages, and the paginator around them.

use crate::answer::{Failure, Outcome};
use crate::fields::{Params, integer, optional};
use serde::Serialize;

/// The largest page; a larger `size` is this one.
const LARGEST: u32 = 100;
/// The last page that can be asked for.
const LAST: i64 = 10_000_000;

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// From 1.
    pub number: u32,
    /// Things on it.
    pub size: u32,
}

impl Page {
    /// Reads `page` and `size`.
    ///
    /// # Errors
    /// 4406.
    pub fn read(params: &Params, default_size: u32) -> Outcome<Self> {
        Ok(Self {
            number: whole(params, "page", 1)?,
            size: whole(params, "size", default_size)?.min(LARGEST),
        })
    }

    /// What comes before it.
    pub fn skip(self) -> u32 {
        (self.number - 1).saturating_mul(self.size)
    }

    /// The page with what is around it. `as_text`: the size is told as a text, as the document does in one place.
    pub fn of<T: Serialize>(self, data: Vec<T>, total: u64, as_text: bool) -> Paginator<T> {
        let size = u64::from(self.size);
        Paginator {
            current_page: self.number,
            data,
            last_page: total.div_ceil(size).max(1),
            per_page: if as_text {
                Size::Text(self.size.to_string())
            } else {
                Size::Number(self.size)
            },
            total,
        }
    }
}

fn whole(params: &Params, name: &str, default: u32) -> Outcome<u32> {
    let Some(value) = optional(params, name) else {
        return Ok(default);
    };
    let number = Some(integer(value, name)?).filter(|number| (1..=LAST).contains(number));
    number
        .and_then(|number| u32::try_from(number).ok())
        .ok_or_else(|| Failure::malformed(name, "must be a whole number from 1"))
}

/// A page, and how many there are.
#[derive(Debug, Serialize)]
pub struct Paginator<T> {
    current_page: u32,
    data: Vec<T>,
    last_page: u64,
    per_page: Size,
    total: u64,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Size {
    Text(String),
    Number(u32),
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: serde_json::Value) -> Outcome<Page> {
        Page::read(value.as_object().unwrap(), 20)
    }

    #[test]
    fn pages_are_counted_from_one() {
        assert_eq!(read(json!({})), Ok(Page { number: 1, size: 20 }));
        let page = read(json!({ "page": "3", "size": 5 })).unwrap();
        assert_eq!(page.skip(), 10);
        assert_eq!(read(json!({ "size": 1000 })).unwrap().size, 100);
        for bad in [
            json!({ "page": 0 }),
            json!({ "size": -1 }),
            json!({ "page": "x" }),
            json!({ "page": 1e30 }),
        ] {
            assert_eq!(read(bad).unwrap_err().code, 4406);
        }
    }

    #[test]
    fn the_paginator_is_the_documents() {
        let page = Page { number: 3, size: 2 };
        let text = crate::answer::json(&page.of(vec![1], 237, false));
        assert_eq!(
            text,
            r#"{"current_page":3,"data":[1],"last_page":119,"per_page":2,"total":237}"#
        );
        let text = crate::answer::json(&Page { number: 1, size: 20 }.of(Vec::<u8>::new(), 0, true));
        assert_eq!(
            text,
            r#"{"current_page":1,"data":[],"last_page":1,"per_page":"20","total":0}"#
        );
    }
}
