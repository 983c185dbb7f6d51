//! Credentials that guests pass on without seeing them. What is sealed becomes a short placeholder that nobody can
//! guess; it is worth something only to the call it was made in, and the real text is put back where it leaves the
//! server. The real texts are never logged, and go with the call.

mod scan;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use self::scan::{Place, places, string_literals};
use crate::model::Random;

/// What every placeholder begins with. All of its characters pass unchanged through JSON, forms, URLs and HTML.
const WORD: &str = "sealed-";
/// Digits of the random part, and of the number behind it: no placeholder is the beginning of another.
const CHANCE: usize = 16;
const NUMBER: usize = 8;
/// How many times JSON may be a string inside JSON for its texts to be put back with the right escapes.
const NESTED: u32 = 4;

/// Names whose values are credentials: anywhere, or with a leading slash only at that place from the top, as `/token` or
/// `/data/token`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(Vec<String>);

impl Names {
    /// These names.
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        let says_something = |name: &String| !name.trim_start_matches('/').is_empty();
        Self(names.into_iter().filter(says_something).collect())
    }

    /// Whether a parameter or a field is one of them: it stands at the top.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|own| own.strip_prefix('/').unwrap_or(own) == name)
    }

    /// Whether a value in JSON is, by the names that lead to it.
    fn lead_to<'n>(&self, names: &[Cow<'n, str>]) -> bool {
        let Some(last) = names.last() else { return false };
        self.0.iter().any(|own| match own.strip_prefix('/') {
            None => own == last,
            Some(path) => path.split('/').eq(names.iter().map(AsRef::as_ref)),
        })
    }

    /// Whether a header is: case does not matter there.
    pub fn has_header(&self, name: &str) -> bool {
        self.0.iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Whether none of them can be a name in this JSON: a cheap look before reading it.
    fn are_absent(&self, json: &str) -> bool {
        // A name may be written with escapes.
        let last = |name: &String| name.rsplit('/').next().is_some_and(|last| json.contains(last));
        !json.contains('\\') && !self.0.iter().any(last)
    }
}

/// The texts that a call has sealed.
#[derive(Clone)]
pub struct Seal {
    random: Arc<dyn Random>,
    /// What its placeholders begin with; drawn when the first is made.
    mark: String,
    texts: Vec<String>,
}

impl Seal {
    /// An empty one, with placeholders of its own.
    pub const fn new(random: Arc<dyn Random>) -> Self {
        Self {
            random,
            mark: String::new(),
            texts: Vec::new(),
        }
    }

    /// Seals a text and answers its placeholder. An empty text hides nothing and stays as it is, so that a guest can
    /// tell what is missing.
    pub fn text(&mut self, text: String) -> String {
        if text.is_empty() {
            return text;
        }
        if self.mark.is_empty() {
            let mut bytes = [0; CHANCE / 2];
            self.random.fill(&mut bytes);
            self.mark = format!("{WORD}{}-", hex::encode(bytes));
        }
        let placeholder = format!("{}{:0NUMBER$x}", self.mark, self.texts.len());
        self.texts.push(text);
        placeholder
    }

    /// Seals the value of a parameter or field, if its name is one of these.
    pub fn param(&mut self, names: &Names, name: &str, value: &mut String) {
        if names.has(name) {
            *value = self.text(std::mem::take(value));
        }
    }

    /// Seals the value of a header, if its name is one of these. The scheme of an `authorization` stays in sight.
    pub fn header(&mut self, names: &Names, name: &str, value: &mut String) {
        if !names.has_header(name) {
            return;
        }
        let open = match value.split_once(' ') {
            Some((scheme, _)) if name.eq_ignore_ascii_case("authorization") => scheme.len() + 1,
            _ => 0,
        };
        let hidden = self.text(value.split_off(open));
        value.push_str(&hidden);
    }

    /// Seals strings and numbers under these names in a JSON text, at any depth and inside arrays. All other bytes stay
    /// as they are, and so does a text that is no JSON.
    pub fn json(&mut self, names: &Names, json: String) -> String {
        if names.are_absent(&json) {
            return json;
        }
        let Some(places) = places(&json, names) else {
            return json;
        };
        let mut sealed = String::with_capacity(json.len());
        let mut done = 0;
        for Place { start, end } in places {
            let literal = &json[start..end];
            let text = scan::unquoted(literal).into_owned();
            if text.is_empty() {
                continue;
            }
            sealed.push_str(&json[done..start]);
            // Writing to a string does not fail.
            let _ = write!(sealed, "\"{}\"", self.text(text));
            done = end;
        }
        sealed.push_str(&json[done..]);
        sealed
    }

    /// Puts the real texts back, wherever their placeholders are. In JSON they are escaped as strings are, also in JSON
    /// that is a string inside JSON.
    pub fn unseal(&self, text: &str) -> String {
        self.opened(text, NESTED).into_owned()
    }

    /// The same in place: a text without placeholders is not copied.
    pub fn open(&self, text: &mut String) {
        if let Cow::Owned(opened) = self.opened(text, NESTED) {
            *text = opened;
        }
    }

    fn opened<'a>(&self, text: &'a str, depth: u32) -> Cow<'a, str> {
        if self.texts.is_empty() || !text.contains(&self.mark) {
            return Cow::Borrowed(text);
        }
        match string_literals(text).filter(|_| depth > 0) {
            Some(literals) => Cow::Owned(self.opened_json(text, literals, depth - 1)),
            None => Cow::Owned(self.replaced(text)),
        }
    }

    fn opened_json(&self, json: &str, literals: Vec<Place>, depth: u32) -> String {
        let mut opened = String::with_capacity(json.len());
        let mut done = 0;
        for Place { start, end } in literals {
            let literal = &json[start..end];
            if !literal.contains(&self.mark) {
                continue;
            }
            opened.push_str(&json[done..start]);
            let content = scan::unquoted(literal);
            opened.push_str(&quoted(&self.opened(&content, depth)));
            done = end;
        }
        opened.push_str(&json[done..]);
        opened
    }

    /// The same without regard to what the text is.
    fn replaced(&self, text: &str) -> String {
        let mut pieces = text.split(&self.mark);
        let mut opened = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let number = piece
                .get(..NUMBER)
                .and_then(|digits| usize::from_str_radix(digits, 16).ok());
            match number.and_then(|number| self.texts.get(number)) {
                Some(text) => {
                    opened.push_str(text);
                    opened.push_str(&piece[NUMBER..]);
                }
                None => {
                    opened.push_str(&self.mark);
                    opened.push_str(piece);
                }
            }
        }
        opened
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seal({} texts)", self.texts.len())
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
