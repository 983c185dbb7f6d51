//! Which rule a text meets. Pure: no question to the server before there is something to say.

use crate::config::{Match, Rule};
use crate::literal;
use regex_lite::RegexBuilder;

/// The largest compiled pattern, in bytes.
const PATTERN_BYTES: usize = 256 * 1024;

/// The first rule that a text meets. A pattern that does not compile meets nothing and is told to `warn`.
pub fn first<'c>(rules: &'c [Rule], text: &str, warn: impl Fn(&str)) -> Option<&'c Rule> {
    let lower = text.to_lowercase();
    rules
        .iter()
        .enumerate()
        .find(|(number, rule)| match &rule.pattern {
            None => by_keywords(rule, text, &lower),
            Some(pattern) => by_pattern(rule, pattern, text).unwrap_or_else(|error| {
                warn(&format!(
                    "configuration: rules[{number}] ({}): pattern: {error}; the rule is skipped",
                    rule.name
                ));
                false
            }),
        })
        .map(|(_, rule)| rule)
}

fn by_keywords(rule: &Rule, text: &str, lower: &str) -> bool {
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
    let mut keywords = rule.keywords.iter().filter(|keyword| !keyword.is_empty()).peekable();
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
        first(&[rule], text, |error| panic!("{error}")).is_some()
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
    fn the_first_counts_and_a_broken_one_is_told() {
        let rules: Vec<Rule> = serde_json::from_value(json!([
            { "name": "broken", "pattern": "(a", "reply": "x" },
            { "name": "one", "keywords": ["a"], "reply": "x" },
            { "name": "two", "keywords": ["a"], "reply": "y" },
        ]))
        .unwrap();
        let warnings = RefCell::new(Vec::new());
        let found = first(&rules, "a", |warning| warnings.borrow_mut().push(warning.to_owned()));
        assert_eq!(found.unwrap().name, "one");
        assert!(
            warnings.borrow()[0].starts_with("configuration: rules[0] (broken): pattern: "),
            "{warnings:?}"
        );
    }
}
