//! The documents a reader counts on are there and stay short.

use std::collections::BTreeSet;
use std::path::Path;

use super::Finding;

const RULE: &str = "documents";
const MAP: &str = "ARCHITECTURE.md";
const MAP_LINES: usize = 200;

/// Checks the documents among `files`, all files of the project.
pub fn check(root: &Path, files: &[String]) -> Vec<Finding> {
    let map = std::fs::read_to_string(root.join(MAP)).ok();
    plugins(files).into_iter().chain(architecture(map.as_deref())).collect()
}

fn plugins(files: &[String]) -> Vec<Finding> {
    let inside = files
        .iter()
        .filter_map(|file| file.strip_prefix("plugins/")?.split_once('/'));
    let plugins: BTreeSet<&str> = inside.map(|(plugin, _)| plugin).collect();
    let readmes = plugins.into_iter().map(|plugin| format!("plugins/{plugin}/README.md"));
    let missing = readmes.filter(|readme| !files.contains(readme));
    missing
        .map(|readme| Finding::new(&readme, 1, RULE, "every plugin says what it does and how to set it up"))
        .collect()
}

fn architecture(map: Option<&str>) -> Vec<Finding> {
    let what = match map.map(|text| text.lines().count()) {
        None => "the map of the code is missing".to_owned(),
        Some(lines) if lines > MAP_LINES => format!("{lines} lines, at most {MAP_LINES}"),
        Some(_) => return Vec::new(),
    };
    vec![Finding::new(MAP, 1, RULE, what)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plugin_has_a_readme() {
        let files = [
            "plugins/a/README.md",
            "plugins/a/src/lib.rs",
            "plugins/b/src/README.md",
            "plugins/b/Cargo.toml",
        ];
        let found = plugins(&files.map(str::to_owned));
        assert_eq!(
            found.iter().map(|finding| finding.file.as_str()).collect::<Vec<_>>(),
            ["plugins/b/README.md"]
        );
    }

    #[test]
    fn the_map_is_there_and_short() {
        assert_eq!(architecture(None).len(), 1);
        assert_eq!(architecture(Some(&"a\n".repeat(201))).len(), 1);
        assert!(architecture(Some(&"a\n".repeat(200))).is_empty());
    }
}
