//! Nothing half done and no silenced lint is left behind, in code or in comments.

use super::Finding;
use super::source::{Source, reads, tokens};

const RULE: &str = "leftovers";
const MARKS: &[&str] = &["TODO", "FIXME", "XXX"];
const MACROS: &[&str] = &["todo", "unimplemented", "dbg"];

/// Checks all of a file, tests too; the insides of strings do not count.
pub fn check(source: &Source) -> Vec<Finding> {
    let finding = |line, what: String| Finding::new(&source.path, line, RULE, what);
    let mut findings = Vec::new();
    for token in tokens(&source.prose).iter().filter(|token| MARKS.contains(&token.text)) {
        findings.push(finding(
            token.line,
            format!("`{}`: do it, or say in a sentence why not", token.text),
        ));
    }
    let tokens = tokens(&source.code);
    for (at, token) in tokens.iter().enumerate() {
        let called = reads(&tokens, at + 1, &["!"]) && !reads(&tokens, at + 2, &["="]);
        if called && MACROS.contains(&token.text) {
            findings.push(finding(token.line, format!("`{}!` is not finished code", token.text)));
        }
        if reads(&tokens, at, &["#", "[", "allow"]) || reads(&tokens, at, &["#", "!", "[", "allow"]) {
            findings.push(finding(
                token.line,
                "expect a lint with its reason instead of allowing it".into(),
            ));
        }
        if reads(&tokens, at, &["#", "[", "ignore", "]"]) {
            findings.push(finding(
                token.line,
                "an ignored test says why: `#[ignore = \"…\"]`".into(),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        check(&Source::new("tests/src/story.rs", text)).len()
    }

    #[test]
    fn leftovers_are_found() {
        for text in [
            "// TODO later",
            "/* FIXME */",
            "/// XXX",
            "todo!()",
            "fn f() { unimplemented!(\"x\") }",
            "dbg!(a)",
            "#[allow(dead_code)]",
            "#![allow(dead_code)]",
            "#[ignore]",
        ] {
            assert_eq!(count(text), 1, "{text}");
        }
    }

    #[test]
    fn what_looks_alike_is_fine() {
        for text in [
            "let a = \"TODO\";",
            "struct XXXL;",
            "#[ignore = \"needs a second machine\"]",
            "#[expect(dead_code, reason = \"x\")]",
            "let todo = 1; f(todo != 2);",
        ] {
            assert_eq!(count(text), 0, "{text}");
        }
    }
}
