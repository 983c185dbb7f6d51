//! Walks through a JSON array of texts. The array is known to be valid JSON, so all there is to do is to find the quotes,
//! which is the dearest part of a call to a fresh instance.

/// Hands every text to `take`. Anything but an array of texts that are not empty is an error.
pub fn walk(array: &str, mut take: impl FnMut(&str)) -> Result<(), String> {
    let array = array.trim_ascii();
    let bytes = array.as_bytes();
    let mut at = usize::from(bytes.first() == Some(&b'['));
    while at > 0 {
        match bytes.get(at) {
            // In valid JSON nothing but space and a comma can stand between texts.
            Some(b',' | b' ' | b'\n' | b'\r' | b'\t') => at += 1,
            Some(b'"') => at = text(array, at, &mut take)?,
            Some(b']') if at + 1 == bytes.len() => return Ok(()),
            _ => break,
        }
    }
    Err("a list of texts is expected".to_owned())
}

/// Hands the text that begins at this quote to `take` and answers where it ends.
fn text(array: &str, quote: usize, take: &mut impl FnMut(&str)) -> Result<usize, String> {
    let bytes = array.as_bytes();
    let mut escaped = false;
    let mut at = quote + 1;
    loop {
        match bytes.get(at) {
            Some(b'"') => break,
            Some(b'\\') => {
                escaped = true;
                at += 2;
            }
            Some(_) => at += 1,
            None => return Err("a word does not end".to_owned()),
        }
    }
    if at == quote + 1 {
        return Err("a word must not be empty".to_owned());
    }
    if escaped {
        let word: String = serde_json::from_str(&array[quote..=at]).map_err(|error| error.to_string())?;
        take(&word);
    } else {
        take(&array[quote + 1..at]);
    }
    Ok(at + 1)
}

#[cfg(test)]
mod tests {
    use super::walk;

    fn all(array: &str) -> Result<Vec<String>, String> {
        let mut words = Vec::new();
        walk(array, |word| words.push(word.to_owned())).map(|()| words)
    }

    #[test]
    fn shapes_that_are_no_lists_of_texts_are_errors() {
        for bad in ["3", "null", "{}", "\"a\"", "[1]", "[\"a\",null]", "[[\"a\"]]", "[\"\"]"] {
            assert!(all(bad).is_err(), "{bad}");
        }
        assert_eq!(all(" [ ] ").unwrap(), Vec::<String>::new());
    }

    proptest::proptest! {
        #[test]
        fn reads_what_serde_writes(words in proptest::collection::vec("[\\PC\"\\\\\n,\\]]{1,6}", 0..9), pretty: bool) {
            let write = if pretty { serde_json::to_string_pretty } else { serde_json::to_string };
            proptest::prop_assert_eq!(all(&write(&words).unwrap()).unwrap(), words);
        }
    }
}
