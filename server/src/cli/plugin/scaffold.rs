//! The files of a new plugin: templates of a language, put together for the hooks that were asked for. Whoever writes a
//! plugin has this program and nothing else, so the contract comes along, and for Rust the crate it is written with.

use std::path::Path;

use anyhow::{Context as _, bail};

use crate::plugin_host::CONTRACT;

/// The SDK's sources and the contract: path and text.
const SDK: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/sdk.rs"));

/// In templates, where the plugin's name belongs.
const NAME: &str = "plugin-name";

/// A language that plugins are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// Small and fast.
    Rust,
    /// By componentize-js.
    Js,
    /// By componentize-py.
    Python,
}

/// A hook there is a template for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum HookTemplate {
    /// Hears what has happened, and answers.
    Observer,
    /// Allows, changes or refuses what is about to happen.
    Policy,
    /// Greets who opens a conversation.
    Opened,
    /// Owns a kind of messages.
    MessageType,
    /// Is called later.
    Timer,
    /// Runs what users type after a slash.
    Command,
    /// Answers HTTP requests.
    Endpoint,
}

/// A template of a hook.
struct Piece {
    hook: HookTemplate,
    /// What it exports, as in the contract.
    exports: &'static [&'static str],
    /// What it imports.
    imports: &'static [&'static str],
    /// It sends texts.
    says: bool,
    /// For Rust, JavaScript and Python.
    code: [&'static str; 3],
    /// The name of its story, and the story.
    story: (&'static str, &'static str),
}

macro_rules! piece {
    ($hook:ident, $name:literal, exports $exports:expr, imports $imports:expr, says $says:expr) => {
        Piece {
            hook: HookTemplate::$hook,
            exports: &$exports,
            imports: &$imports,
            says: $says,
            code: [
                include_str!(concat!("../../../templates/rust/hooks/", $name, ".rs")),
                include_str!(concat!("../../../templates/js/hooks/", $name, ".js")),
                include_str!(concat!("../../../templates/python/hooks/", $name, ".py")),
            ],
            story: (
                concat!("tests/", $name, ".toml"),
                include_str!(concat!("../../../templates/tests/", $name, ".toml")),
            ),
        }
    };
}

const PIECES: [Piece; 7] = [
    piece!(Observer, "observer", exports ["observer"], imports ["messages-send"], says true),
    piece!(Policy, "policy", exports ["policy"], imports [], says false),
    piece!(Opened, "opened", exports ["opened"], imports ["messages-send"], says true),
    piece!(Command, "command", exports ["command"], imports [], says false),
    piece!(Endpoint, "endpoint", exports ["endpoint"], imports [], says false),
    piece!(MessageType, "message-type", exports ["message-type"], imports [], says false),
    piece!(Timer, "timer", exports ["observer", "timer"], imports ["messages-send", "timers"], says true),
];

/// A file of a project: where, and what is in it.
pub type File = (String, String);

/// The files of a new plugin.
///
/// # Errors
/// If two of the hooks cannot be in one plugin.
pub fn files(name: &str, language: Language, hooks: &[HookTemplate]) -> anyhow::Result<Vec<File>> {
    let pieces: Vec<&Piece> = PIECES.iter().filter(|piece| hooks.contains(&piece.hook)).collect();
    let mut exports: Vec<&str> = pieces.iter().flat_map(|piece| piece.exports).copied().collect();
    exports.sort_unstable();
    if exports.windows(2).any(|pair| pair[0] == pair[1]) {
        bail!("the templates of `observer` and `timer` both have an observer: choose one, and change it to do both");
    }
    let mut files = match language {
        Language::Rust => rust(&pieces),
        Language::Js => javascript(&pieces),
        Language::Python => python(&pieces),
    };
    for (_, text) in &mut files {
        *text = text.replace(NAME, name);
    }
    if language != Language::Rust {
        files.push(("wit/world.wit".to_owned(), world(&pieces)));
        let contract = SDK.iter().filter_map(|(path, text)| {
            let file = path.strip_prefix("wit/")?;
            Some((format!("wit/deps/switchboard-plugin/{file}"), (*text).to_owned()))
        });
        files.extend(contract);
    }
    files.extend(pieces.iter().map(|piece| own(piece.story)));
    Ok(files)
}

