//! Texts with fields: `Hello {nickname}`. `{{` and `}}` stand for the braces themselves; an unknown field stays as it
//! is written, and what is filled in is not read again.

/// The longest text, in characters.
pub const TEXT_CHARS: usize = 2000;

/// Fills a text in; `field` answers a field's value.
pub fn fill(template: &str, mut field: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            out.push_str(brace);
            rest = after;
            continue;
        }
        let value = (brace == "{")
            .then(|| rest.split_once('}'))
            .flatten()
            .and_then(|(name, after)| {
                let value = field(name)?;
                rest = after;
                Some(value)
            });
        out.push_str(value.as_deref().unwrap_or(brace));
    }
    out.push_str(rest);
    match out.char_indices().nth(TEXT_CHARS) {
        Some((end, _)) => out[..end].to_owned(),
        None => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(template: &str) -> String {
        fill(template, |name| match name {
            "nickname" => Some("{uid}".to_owned()),
            "uid" => Some("u1".to_owned()),
            _ => None,
        })
    }

    #[test]
    fn fields_are_filled_once() {
        assert_eq!(run("Hello {nickname} ({uid})!"), "Hello {uid} (u1)!");
        assert_eq!(run("{{uid}} {{{uid}}}"), "{uid} {u1}");
        assert_eq!(run("{unknown} { } {uid"), "{unknown} { } {uid");
        assert_eq!(run("} 你{uid}好 {"), "} 你u1好 {");
        assert_eq!(run("{a{uid}}}"), "{au1}");
        assert_eq!(run(&"长".repeat(3000)).chars().count(), TEXT_CHARS);
    }

    proptest::proptest! {
        #[test]
        fn text_without_braces_stays(text in "[^{}]{0,50}") {
            proptest::prop_assert_eq!(run(&text), text);
        }

        #[test]
        fn escaped_text_comes_back(text in "[{}a-z ]{0,50}") {
            proptest::prop_assert_eq!(run(&text.replace('{', "{{").replace('}', "}}")), text);
        }
    }
}
