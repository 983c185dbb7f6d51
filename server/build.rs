//! Puts the plugin SDK and its contract into the server, for `switchboard plugin new`: whoever writes a plugin has the
//! server's binary and nothing else.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../plugin-sdk");
    let mut files = Vec::new();
    for folder in ["src", "macros/src", "wit"] {
        list(&root, &root.join(folder), &mut files);
    }
    files.push("README.md".to_owned());
    files.sort();
    let mut code = String::from("&[\n");
    for file in &files {
        let path = root.join(file);
        // Writing to a string does not fail.
        let _ = writeln!(code, "({file:?}, include_str!({:?})),", path.display().to_string());
        println!("cargo::rerun-if-changed={}", path.display());
    }
    code.push(']');
    println!("cargo::rerun-if-changed={}", root.join("src").display());
    println!("cargo::rerun-if-changed={}", root.join("wit").display());
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default()).join("sdk.rs");
    if let Err(error) = fs::write(&out, code) {
        println!("cargo::error=cannot write {}: {error}", out.display());
    }
}

fn list(root: &Path, folder: &Path, files: &mut Vec<String>) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return println!("cargo::error=cannot read {}: {error}", folder.display()),
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            list(root, &path, files);
        } else if let Ok(inside) = path.strip_prefix(root) {
            files.push(inside.to_string_lossy().replace('\\', "/"));
        }
    }
}