/// Writes a new project into a folder that is not there yet.
///
/// # Errors
/// If it is, or cannot be made.
pub fn write(folder: &Path, files: &[File]) -> anyhow::Result<()> {
    if folder.exists() {
        bail!("{} is there already", folder.display());
    }
    for (path, text) in files {
        let file = folder.join(path);
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        }
        std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

fn own((path, text): (&str, &str)) -> File {
    (path.to_owned(), text.to_owned())
}

fn rust(pieces: &[&Piece]) -> Vec<File> {
    let code = joined(include_str!("../../../templates/rust/head.rs"), pieces, 0, "use ", "");
    let mut files = vec![
        own(("Cargo.toml", include_str!("../../../templates/rust/Cargo.toml"))),
        own((".gitignore", include_str!("../../../templates/rust/gitignore"))),
        own(("README.md", include_str!("../../../templates/rust/README.md"))),
        ("src/lib.rs".to_owned(), code),
    ];
    let manifests = [
        ("Cargo.toml", include_str!("../../../templates/sdk/Cargo.toml")),
        ("macros/Cargo.toml", include_str!("../../../templates/sdk/macros.toml")),
    ];
    let manifests = manifests.map(|(path, text)| (path, text.replace("sdk-version", env!("CARGO_PKG_VERSION"))));
    let sdk = SDK
        .iter()
        .map(|(path, text)| (*path, (*text).to_owned()))
        .chain(manifests);
    files.extend(sdk.map(|(path, text)| (format!("vendor/switchboard-plugin/{path}"), text)));
    files
}

fn javascript(pieces: &[&Piece]) -> Vec<File> {
    let head = include_str!("../../../templates/js/head.js");
    let say = include_str!("../../../templates/js/say.js");
    vec![
        own(("package.json", include_str!("../../../templates/js/package.json"))),
        own(("build.mjs", include_str!("../../../templates/js/build.mjs"))),
        own(("guard.js", include_str!("../../../templates/js/guard.js"))),
        own((".gitignore", include_str!("../../../templates/js/gitignore"))),
        own(("README.md", include_str!("../../../templates/js/README.md"))),
        ("plugin.js".to_owned(), joined(head, pieces, 1, "import ", say)),
    ]
}

fn python(pieces: &[&Piece]) -> Vec<File> {
    let head = include_str!("../../../templates/python/head.py");
    let say = include_str!("../../../templates/python/say.py");
    vec![
        own((
            "requirements.txt",
            include_str!("../../../templates/python/requirements.txt"),
        )),
        own((".gitignore", include_str!("../../../templates/python/gitignore"))),
        own(("README.md", include_str!("../../../templates/python/README.md"))),
        ("plugin.py".to_owned(), joined(head, pieces, 2, "from ", say)),
    ]
}

/// The head, then each piece; what they import goes together, before the head's first own line of the kind.
fn joined(head: &str, pieces: &[&Piece], language: usize, import: &str, say: &str) -> String {
    // The comment or docstring at the top stays at the top.
    let (top, head) = split_top(head);
    let is_import = |line: &&str| line.starts_with(import) || line.starts_with("import ");
    let code = pieces.iter().map(|piece| piece.code[language]);
    let mut imports: Vec<&str> = head.lines().filter(is_import).collect();
    imports.extend(code.clone().flat_map(|code| code.lines().filter(is_import)));
    imports.sort_unstable_by_key(|line| (!line.starts_with("import "), *line));
    imports.dedup();
    let rest = |text: &str| -> String {
        let lines: Vec<&str> = text.lines().filter(|line| !is_import(line)).collect();
        lines.join("\n").trim().to_owned()
    };
    let between = if import == "from " { "\n\n\n" } else { "\n\n" };
    let mut blocks = vec![rest(head)];
    blocks.extend(code.map(rest));
    blocks.retain(|block| !block.is_empty());
    let mut text = format!("{top}\n\n{}\n{between}{}\n", imports.join("\n"), blocks.join(between));
    text = text.replace(&format!("\n{between}"), between);
    if !say.is_empty() && pieces.iter().any(|piece| piece.says) {
        text.push_str(say);
    }
    text
}

/// The paragraph that begins a file, and the rest of it.
fn split_top(text: &str) -> (&str, &str) {
    let end = match text.strip_prefix("\"\"\"") {
        Some(rest) => rest.find("\"\"\"").map(|at| at + 6),
        None => text.find("\n\n"),
    };
    let (top, rest) = text.split_at(end.unwrap_or(0));
    (top.trim(), rest)
}

fn world(pieces: &[&Piece]) -> String {
    let (package, version) = CONTRACT.split_once('@').unwrap_or((CONTRACT, ""));
    let mut imports = vec!["log", "config"];
    imports.extend(pieces.iter().flat_map(|piece| piece.imports));
    let mut exports = vec!["about"];
    exports.extend(pieces.iter().flat_map(|piece| piece.exports));
    let mut lines = String::from(
        "package tenant:plugin;\n\n/// What this plugin does (exports) and may touch (imports). Nothing else: what is imported must be granted.\n\
         world plugin {\n",
    );
    for (word, names) in [("import", imports), ("export", exports)] {
        let mut seen = Vec::new();
        for name in names {
            if !seen.contains(&name) {
                seen.push(name);
                lines.push_str(&format!("  {word} {package}/{name}@{version};\n"));
            }
        }
    }
    lines.push_str("}\n");
    lines
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    fn text(files: &[File], path: &str) -> String {
        let found = files.iter().find(|(at, _)| at == path);
        found.unwrap_or_else(|| panic!("no {path}")).1.clone()
    }

    #[test]
    fn a_project_has_the_hooks_that_were_asked_for() {
        let hooks = [HookTemplate::Observer, HookTemplate::Policy];
        for language in Language::value_variants() {
            let files = files("my-plugin", *language, &hooks).unwrap();
            assert!(files.iter().any(|(path, _)| path == "tests/policy.toml"));
            assert!(!files.iter().any(|(path, _)| path == "tests/opened.toml"));
            assert!(
                files
                    .iter()
                    .filter(|(path, _)| !path.contains("vendor"))
                    .all(|(_, text)| !text.contains(NAME))
            );
        }
        let js = files("my-plugin", Language::Js, &hooks).unwrap();
        assert!(text(&js, "package.json").contains("\"name\": \"my-plugin\""));
        let world = text(&js, "wit/world.wit");
        for line in [
            "import switchboard:plugin/messages-send@0.1.0;",
            "export switchboard:plugin/observer@0.1.0;",
            "export switchboard:plugin/policy@0.1.0;",
        ] {
            assert!(world.contains(line), "{world}");
        }
        let code = text(&js, "plugin.js");
        assert_eq!(code.matches("function say").count(), 1, "{code}");
    }

    #[test]
    fn one_thing_is_said_once() {
        let hooks = [HookTemplate::Observer, HookTemplate::Opened, HookTemplate::MessageType];
        let python = files("p", Language::Python, &hooks).unwrap();
        let code = text(&python, "plugin.py");
        assert_eq!(code.matches("\nimport json\n").count(), 1, "{code}");
        assert_eq!(code.matches("def say").count(), 1, "{code}");
        assert!(code.starts_with("\"\"\"p: "), "{code}");
        assert!(files("p", Language::Js, &[HookTemplate::Observer, HookTemplate::Timer]).is_err());
    }

    #[test]
    fn the_crate_that_comes_along_is_the_workspaces() {
        let files = files("p", Language::Rust, &[HookTemplate::Observer]).unwrap();
        for part in [
            "src/lib.rs",
            "src/hooks/observer.rs",
            "macros/src/lib.rs",
            "wit/hooks.wit",
            "README.md",
        ] {
            text(&files, &format!("vendor/switchboard-plugin/{part}"));
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let workspace: toml::Table = std::fs::read_to_string(root).unwrap().parse().unwrap();
        let own: toml::Table = text(&files, "vendor/switchboard-plugin/Cargo.toml").parse().unwrap();
        assert_eq!(
            own["dependencies"]["wit-bindgen"],
            workspace["workspace"]["dependencies"]["wit-bindgen"]
        );
        let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugin-sdk/Cargo.toml");
        let sdk: toml::Table = std::fs::read_to_string(sdk).unwrap().parse().unwrap();
        assert_eq!(own["features"], sdk["features"]);
        let names = |of: &toml::Table| {
            of["dependencies"]
                .as_table()
                .unwrap()
                .keys()
                .cloned()
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&own), names(&sdk));
    }
}
