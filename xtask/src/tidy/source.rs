//! A source file as the rules see it: without strings, without comments where they do not count, without tests.
//!
//! The scanner knows just enough of Rust to tell code from text. What it blanks keeps its length and its line breaks,
//! so that every position is still the one in the file.

use std::ops::Range;

/// One `.rs` file.
pub struct Source {
    /// Path from the workspace root, with forward slashes.
    pub path: String,
    /// The file as it is.
    pub text: String,
    /// Code and comments; the insides of strings are blank.
    pub prose: String,
    /// Code alone; strings and comments are blank.
    pub code: String,
    /// Code that ships: as `code`, without items under `#[cfg(test)]`.
    pub shipped: String,
}

/// A word, a number or a punctuation mark; `::` is one mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// As written.
    pub text: &'a str,
    /// Counted from 1.
    pub line: usize,
    start: usize,
}

impl Source {
    /// Scans `text`, the content of the file at `path`.
    pub fn new(path: &str, text: &str) -> Self {
        let regions = regions(text);
        let blank_if = |drop: fn(Kind) -> bool| {
            blank(
                text,
                regions
                    .iter()
                    .filter(|region| drop(region.0))
                    .map(|region| region.1.clone()),
            )
        };
        let prose = blank_if(|kind| kind == Kind::String);
        let code = blank_if(|_| true);
        let shipped = if is_test_file(path) {
            blank(&code, std::iter::once(0..code.len()))
        } else {
            blank(&code, tests_in(&code))
        };
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            prose,
            code,
            shipped,
        }
    }

    /// The top-level module of the server this file belongs to: `chat` for `server/src/chat/permission.rs`.
    pub fn server_module(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("server/src/")?;
        Some(inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs"))
    }

    /// Whether the whole file is test code.
    pub fn is_test_file(&self) -> bool {
        is_test_file(&self.path)
    }
}

fn is_test_file(path: &str) -> bool {
    path.split('/')
        .any(|part| part == "tests" || part == "tests.rs" || part.ends_with("_tests.rs"))
}

/// Splits code into tokens.
pub fn tokens(code: &str) -> Vec<Token<'_>> {
    let bytes = code.as_bytes();
    let (mut found, mut at, mut line) = (Vec::new(), 0, 1);
    while at < bytes.len() {
        let start = at;
        at += match bytes[at] {
            b'\n' => {
                line += 1;
                1
            }
            byte if is_word(byte) => bytes[at..].iter().take_while(|byte| is_word(**byte)).count(),
            b':' if bytes.get(at + 1) == Some(&b':') => 2,
            _ => 1,
        };
        if !bytes[start].is_ascii_whitespace() {
            found.push(Token {
                text: code.get(start..at).unwrap_or_default(),
                line,
                start,
            });
        }
    }
    found
}

/// Whether the tokens from `at` on read as `words`.
pub fn reads(tokens: &[Token<'_>], at: usize, words: &[&str]) -> bool {
    tokens
        .get(at..at + words.len())
        .is_some_and(|part| part.iter().zip(words).all(|(token, word)| token.text == *word))
}

/// Bytes of letters outside ASCII count as part of a word.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn blank(text: &str, ranges: impl IntoIterator<Item = Range<usize>>) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for at in ranges.into_iter().flatten() {
        if bytes[at] != b'\n' {
            bytes[at] = b' ';
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Comment,
    String,
}

/// The comments and the insides of strings and characters, in order.
fn regions(text: &str) -> Vec<(Kind, Range<usize>)> {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"//") {
            let end = at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            found.push((Kind::Comment, at..end));
            at = end;
        } else if rest.starts_with(b"/*") {
            let end = at + block_comment(rest);
            found.push((Kind::Comment, at..end));
            at = end;
        } else if rest[0] == b'"' {
            let end = at + 1 + escaped(&rest[1..], b'"');
            found.push((Kind::String, at + 1..end));
            at = end + 1;
        } else if rest[0] == b'\'' {
            let length = character(rest);
            found.push((Kind::String, at + 1..at + 1 + length));
            at += if length == 0 { 1 } else { length + 2 };
        } else if is_word(rest[0]) {
            let word = rest.iter().take_while(|byte| is_word(**byte)).count();
            at += word;
            if let Some((quote, inside)) = raw_string(&rest[..word], &rest[word..]) {
                found.push((Kind::String, at + quote..at + quote + inside));
                at += quote + inside + quote;
            }
        } else {
            at += 1;
        }
    }
    for (_, range) in &mut found {
        range.end = range.end.min(bytes.len());
    }
    found
}

/// The length of a block comment, with the comments nested in it.
fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        let mark = rest.get(at..at + 2).unwrap_or_default();
        at += match mark {
            b"/*" => {
                depth += 1;
                2
            }
            b"*/" => {
                depth -= 1;
                2
            }
            _ => 1,
        };
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of a text up to its closing quote.
fn escaped(rest: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    at.min(rest.len())
}

