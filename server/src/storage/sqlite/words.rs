//! Text as words, the same for what is stored and for what is looked for. A character of a script without spaces
//! between words is a word, so that a phrase of them finds any part of a text; any other word is a run of letters and
//! digits, in lower case, and is found by its beginning. Pure.

use serde::Deserialize;

/// Words of a message at most.
const MOST: usize = 4096;
/// Words that are looked for at most.
const ASKED: usize = 32;

/// Words that follow one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase {
    words: Vec<String>,
    /// The last one is the beginning of a word.
    open: bool,
}

/// Scripts without spaces between words.
fn stands_alone(c: char) -> bool {
    matches!(u32::from(c),
        0x2E80..=0x30FF | 0x3100..=0x31FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF
        | 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x20000..=0x3FFFF)
}

fn split(text: &str, most: usize) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if words.len() >= most {
            return words;
        }
        let alone = stands_alone(c);
        if (alone || !c.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if alone && (c.is_alphanumeric() || !c.is_ascii_punctuation() && !c.is_whitespace() && !is_mark(c)) {
            words.push(c.to_string());
        } else if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words.truncate(most);
    words
}

/// Punctuation of those scripts.
fn is_mark(c: char) -> bool {
    matches!(u32::from(c), 0x3000..=0x3004 | 0x3008..=0x3020 | 0x3030 | 0x30FB)
}

/// A text as the index holds it.
pub(super) fn indexed(text: &str) -> String {
    split(text, MOST).join(" ")
}

/// What is looked for: what spaces part is found anywhere, what they do not part must be together.
pub(super) fn phrases(query: &str) -> Vec<Phrase> {
    let mut left = ASKED;
    let mut phrases = Vec::new();
    for part in query.split_whitespace() {
        let words = split(part, left);
        left -= words.len();
        if let Some(last) = words.last() {
            let open = !last.chars().all(stands_alone);
            phrases.push(Phrase { words, open });
        }
    }
    phrases
}

/// As FTS5 is asked for them. Words hold letters and digits only, so there is nothing to escape.
pub(super) fn expression(phrases: &[Phrase]) -> String {
    let terms: Vec<String> = phrases
        .iter()
        .map(|phrase| format!("\"{}\"{}", phrase.words.join(" "), if phrase.open { " *" } else { "" }))
        .collect();
    terms.join(" AND ")
}

/// Whether a text has all of them: what the index would say of it.
pub(super) fn found(phrases: &[Phrase], text: &str) -> bool {
    let words = split(text, MOST);
    phrases.iter().all(|phrase| {
        let Some((last, before)) = phrase.words.split_last() else {
            return true;
        };
        words.windows(phrase.words.len()).any(|window| {
            let Some((end, start)) = window.split_last() else {
                return false;
            };
            start == before && (end == last || phrase.open && end.starts_with(last.as_str()))
        })
    })
}

/// What of a body is text for people: the usual names at its top.
pub(super) fn of_body(body: &str) -> String {
    #[derive(Deserialize, Default)]
    struct Texts {
        #[serde(default)]
        text: serde_json::Value,
        #[serde(default)]
        title: serde_json::Value,
        #[serde(default)]
        name: serde_json::Value,
        #[serde(default)]
        caption: serde_json::Value,
        #[serde(default)]
        description: serde_json::Value,
    }
    let texts: Texts = serde_json::from_str(body).unwrap_or_default();
    let list = [texts.text, texts.title, texts.name, texts.caption, texts.description];
    let parts: Vec<&str> = list.iter().filter_map(serde_json::Value::as_str).collect();
    parts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_split_into_words() {
        for (text, words) in [
            ("Hello, World!", "hello world"),
            ("你好，世界。", "你 好 世 界"),
            ("iPhone15手机 a_b", "iphone15 手 机 a b"),
            ("こんにちは 안녕", "こ ん に ち は 안 녕"),
            ("Été ΣΑΣ", "été σασ"),
            ("…!? 　", ""),
        ] {
            assert_eq!(indexed(text), words, "{text}");
        }
        assert_eq!(split(&"a ".repeat(9000), MOST).len(), MOST);
    }

    #[test]
    fn what_is_asked_is_found_where_it_is() {
        let text = "Meet me at 上海虹桥火车站 tomorrow-morning";
        for (query, there) in [
            ("虹桥", true),
            ("火", true),
            ("上海 火车", true),
            ("上火", false),
            ("桥虹", false),
            ("tomo", true),
            ("omorrow", false),
            ("tomorrow-mor", true),
            ("morning-tomorrow", false),
            ("morning MEET", true),
            ("meet you", false),
        ] {
            assert_eq!(found(&phrases(query), text), there, "{query}");
        }
    }

    #[test]
    fn an_expression_has_nothing_of_the_asker_s_own() {
        let phrases = phrases("\"a\" OR b* NEAR(你好) place:c1 -x");
        assert_eq!(
            expression(&phrases),
            r#""a" * AND "or" * AND "b" * AND "near 你 好" AND "place c1" * AND "x" *"#
        );
        assert!(super::phrases("\" ' * ( )").is_empty());
    }

    #[test]
    fn texts_of_bodies() {
        assert_eq!(
            of_body(r#"{"text":"a","name":"b.pdf","size":3,"title":null}"#),
            "a\nb.pdf"
        );
        assert_eq!(of_body("[1]"), "");
    }
}
