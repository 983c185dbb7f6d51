//! Which rules' words a text has. Pure: no question to the server before there is something to say.

use crate::config::{Match, Rule};
use crate::literal;
use regex_lite::RegexBuilder;

/// The largest compiled pattern, in bytes.
const PATTERN_BYTES: usize = 256 * 1024;

/// A text that rules are tried on.
pub struct Tried<'t> {
    text: &'t str,
    lower: String,
}

impl<'t> Tried<'t> {
    /// A text to try.
    pub fn new(text: &'t str) -> Self {
        Tried {
            text,
            lower: text.to_lowercase(),
        }
    }
}

/// Whether a rule's words are in a text. Rules without words ask for none, and a message without a text meets only those.
/// A pattern that does not compile meets nothing and is told to `warn`.
pub fn met(rule: &Rule, tried: Option<&Tried<'_>>, warn: impl Fn(&str)) -> bool {
    match (&rule.pattern, &rule.keywords, tried) {
        (None, None, _) => true,
        (_, _, None) => false,
        (Some(pattern), _, Some(tried)) => by_pattern(rule, pattern, tried.text).unwrap_or_else(|error| {
            warn(&format!(
                "configuration: rule {}: pattern: {error}; the rule is skipped",
                rule.name
            ));
            false
        }),
        (None, Some(keywords), Some(tried)) => by_keywords(rule, keywords, tried.text, &tried.lower),
    }
}

fn by_keywords(rule: &Rule, keywords: &[String], text: &str, lower: &str) -> bool {
    let meets = |keyword: &String| {
        let folded = if rule.case_sensitive {
            keyword.clone()
        } else {
            keyword.to_lowercase()
        };
        let text = if rule.case_sensitive { text } else { lower };
        match rule.matching {
            Match::Exact => text.trim() == folded.trim(),
            Match::Any | Match::All => text.contains(&folded),
        }
    };
    let mut keywords = keywords.iter().filter(|keyword| !keyword.is_empty()).peekable();
    keywords.peek().is_some()
        && match rule.matching {
            Match::All => keywords.all(meets),
            Match::Any | Match::Exact => keywords.any(meets),
        }
}

fn by_pattern(rule: &Rule, pattern: &str, text: &str) -> Result<bool, regex_lite::Error> {
    if let Some(literal) = literal::required(pattern) {
        // The crate ignores case in ASCII only, and so does this.
        let there = if rule.case_sensitive {
            text.contains(&literal)
        } else {
            text.to_ascii_lowercase().contains(&literal.to_ascii_lowercase())
        };
        if !there {
            return Ok(false);
        }
    }
    let regex = RegexBuilder::new(pattern)
        .case_insensitive(!rule.case_sensitive)
        .size_limit(PATTERN_BYTES)
        .build()?;
    Ok(regex.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::cell::RefCell;

    fn meets(rule: serde_json::Value, text: &str) -> bool {
        let mut full = json!({ "name": "r", "reply": "x" });
        full.as_object_mut().unwrap().extend(rule.as_object().unwrap().clone());
        let rule: Rule = serde_json::from_value(full).unwrap();
        met(&rule, Some(&Tried::new(text)), |error| panic!("{error}"))
    }

    #[test]
    fn keywords_count_as_asked() {
        let any = json!({ "keywords": ["price", "多少钱"] });
        assert!(meets(any.clone(), "What is the PRICE?") && meets(any.clone(), "这个多少钱啊") && !meets(any, "hi"));
        let all = json!({ "keywords": ["ship", "china"], "match": "all" });
        assert!(meets(all.clone(), "Ship to China?") && !meets(all, "ship it"));
        let exact = json!({ "keywords": ["help", "?"], "match": "exact" });
        assert!(meets(exact.clone(), " Help ") && meets(exact.clone(), "?") && !meets(exact, "help me"));
        let sensitive = json!({ "keywords": ["VIP"], "case_sensitive": true });
        assert!(meets(sensitive.clone(), "VIP") && !meets(sensitive, "vip"));
        assert!(!meets(json!({ "keywords": [] }), "x") && !meets(json!({ "keywords": [""], "match": "all" }), "x"));
    }

    #[test]
    fn patterns_ignore_case_unless_asked() {
        let order = json!({ "pattern": r"order\s*#?\d+" });
        assert!(meets(order.clone(), "my ORDER #12") && !meets(order, "my order"));
        assert!(!meets(json!({ "pattern": "order", "case_sensitive": true }), "Order"));
        assert!(meets(json!({ "pattern": "(?:发货|物流)" }), "什么时候发货"));
    }

    #[test]
    fn a_broken_pattern_is_told_and_no_words_ask_for_none() {
        let rule = |text: &str| serde_json::from_str::<Rule>(text).unwrap();
        let broken = rule(r#"{ "name": "broken", "pattern": "(a", "reply": "x" }"#);
        let warnings = RefCell::new(Vec::new());
        let warn = |warning: &str| warnings.borrow_mut().push(warning.to_owned());
        assert!(!met(&broken, Some(&Tried::new("a")), warn));
        assert!(
            warnings.borrow()[0].starts_with("configuration: rule broken: pattern: "),
            "{warnings:?}"
        );
        let any = rule(r#"{ "name": "any", "reply": "x" }"#);
        assert!(met(&any, None, warn) && met(&any, Some(&Tried::new("a")), warn));
        let word = rule(r#"{ "name": "word", "keywords": ["a"], "reply": "x" }"#);
        assert!(!met(&word, None, warn));
    }
}
