//! A component exports the hooks that carry the attribute and imports the capabilities that are called, and nothing
//! more: the host takes both as the whole truth about a plugin.

use std::{fs, path::PathBuf, process::Command};

use wasmparser::{Parser, Payload};

/// Guests with the hooks they export and the capabilities they import.
const GUESTS: &[(&str, &[&str], &[&str])] = &[
    ("asker", &["policy"], &["config"]),
    (
        "clerk",
        &["observer"],
        &[
            "config",
            "contacts",
            "credentials",
            "impersonation",
            "messages-send",
            "proofs",
            "signatures",
            "users",
            "users-write",
        ],
    ),
    ("counter", &["observer"], &["kv", "messages-send"]),
    ("doorkeeper", &["policy"], &["config", "kv", "log", "messages-send"]),
    (
        "doorkeeper-closed",
        &["policy"],
        &["config", "kv", "log", "messages-send"],
    ),
    ("echo-observer", &["observer"], &["messages-send"]),
    (
        "fetcher",
        &["observer", "policy", "timer"],
        &[
            "connections",
            "contacts",
            "conversations-write",
            "credentials",
            "files",
            "http",
            "log",
            "messages-edit",
            "messages-send",
            "metrics",
            "timers",
            "users-write",
            "webhooks",
        ],
    ),
    ("greeter", &["opened"], &["connections", "messages-send"]),
    (
        "naughty",
        &["message-type", "observer", "policy"],
        &["kv", "log", "messages-send"],
    ),
    ("noop-policy", &["policy"], &[]),
    ("startloop", &["policy"], &[]),
    (
        "switchman",
        &["about", "command", "endpoint"],
        &["config", "kv", "messages-send"],
    ),
    ("tagger", &["about", "policy"], &["config"]),
    ("ten-lines", &["policy"], &[]),
    (
        "witness",
        &["observer"],
        &[
            "config",
            "connections",
            "kv",
            "log",
            "messages-edit",
            "messages-send",
            "webhooks",
        ],
    ),
    ("wasi-fetcher", &["observer"], &["log"]),
];

#[test]
fn guests_touch_what_they_use() {
    for (name, file) in build() {
        let (_, exports, imports) = GUESTS
            .iter()
            .find(|(guest, ..)| *guest == name)
            .expect("only guests are built");
        let component = fs::read(file).expect("the build names files that exist");
        let (found_exports, found_imports) = surface(&component);
        println!(
            "{name}: {} bytes, exports {found_exports:?}, imports {found_imports:?}",
            component.len()
        );
        assert_eq!(ours(&found_exports), *exports, "exports of {name}");
        assert_eq!(ours(&found_imports), *imports, "imports of {name}");
        let foreign = found_imports
            .iter()
            .find(|import| !import.starts_with(PACKAGE) && !import.starts_with("wasi:"));
        assert_eq!(foreign, None, "{name} imports what no host offers");
    }
}

/// Builds every guest; answers each name with its component.
fn build() -> Vec<(String, PathBuf)> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "build",
        "--quiet",
        "--target",
        "wasm32-wasip2",
        "--profile",
        "guest",
        "--message-format",
        "json",
    ]);
    cargo.args(GUESTS.iter().flat_map(|(name, ..)| ["--package", name]));
    let output = cargo
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let built: Vec<_> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(component_of)
        .collect();
    assert_eq!(built.len(), GUESTS.len(), "one component per guest: {built:?}");
    built
}

/// The component that a line of cargo's report names, if it names one.
fn component_of(line: &str) -> Option<(String, PathBuf)> {
    let report: serde_json::Value = serde_json::from_str(line).ok()?;
    let file = report["filenames"]
        .as_array()?
        .iter()
        .filter_map(|file| file.as_str())
        .find(|f| f.ends_with(".wasm"))?;
    let name = report["target"]["name"].as_str()?.replace('_', "-");
    Some((name, file.into()))
}

const PACKAGE: &str = "switchboard:plugin/";

/// The names a component exports and imports itself; what is nested inside is linked within and does not count.
fn surface(component: &[u8]) -> (Vec<String>, Vec<String>) {
    let (mut exports, mut imports, mut depth) = (Vec::new(), Vec::new(), 0);
    for payload in Parser::new(0).parse_all(component) {
        match payload.expect("cargo builds well-formed components") {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentExportSection(section) if depth == 0 => {
                exports.extend(
                    section
                        .into_iter()
                        .map(|export| export.expect("well-formed").name.name.to_owned()),
                );
            }
            Payload::ComponentImportSection(section) if depth == 0 => {
                imports.extend(
                    section
                        .into_iter()
                        .map(|import| import.expect("well-formed").name.name.to_owned()),
                );
            }
            _ => {}
        }
    }
    (exports, imports)
}

/// Interfaces of the contract, in order, by their bare names. `types` holds no functions, so it asks for nothing.
fn ours(names: &[String]) -> Vec<&str> {
    let bare = names
        .iter()
        .filter_map(|name| name.strip_prefix(PACKAGE)?.split('@').next());
    let mut interfaces: Vec<&str> = bare.filter(|name| *name != "types").collect();
    interfaces.sort_unstable();
    interfaces
}
