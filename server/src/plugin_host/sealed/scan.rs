//! Finds places in a JSON text without changing or building anything. It takes a little more than the standard allows
//! (any escape, any character in a string), so that no reader finds a value where this one has found none.

use std::borrow::Cow;

use super::Names;

/// Where a string (with its quotes) or a number is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub start: usize,
    pub end: usize,
}

/// The strings and numbers under these names, in order; none if the text is no JSON.
pub fn places(json: &str, names: &Names) -> Option<Vec<Place>> {
    let mut found = Vec::new();
    Scanner::new(json).document(|value| {
        if value.kind != Kind::Word && names.lead_to(&value.names()) {
            found.push(value.place);
        }
    })?;
    Some(found)
}

/// All strings but names, in order; none if the text is no JSON object or array.
pub fn string_literals(json: &str) -> Option<Vec<Place>> {
    if !json.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let mut found = Vec::new();
    Scanner::new(json).document(|value| {
        if value.kind == Kind::Text {
            found.push(value.place);
        }
    })?;
    Some(found)
}

/// What a string says, or a number as it is written.
pub fn unquoted(literal: &str) -> Cow<'_, str> {
    let Some(inner) = literal.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Cow::Borrowed(literal);
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    // What cannot be read says what it looks like.
    serde_json::from_str(literal).map_or(Cow::Borrowed(inner), Cow::Owned)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Word,
}

/// A string, a number or a word, and the name it stands under, itself or with the array it is in.
struct Value<'t, 'f> {
    place: Place,
    kind: Kind,
    name: Option<&'t str>,
    /// What it is inside of, outermost first.
    frames: &'f [Frame<'t>],
}

/// What a value is inside of, and the name that stands under.
enum Frame<'t> {
    Object(Option<&'t str>),
    Array(Option<&'t str>),
}

impl<'t> Value<'t, '_> {
    /// The names that lead to it from the top; arrays have none of their own.
    fn names(&self) -> Vec<Cow<'t, str>> {
        let under = self.frames.iter().filter_map(|frame| match frame {
            Frame::Object(name) => *name,
            Frame::Array(_) => None,
        });
        under.chain(self.name).map(unquoted).collect()
    }
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    const fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// Reads one value with all that is in it, and nothing but blanks around it.
    fn document(mut self, mut found: impl FnMut(Value<'t, '_>)) -> Option<()> {
        let mut stack = Vec::new();
        let mut name = None;
        loop {
            match self.blank()? {
                b'{' if self.opens(b'}') => {
                    stack.push(Frame::Object(name));
                    name = Some(self.name()?);
                    continue;
                }
                b'[' if self.opens(b']') => {
                    stack.push(Frame::Array(name));
                    continue;
                }
                b'{' | b'[' => {}
                _ => {
                    let (place, kind) = self.scalar()?;
                    found(Value {
                        place,
                        kind,
                        name,
                        frames: &stack,
                    });
                }
            }
            match self.next_value(&mut stack)? {
                Next::Value(under) => name = under,
                Next::End => return Some(()),
            }
        }
    }

    /// After a value: closes what ends here, up to where the next value begins.
    fn next_value(&mut self, stack: &mut Vec<Frame<'t>>) -> Option<Next<'t>> {
        loop {
            let next = self.blank();
            let Some(frame) = stack.last() else {
                return next.is_none().then_some(Next::End);
            };
            self.at += 1;
            match (frame, next?) {
                (Frame::Array(name), b',') => return Some(Next::Value(*name)),
                (Frame::Object(_), b',') => return self.name().map(|name| Next::Value(Some(name))),
                (Frame::Array(_), b']') | (Frame::Object(_), b'}') => stack.pop(),
                _ => return None,
            };
        }
    }

    /// Steps into an object or array; over it, and answers false, if it is empty.
    fn opens(&mut self, close: u8) -> bool {
        self.at += 1;
        let empty = self.blank() == Some(close);
        self.at += usize::from(empty);
        !empty
    }

    fn name(&mut self) -> Option<&'t str> {
        self.blank()?;
        let place = self.string()?;
        let colon = self.blank()? == b':';
        self.at += 1;
        colon.then(|| &self.text[place.start..place.end])
    }

    fn scalar(&mut self) -> Option<(Place, Kind)> {
        if self.peek()? == b'"' {
            return Some((self.string()?, Kind::Text));
        }
        let start = self.at;
        let inside = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        while self.peek().is_some_and(inside) {
            self.at += 1;
        }
        let end = self.at;
        let kind = match &self.text[start..end] {
            "true" | "false" | "null" => Kind::Word,
            number if number.bytes().next().is_some_and(|b| b == b'-' || b.is_ascii_digit()) => Kind::Number,
            _ => return None,
        };
        Some((Place { start, end }, kind))
    }

    /// From one quote to the next that no backslash precedes.
    fn string(&mut self) -> Option<Place> {
        let start = self.at;
        if self.peek()? != b'"' {
            return None;
        }
        loop {
            self.at += 1;
            match self.peek()? {
                b'\\' => self.at += 1,
                b'"' => break,
                _ => {}
            }
        }
        self.at += 1;
        Some(Place { start, end: self.at })
    }

    /// The first byte that is no blank.
    fn blank(&mut self) -> Option<u8> {
        while self.peek().is_some_and(|byte| b" \t\r\n".contains(&byte)) {
            self.at += 1;
        }
        self.peek()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

enum Next<'t> {
    Value(Option<&'t str>),
    End,
}
