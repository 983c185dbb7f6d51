//! `tidy`: the rules of the project that no compiler knows, as code.
//!
//! Each rule is a function from sources to findings, and each has a test that shows it can fail. A finding is one line,
//! `file:line: rule: what`.

mod documents;
mod headers;
mod imports;
mod leftovers;
mod names;
mod owners;
mod sizes;
mod source;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use source::Source;

/// Something a rule has to say about a line.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    file: String,
    line: usize,
    rule: &'static str,
    what: String,
    /// Warnings are printed and do not fail the check.
    warning: bool,
}

impl Finding {
    fn new(file: &str, line: usize, rule: &'static str, what: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line,
            rule,
            what: what.into(),
            warning: false,
        }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            file,
            line,
            rule,
            what,
            warning,
        } = self;
        write!(
            f,
            "{file}:{line}: {rule}: {}{what}",
            if *warning { "warning: " } else { "" }
        )
    }
}

/// A rule about one source file.
type SourceRule = fn(&Source) -> Vec<Finding>;

const SOURCE_RULES: &[SourceRule] = &[
    imports::check,
    owners::check,
    sizes::check,
    headers::check,
    names::check,
    leftovers::check,
];

/// Checks the workspace at `root`; prints what it finds and fails unless there are only warnings.
pub fn tidy(root: &Path) -> Result<()> {
    let mut files = Vec::new();
    list(root, root, &mut files)?;
    let mut findings = documents::check(root, &files);
    for file in files.iter().filter(|file| file.ends_with(".rs")) {
        let text = fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"))?;
        let source = Source::new(file, &text);
        findings.extend(SOURCE_RULES.iter().flat_map(|rule| rule(&source)));
    }
    findings.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    findings.dedup();
    for finding in &findings {
        println!("{finding}");
    }
    match findings.iter().filter(|finding| !finding.warning).count() {
        0 => Ok(()),
        broken => bail!("tidy: {broken} broken rules"),
    }
}

/// Lists the project's files as paths from `root` with forward slashes; skips hidden folders and what is built.
fn list(root: &Path, folder: &Path, files: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            let built = folder == root && matches!(name.as_ref(), "target" | "data");
            if !built && !name.starts_with('.') && name != "node_modules" {
                list(root, &path, files)?;
            }
        } else {
            let parts: Vec<_> = path
                .strip_prefix(root)?
                .iter()
                .map(|part| part.to_string_lossy())
                .collect();
            files.push(parts.join("/"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line() {
        let mut finding = Finding::new("server/src/node.rs", 7, "names", "`Node`");
        assert_eq!(finding.to_string(), "server/src/node.rs:7: names: `Node`");
        finding.warning = true;
        assert_eq!(finding.to_string(), "server/src/node.rs:7: names: warning: `Node`");
    }
}
