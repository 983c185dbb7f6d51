//! Lists that fit: an answer holds as many rows as there is room for, and says that there are more.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// The most bytes of rows in one answer, well below what a plugin may answer at once.
const LIST_BYTES: usize = 512 * 1024;

/// A page as both ways in answer it.
#[derive(Debug, Serialize)]
pub struct Page {
    list: Vec<Box<RawValue>>,
    has_more: bool,
}

impl Page {
    /// Of as many of these rows, the first first, as fit; and how many those are.
    pub fn of<T: Serialize>(rows: impl IntoIterator<Item = T>, has_more: bool) -> (Self, usize) {
        let mut page = Self {
            list: Vec::new(),
            has_more,
        };
        let mut bytes = 0;
        for row in rows {
            let Ok(row) = to_raw_value(&row) else { continue };
            bytes += row.get().len();
            // One row always fits, else there would be no way to get past it.
            if bytes > LIST_BYTES && !page.list.is_empty() {
                page.has_more = true;
                break;
            }
            page.list.push(row);
        }
        let fitting = page.list.len();
        (page, fitting)
    }

    /// The other way round.
    pub fn reversed(mut self) -> Self {
        self.list.reverse();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_cut_where_it_is_full() {
        let (page, fitting) = Page::of(["a", "b"], false);
        assert_eq!(fitting, 2);
        assert_eq!(
            serde_json::to_string(&page.reversed()).unwrap(),
            r#"{"list":["b","a"],"has_more":false}"#
        );
        let (page, fitting) = Page::of((0..9).map(|_| "x".repeat(100_000)), false);
        assert!(fitting == 5 && page.has_more);
        let (page, fitting) = Page::of(["x".repeat(LIST_BYTES * 2)], false);
        assert!(fitting == 1 && !page.has_more);
    }
}
