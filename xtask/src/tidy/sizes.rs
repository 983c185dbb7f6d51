//! How long a file and how deep a folder may get; tests do not count.

use super::Finding;
use super::source::Source;

const RULE: &str = "sizes";
const LONG: usize = 300;
const TOO_LONG: usize = 500;
const TOO_DEEP: usize = 3;

/// Checks the length of a file, and its depth if it belongs to the server.
pub fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let lines = shipped_lines(source);
    if lines > LONG {
        let mut finding = Finding::new(&source.path, 1, RULE, format!("{lines} lines without tests"));
        if lines > TOO_LONG {
            finding.what.push_str(&format!(", at most {TOO_LONG}"));
        } else {
            finding.what.push_str(&format!(", long from {LONG}"));
            finding.warning = true;
        }
        findings.push(finding);
    }
    if let Some(inside) = source.path.strip_prefix("server/src/") {
        let depth = inside.matches('/').count();
        if depth > TOO_DEEP {
            let what = format!("{depth} folders deep, at most {TOO_DEEP}");
            findings.push(Finding::new(&source.path, 1, RULE, what));
        }
    }
    findings
}

/// The file's lines, less those where only a test has code.
fn shipped_lines(source: &Source) -> usize {
    if source.is_test_file() {
        return 0;
    }
    let is_test = |(code, shipped): &(&str, &str)| !code.trim().is_empty() && shipped.trim().is_empty();
    let tests = source.code.lines().zip(source.shipped.lines()).filter(is_test).count();
    source.text.lines().count() - tests
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<String> {
        check(&Source::new(path, text))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn long_files_warn_and_longer_ones_fail() {
        assert!(findings("server/src/node.rs", &"a;\n".repeat(300)).is_empty());
        let warned = check(&Source::new("server/src/node.rs", &"a;\n".repeat(301)));
        assert!(warned[0].warning);
        let failed = check(&Source::new("plugin-sdk/src/lib.rs", &"a;\n".repeat(501)));
        assert!(!failed[0].warning);
    }

    #[test]
    fn tests_do_not_count() {
        let text = format!("a;\n#[cfg(test)]\nmod tests {{\n{}}}\n", "b;\n".repeat(600));
        assert!(findings("server/src/node.rs", &text).is_empty());
        assert!(findings("tests/src/story.rs", &"a;\n".repeat(600)).is_empty());
    }

    #[test]
    fn folders_are_not_nested_deep() {
        assert!(findings("server/src/a/b/c/d.rs", "").is_empty());
        assert_eq!(
            findings("server/src/a/b/c/d/e.rs", ""),
            ["server/src/a/b/c/d/e.rs:1: sizes: 4 folders deep, at most 3"]
        );
    }
}
