//! A text that every match of a pattern must contain: looking for it is far cheaper than compiling the pattern, and a
//! fresh instance would compile it for every message.
//!
//! Knows little of patterns and answers nothing where it is not sure.

/// The longest such text that is easy to see.
pub fn required(pattern: &str) -> Option<String> {
    if pattern.contains('|') {
        return None;
    }
    let mut best = String::new();
    let mut run = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            // What is in a group or class may be repeated or not, and flags may turn; what came before stands.
            '(' | '[' => break,
            '\\' => match chars.next()? {
                'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'b' | 'B' | 'A' | 'z' => end(&mut run, &mut best),
                escaped if escaped.is_ascii_punctuation() && escaped != '<' && escaped != '>' => run.push(escaped),
                _ => return None,
            },
            '*' | '?' | '{' => {
                // The character before need not be there.
                run.pop();
                end(&mut run, &mut best);
                if c == '{' {
                    chars.find(|c| *c == '}')?;
                }
            }
            '+' => {
                // One `+` takes nothing away, and a `?` behind it only makes it lazy; any further repetition may be none.
                let rest = chars.as_str();
                if rest.strip_prefix('?').unwrap_or(rest).starts_with(['?', '*', '+', '{']) {
                    run.pop();
                }
                end(&mut run, &mut best);
            }
            '.' | '^' | '$' | ']' | '}' | ')' => end(&mut run, &mut best),
            c => run.push(c),
        }
    }
    end(&mut run, &mut best);
    (!best.is_empty()).then_some(best)
}

fn end(run: &mut String, best: &mut String) {
    if run.len() > best.len() {
        best.clone_from(run);
    }
    run.clear();
}

#[cfg(test)]
mod tests {
    use super::required;

    #[test]
    fn the_longest_certain_run_is_found() {
        for (pattern, literal) in [
            ("price", Some("price")),
            ("how much.*order (now)?", Some("how much")),
            ("多少钱?", Some("多少")),
            ("ab*cde+f", Some("cde")),
            (r"\bfoo\.bar\d{3}", Some("foo.bar")),
            ("ab+?", Some("ab")),
            ("ab+??", Some("a")),
            ("ab+*", Some("a")),
            ("ab+{0}", Some("a")),
            ("a{0}", None),
            ("a|b", None),
            ("(?i)abc", None),
            ("[abc]", None),
            (r"\x41bc", None),
            ("", None),
        ] {
            assert_eq!(required(pattern).as_deref(), literal, "{pattern}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(4000))]
        #[test]
        fn no_match_goes_without_it(pattern in r"[ab.*+?()\[\]{}0-2,^$|\\dws-]{1,9}", text in "[ab01 .-]{0,12}") {
            if let Ok(regex) = regex_lite::Regex::new(&pattern)
                && let Some(found) = regex.find(&text)
                && let Some(literal) = required(&pattern)
            {
                proptest::prop_assert!(found.as_str().contains(&literal), "{} {} {}", pattern, text, literal);
            }
        }
    }
}