/// The length of a character literal's inside; 0 for a lifetime.
fn character(rest: &[u8]) -> usize {
    if rest.get(1) == Some(&b'\\') {
        return 2 + escaped(rest.get(3..).unwrap_or_default(), b'\'');
    }
    // One character is at most four bytes; a lifetime has no closing quote there.
    let inside = rest.get(1..).unwrap_or_default();
    let width = 1 + inside.iter().skip(1).take_while(|byte| **byte & 0xC0 == 0x80).count();
    if inside.get(width) == Some(&b'\'') { width } else { 0 }
}

/// For `r"…"`, `br#"…"#` and the like: the length of the opening mark after the word, and of the inside.
fn raw_string(word: &[u8], rest: &[u8]) -> Option<(usize, usize)> {
    if !matches!(word, b"r" | b"br" | b"cr") {
        return None;
    }
    let hashes = rest.iter().take_while(|byte| **byte == b'#').count();
    if rest.get(hashes) != Some(&b'"') {
        return None;
    }
    let inside = &rest[hashes + 1..];
    let closes =
        |tail: &[u8]| tail[0] == b'"' && tail[1..].iter().take(hashes).filter(|b| **b == b'#').count() == hashes;
    let length = (0..inside.len())
        .find(|at| closes(&inside[*at..]))
        .unwrap_or(inside.len());
    Some((hashes + 1, length))
}

/// The items under `#[cfg(test)]`, attribute included.
fn tests_in(code: &str) -> Vec<Range<usize>> {
    let tokens = tokens(code);
    let mut found: Vec<Range<usize>> = Vec::new();
    for at in 0..tokens.len() {
        let start = tokens[at].start;
        if reads(&tokens, at, &["#", "[", "cfg", "(", "test", ")", "]"]) && found.last().is_none_or(|r| r.end <= start)
        {
            found.push(start..item_end(&tokens[at + 7..], code.len()));
        }
    }
    found
}

/// Where the item that begins with `tokens` ends: its closing brace, or a semicolon before any brace opens.
fn item_end(tokens: &[Token<'_>], end_of_file: usize) -> usize {
    let (mut braces, mut brackets) = (0_usize, 0_usize);
    for token in tokens {
        match token.text {
            "{" => braces += 1,
            "(" | "[" => brackets += 1,
            ")" | "]" => brackets = brackets.saturating_sub(1),
            "}" => {
                braces = braces.saturating_sub(1);
                if braces == 0 {
                    return token.start + 1;
                }
            }
            ";" if braces == 0 && brackets == 0 => return token.start + 1,
            _ => {}
        }
    }
    end_of_file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_are_not_code() {
        let text =
            "let a = \"x \\\" y\"; // note\nlet r = br#\"raw \" raw\"#; /* a /* b */ c */ let c = '\"'; f::<'a>('\\'')";
        let source = Source::new("server/src/a.rs", text);
        assert_eq!(source.code.len(), text.len());
        let words: Vec<_> = tokens(&source.code).iter().map(|token| token.text).collect();
        let expected = "let a = \" \" ; let r = br # \" \" # ; let c = ' ' ; f :: < ' a > ( ' ' )";
        assert_eq!(words.join(" "), expected);
        assert!(source.prose.contains("// note") && !source.prose.contains("raw \" raw"));
    }

    #[test]
    fn unfinished_text_ends_with_the_file() {
        for text in ["\"abc\\", "/* abc", "r#\"abc", "'\\", "'", "b'", "// é"] {
            assert_eq!(Source::new("a.rs", text).code.len(), text.len(), "{text}");
        }
    }

    #[test]
    fn tests_do_not_ship() {
        let text =
            "use a;\n#[cfg(test)]\nuse b::{c, d};\nfn f() {}\n#[cfg(test)]\nmod tests { fn g() { {} } }\nfn h() {}";
        let shipped = Source::new("server/src/a.rs", text).shipped;
        let words: Vec<_> = tokens(&shipped).iter().map(|token| token.text).collect();
        assert_eq!(words.join(" "), "use a ; ; fn f ( ) { } fn h ( ) { }");
        assert_eq!(shipped.lines().count(), text.lines().count());
        assert!(Source::new("tests/src/story.rs", text).shipped.trim().is_empty());
    }

    #[test]
    fn tokens_know_their_line() {
        let found = tokens("a::b\n\nc");
        assert_eq!(
            found.iter().map(|t| (t.text, t.line)).collect::<Vec<_>>(),
            [("a", 1), ("::", 1), ("b", 1), ("c", 3)]
        );
    }

    #[test]
    fn files_know_their_module() {
        assert_eq!(
            Source::new("server/src/chat/permission.rs", "").server_module(),
            Some("chat")
        );
        assert_eq!(Source::new("server/src/node.rs", "").server_module(), Some("node"));
        assert_eq!(Source::new("xtask/src/main.rs", "").server_module(), None);
    }
}
