//! Names that say nothing about a thing are not given to files, modules or types.

use super::Finding;
use super::source::{Source, tokens};

const EMPTY: &[&str] = &[
    "util", "utils", "common", "manager", "managers", "helper", "helpers", "service", "services",
];

/// Checks the name of the file, its folders, and every type and module it defines.
pub fn check(source: &Source) -> Vec<Finding> {
    let finding = |line, name: &str, word: &str| {
        Finding::new(
            &source.path,
            line,
            "names",
            format!("`{name}`: `{word}` says nothing, name the duty"),
        )
    };
    let mut findings = Vec::new();
    for part in source.path.split('/') {
        findings.extend(empty_word(part.trim_end_matches(".rs")).map(|word| finding(1, part, &word)));
    }
    for pair in tokens(&source.code).windows(2) {
        if matches!(pair[0].text, "struct" | "enum" | "union" | "trait" | "type" | "mod") {
            findings.extend(empty_word(pair[1].text).map(|word| finding(pair[1].line, pair[1].text, &word)));
        }
    }
    findings
}

/// The first word of a `snake_case`, `kebab-case` or `CamelCase` name that is on the list.
fn empty_word(name: &str) -> Option<String> {
    let mut spaced = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            spaced.push(' ');
        }
        spaced.extend(if matches!(letter, '_' | '-') {
            ' '.to_lowercase()
        } else {
            letter.to_lowercase()
        });
    }
    spaced.split(' ').find(|word| EMPTY.contains(word)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_names_are_found() {
        for path in [
            "server/src/utils.rs",
            "tests/src/common/mod.rs",
            "plugins/chat-helper/src/lib.rs",
        ] {
            assert_eq!(check(&Source::new(path, "")).len(), 1, "{path}");
        }
        for text in [
            "struct ChatService;",
            "pub enum Managers {}",
            "trait Helper {}",
            "mod common;",
            "type Util = u8;",
        ] {
            assert_eq!(check(&Source::new("server/src/node.rs", text)).len(), 1, "{text}");
        }
    }

    #[test]
    fn words_that_only_contain_one_are_fine() {
        for text in [
            "struct Commonality;",
            "let service = helper;",
            "impl Service<Request> for Mount {}",
            "// utils",
        ] {
            assert!(check(&Source::new("server/src/node.rs", text)).is_empty(), "{text}");
        }
    }
}
