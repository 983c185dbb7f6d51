//! `docs`: the reference of the plugin contract, `docs/wit.md`, made from the WIT and its doc comments. `test` checks that it
//! is what the contract says.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Where the contract is.
const CONTRACT: &str = "plugin-sdk/wit";
/// Where the reference goes.
const REFERENCE: &str = "docs/wit.md";

const HEAD: &str = "\
# The plugin contract

Made by `cargo xtask docs` from [plugin-sdk/wit](../plugin-sdk/wit), which decides. A plugin is a WebAssembly component: what
it exports of these interfaces is what it does, what it imports is what it may touch. The package is `{package}`.

";

/// Writes the reference.
pub fn write(root: &Path) -> Result<()> {
    let file = root.join(REFERENCE);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&file, reference(root)?).with_context(|| format!("cannot write {REFERENCE}"))
}

/// Fails if the reference is not what the contract says.
pub fn check(root: &Path) -> Result<()> {
    let there = fs::read_to_string(root.join(REFERENCE)).unwrap_or_default();
    if there != reference(root)? {
        bail!("{REFERENCE} is not what {CONTRACT} says: run `cargo xtask docs`");
    }
    Ok(())
}

fn reference(root: &Path) -> Result<String> {
    let read = |name: &str| {
        let file = format!("{CONTRACT}/{name}.wit");
        let text = fs::read_to_string(root.join(&file)).with_context(|| format!("cannot read {file}"))?;
        Ok::<_, anyhow::Error>(text)
    };
    let (types, hooks) = (read("types")?, read("hooks")?);
    let (dialect, capabilities) = (read("dialect")?, read("capabilities")?);
    let package = types
        .lines()
        .find_map(|line| line.strip_prefix("package ")?.strip_suffix(';'));
    let mut text = HEAD.replace("{package}", package.context("types.wit names no package")?);
    let mut hooks = interfaces(&hooks);
    hooks.extend(interfaces(&dialect));
    let capabilities = interfaces(&capabilities);
    let shared = interfaces(&types);
    let parts = [
        ("Hooks", "A plugin exports any of these.", &hooks),
        (
            "Capabilities",
            "A plugin imports any of these; `log` and `config` are always granted.",
            &capabilities,
        ),
        ("Types", "What the others use.", &shared),
    ];
    for (title, what, interfaces) in &parts {
        let _ = writeln!(text, "**{title}.** {what}\n\n| interface | what |\n|---|---|");
        for interface in *interfaces {
            let _ = writeln!(text, "| [{0}](#{0}) | {1} |", interface.name, interface.sentence());
        }
        text.push('\n');
    }
    for (_, _, interfaces) in &parts {
        for interface in *interfaces {
            interface.write(&mut text);
        }
    }
    Ok(format!("{}\n", text.trim_end()))
}

/// An interface as it stands in the contract.
#[derive(Debug, PartialEq, Eq)]
struct Interface<'a> {
    name: &'a str,
    about: String,
    lines: Vec<&'a str>,
}

/// The interfaces of a file, in order. They begin and end in the first column.
fn interfaces(text: &str) -> Vec<Interface<'_>> {
    let (mut found, mut about) = (Vec::new(), String::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(words) = line.strip_prefix("///") {
            about.push_str(words.trim());
            about.push('\n');
        } else if let Some(name) = line.strip_prefix("interface ").and_then(|rest| rest.split(' ').next()) {
            let lines = lines.by_ref().take_while(|line| *line != "}").collect();
            let about = std::mem::take(&mut about).trim().to_owned();
            found.push(Interface { name, about, lines });
        } else {
            about.clear();
        }
    }
    found
}

impl Interface<'_> {
    /// What it is, in a sentence for a table.
    fn sentence(&self) -> String {
        let text = self.about.replace('\n', " ");
        let end = text.find(". ").map_or(text.len(), |at| at + 1);
        text[..end].replace('|', "\\|")
    }

    fn write(&self, text: &mut String) {
        let _ = write!(text, "## {}\n\n", self.name);
        if !self.about.is_empty() {
            let _ = write!(text, "{}\n\n", self.about);
        }
        text.push_str("```wit\n");
        for line in &self.lines {
            let _ = writeln!(text, "{}", line.strip_prefix("  ").unwrap_or(line));
        }
        text.push_str("```\n\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIT: &str = "\
package a:b@0.1.0;

// Not this.

/// Says hello. And more.
/// Then more.
interface greeter {
  use types.{uid};
  /// To one.
  greet: func(who: uid);
}

interface bare {
}

world w { export greeter; }
";

    #[test]
    fn interfaces_come_with_their_words() {
        let found = interfaces(WIT);
        assert_eq!(found.iter().map(|of| of.name).collect::<Vec<_>>(), ["greeter", "bare"]);
        assert_eq!(found[0].sentence(), "Says hello.");
        let mut text = String::new();
        found[0].write(&mut text);
        assert_eq!(
            text,
            "## greeter\n\nSays hello. And more.\nThen more.\n\n```wit\nuse types.{uid};\n/// To one.\ngreet: func(who: \
             uid);\n```\n\n"
        );
    }
}
