//! Finding words in texts: without regard to case, and not inside of other Latin words.

/// Whether a text has one of these words or phrases. `human` is not found in `inhumane`, `人工` is found anywhere.
#[must_use]
pub fn has_any<'a>(text: &str, words: impl IntoIterator<Item = &'a String>) -> bool {
    let text = text.to_lowercase();
    words.into_iter().any(|word| has(&text, &word.to_lowercase()))
}

/// Both in lower case.
fn has(text: &str, word: &str) -> bool {
    if word.trim().is_empty() {
        return false;
    }
    let is_word = |letter: char| letter.is_ascii_alphanumeric();
    let (first, last) = (word.chars().next(), word.chars().next_back());
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        let joined =
            |inside: Option<char>, outside: Option<char>| inside.is_some_and(is_word) && outside.is_some_and(is_word);
        !joined(first, before) && !joined(last, after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str, word: &str) -> bool {
        has_any(text, &[word.to_owned()])
    }

    #[test]
    fn words_are_found_whole() {
        assert!(found("I want a HUMAN!", "human"));
        assert!(found("human", "Human"));
        assert!(!found("how inhumane, humans", "human"));
        assert!(found("an inhumane human", "human"), "a later place counts");
        assert!(found("请转人工吧", "转人工"));
        assert!(found("a real person please", "real person"));
        assert!(found("我要human帮忙", "human"));
        assert!(!found("anything", "") && !found("any thing", " "));
    }

    proptest! {
        #[test]
        fn a_word_between_spaces_is_found(before in "[a-z ]{0,20}", word in "[a-z]{1,8}", after in "[a-z ]{0,20}") {
            let text = format!("{before} {word} {after}");
            prop_assert!(found(&text, &word));
        }

        #[test]
        fn any_text_can_be_searched(text in ".{0,60}", word in ".{0,6}") {
            found(&text, &word);
        }
    }
}
