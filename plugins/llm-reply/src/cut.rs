//! Cutting texts to a length in characters, where a reader would.

/// A text of at most so many characters: whole sentences if they fill a third of it, else whole words and an ellipsis.
#[must_use]
pub fn cut(text: &str, most: usize) -> String {
    let text = text.trim();
    let Some((end, _)) = text.char_indices().nth(most) else {
        return text.to_owned();
    };
    let head = &text[..end];
    let enough = |part: &&str| part.chars().count() * 3 >= most;
    if let Some(sentences) = to_sentence(head, &text[end..]).filter(enough) {
        return sentences.trim_end().to_owned();
    }
    // Room for the ellipsis.
    let end = head.char_indices().next_back().map_or(0, |(at, _)| at);
    let head = &head[..end];
    let words = head.rfind(char::is_whitespace).map(|at| &head[..at]).filter(enough);
    if most == 0 {
        return String::new();
    }
    format!("{}…", words.unwrap_or(head).trim_end())
}

/// Up to the end of the last sentence; `rest` is what follows.
fn to_sentence<'a>(head: &'a str, rest: &str) -> Option<&'a str> {
    let mut ends = head.char_indices().filter_map(|(at, letter)| {
        let end = at + letter.len_utf8();
        let next = head[end..].chars().next().or_else(|| rest.chars().next());
        ends_sentence(letter, next).then_some(end)
    });
    ends.next_back().map(|end| &head[..end])
}

/// A full stop ends a sentence only before a space: not in `9.99`.
fn ends_sentence(letter: char, next: Option<char>) -> bool {
    match letter {
        '。' | '！' | '？' | '…' | '\n' => true,
        '.' | '!' | '?' => next.is_none_or(char::is_whitespace),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_is_cut_where_a_sentence_ends() {
        assert_eq!(cut("  short. ", 20), "short.");
        assert_eq!(cut("One is 9.99 now. Two is more.", 20), "One is 9.99 now.");
        assert_eq!(cut("One. And a very long second sentence", 20), "One. And a very…");
        assert_eq!(cut("你好。我们明天发货。谢谢", 10), "你好。我们明天发货。");
        assert_eq!(cut("aaaaaaaaaaaaaaaaaaaaaaaaa", 10), "aaaaaaaaa…");
        assert_eq!(cut("first line\nsecond line that is long", 20), "first line");
        assert_eq!(cut("Ends here. Next", 10), "Ends here.");
        assert_eq!(cut("text", 0), "");
    }

    proptest! {
        #[test]
        fn it_is_never_longer_and_begins_alike(text in "[a-z。.!? 你好\n]{0,120}", most in 0_usize..60) {
            let shorter = cut(&text, most);
            prop_assert!(shorter.chars().count() <= most);
            let kept = shorter.trim_end_matches('…');
            prop_assert!(text.trim().starts_with(kept));
        }

        #[test]
        fn what_fits_stays(text in "\\S.{0,40}\\S") {
            prop_assert_eq!(cut(&text, 200), text.trim());
        }
    }
}
