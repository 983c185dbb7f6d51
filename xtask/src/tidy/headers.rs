//! Every file of the crates begins with a header that states its duty.

use super::Finding;
use super::source::Source;

/// Checks the first line of a file that is part of a crate's sources.
pub fn check(source: &Source) -> Vec<Finding> {
    let ships = ["server/src/", "plugin-sdk/", "plugins/", "xtask/src/"]
        .iter()
        .any(|f| source.path.starts_with(f))
        && source.path.contains("src/");
    if !ships || source.is_test_file() || source.text.starts_with("//!") {
        return Vec::new();
    }
    let what = "begin with `//!`: the duty of this file and what always holds";
    vec![Finding::new(&source.path, 1, "headers", what)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_state_their_duty() {
        for path in [
            "server/src/node.rs",
            "plugin-sdk/src/lib.rs",
            "plugin-sdk/macros/src/lib.rs",
            "plugins/a/src/lib.rs",
        ] {
            assert_eq!(check(&Source::new(path, "use a;")).len(), 1, "{path}");
            assert!(check(&Source::new(path, "//! Duty.\nuse a;")).is_empty(), "{path}");
        }
        assert!(check(&Source::new("tests/src/story.rs", "use a;")).is_empty());
    }
}
