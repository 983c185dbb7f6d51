//! What cargo says about the workspace: where it is, where it builds, which packages become WebAssembly.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The workspace as `cargo metadata` describes it.
pub struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub root: PathBuf,
    /// Where cargo builds; follows `CARGO_TARGET_DIR`.
    pub target: PathBuf,
    /// Packages directly under `plugins/`.
    pub plugins: Vec<Guest>,
    /// Packages directly under `tests/guests/`.
    pub guests: Vec<Guest>,
}

/// A package that is built as a WebAssembly component.
#[derive(Debug, PartialEq, Eq)]
pub struct Guest {
    /// The package, as `cargo build -p` takes it.
    pub package: String,
    /// The library, as cargo names its file.
    pub library: String,
}

impl Workspace {
    /// Asks cargo about the workspace the current folder is in.
    pub fn load() -> Result<Self> {
        let output = Command::new(cargo_path())
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .output()
            .context("cannot start cargo")?;
        if !output.status.success() {
            bail!(
                "cargo metadata failed: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Self::from_metadata(&serde_json::from_slice(&output.stdout)?)
    }

    fn from_metadata(metadata: &Value) -> Result<Self> {
        let root = PathBuf::from(text(metadata, "workspace_root")?);
        let target = PathBuf::from(text(metadata, "target_directory")?);
        let packages = metadata["packages"]
            .as_array()
            .context("cargo metadata lists no packages")?;
        let plugins = guests_under(&root.join("plugins"), packages)?;
        let guests = guests_under(&root.join("tests").join("guests"), packages)?;
        Ok(Self {
            root,
            target,
            plugins,
            guests,
        })
    }

    /// A cargo command that runs in the root folder.
    pub fn cargo(&self, args: &[&str]) -> Command {
        let mut command = Command::new(cargo_path());
        command.current_dir(&self.root).args(args);
        command
    }

    /// The file of an executable built with `profile` ("debug" or "release").
    pub fn binary(&self, profile: &str, name: &str) -> PathBuf {
        self.target
            .join(profile)
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// The folder of the built bundled plugins, one `<package>.wasm` each.
    pub fn plugins_dir(&self) -> PathBuf {
        self.target.join("plugins")
    }

    /// The folder of the built test guests, one `<library>.wasm` each.
    pub fn guests_dir(&self) -> PathBuf {
        self.target.join("guests")
    }

    /// Tells a test or benchmark process where the server of `profile`, the plugins and the guests are.
    pub fn locate(&self, command: &mut Command, profile: &str) {
        command
            .env("SWITCHBOARD_BIN", self.binary(profile, "switchboard"))
            .env("SWITCHBOARD_PLUGINS", self.plugins_dir())
            .env("SWITCHBOARD_GUESTS", self.guests_dir())
            // Property tests try the same cases in every run; without this, `cargo test` tries new ones.
            .env("PROPTEST_RNG_SEED", "20260101");
    }
}

/// The cargo that started this process, so that a `+toolchain` choice holds for every step.
fn cargo_path() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn guests_under(folder: &Path, packages: &[Value]) -> Result<Vec<Guest>> {
    let mut guests = Vec::new();
    for package in packages {
        let manifest = Path::new(text(package, "manifest_path")?);
        if manifest.parent().and_then(Path::parent) != Some(folder) {
            continue;
        }
        let name = text(package, "name")?;
        let library = component(package)
            .with_context(|| format!("package {name} is not a component: it needs `crate-type = [\"cdylib\"]`"))?;
        guests.push(Guest {
            package: name.to_owned(),
            library: library.replace('-', "_"),
        });
    }
    guests.sort_by(|a, b| a.package.cmp(&b.package));
    Ok(guests)
}

fn component(package: &Value) -> Option<&str> {
    let is_cdylib = |target: &&Value| {
        target["crate_types"]
            .as_array()
            .is_some_and(|t| t.iter().any(|t| t == "cdylib"))
    };
    package["targets"].as_array()?.iter().find(is_cdylib)?["name"].as_str()
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    value[key]
        .as_str()
        .with_context(|| format!("cargo metadata has no {key}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, manifest: &str, kind: &str) -> Value {
        json!({ "name": name, "manifest_path": manifest, "targets": [{ "name": name, "crate_types": [kind] }] })
    }

    fn load(packages: Value) -> Result<Workspace> {
        let metadata = json!({ "workspace_root": "/w", "target_directory": "/t", "packages": packages });
        Workspace::from_metadata(&metadata)
    }

    #[test]
    fn packages_are_found_by_their_folder() {
        let workspace = load(json!([
            package("switchboard", "/w/server/Cargo.toml", "lib"),
            package("standard-types", "/w/plugins/standard-types/Cargo.toml", "cdylib"),
            package("auto-reply", "/w/plugins/auto-reply/Cargo.toml", "cdylib"),
            package("noop-policy", "/w/tests/guests/noop-policy/Cargo.toml", "cdylib"),
            package("switchboard-tests", "/w/tests/Cargo.toml", "lib"),
        ]))
        .unwrap();
        let names = |guests: &[Guest]| {
            guests
                .iter()
                .map(|g| format!("{} {}", g.package, g.library))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            names(&workspace.plugins),
            ["auto-reply auto_reply", "standard-types standard_types"]
        );
        assert_eq!(names(&workspace.guests), ["noop-policy noop_policy"]);
        assert_eq!(workspace.plugins_dir(), Path::new("/t/plugins"));
    }

    #[test]
    fn a_plugin_that_is_no_component_is_named() {
        let error = load(json!([package("plain", "/w/plugins/plain/Cargo.toml", "lib")]))
            .err()
            .unwrap();
        assert!(
            error.to_string().contains("package plain is not a component"),
            "{error}"
        );
    }
}
