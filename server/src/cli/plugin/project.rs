//! A plugin's folder: what it is written in, what it is called, how it becomes a component.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::time::Instant;

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::scaffold::Language;
use crate::model::PluginName;

/// What Rust builds components for.
const TARGET: &str = "wasm32-wasip2";
/// What this program keeps in a project.
const OWN: &str = ".switchboard";
/// Folders with nothing that a plugin is made of.
const IGNORED: [&str; 8] = [
    "target",
    "node_modules",
    ".venv",
    ".git",
    "__pycache__",
    "wit_world",
    "tests",
    OWN,
];

/// Files that builds write.
const LOCKS: [&str; 2] = ["Cargo.lock", "package-lock.json"];

/// A plugin's folder.
#[derive(Debug, Clone)]
pub struct Project {
    /// Where.
    pub root: PathBuf,
    /// In what.
    pub language: Language,
    /// The name of its component, and by default of its install.
    pub name: PluginName,
}

/// How to build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Small: to be installed.
    Thorough,
    /// At once: to be looked at.
    Quick,
}

/// A component that was built.
#[derive(Debug)]
pub struct Built {
    /// Where.
    pub file: PathBuf,
    /// How large.
    pub bytes: u64,
    /// How long it took.
    pub took: Duration,
}

impl Project {
    /// The project in a folder.
    ///
    /// # Errors
    /// If there is none.
    pub fn open(root: &Path) -> anyhow::Result<Self> {
        let there = |file: &str| root.join(file).is_file();
        let (language, name) = if there("Cargo.toml") {
            (Language::Rust, crate_name(&root.join("Cargo.toml"))?)
        } else if there("package.json") {
            (Language::Js, package_name(&root.join("package.json"))?)
        } else if there("plugin.py") {
            (Language::Python, folder_name(root)?)
        } else {
            bail!(
                "{} is no plugin: it has no Cargo.toml, package.json or plugin.py; `switchboard plugin new NAME --lang …` \
                 makes one",
                root.display()
            );
        };
        let plain = name.to_lowercase().replace(' ', "-");
        Ok(Self {
            root: root.to_owned(),
            language,
            name: PluginName::new(&plain).with_context(|| format!("{plain:?} is no plugin's name"))?,
        })
    }

    /// Where compiled components are kept between runs.
    #[must_use]
    pub fn artifacts(&self) -> PathBuf {
        self.root.join(OWN).join("artifacts")
    }

    /// Where the component goes.
    #[must_use]
    pub fn component(&self) -> PathBuf {
        self.root.join(format!("{}.wasm", self.name))
    }

    /// Whether the plugin may change when this file does.
    #[must_use]
    pub fn is_made_of(&self, file: &Path) -> bool {
        let Ok(inside) = file.strip_prefix(&self.root) else {
            return false;
        };
        let ignored = inside
            .components()
            .any(|part| IGNORED.iter().any(|name| part.as_os_str() == *name));
        let made = inside
            .extension()
            .is_some_and(|ending| ending == "wasm" || ending == "swp")
            || inside
                .file_name()
                .is_some_and(|name| LOCKS.iter().any(|lock| name == *lock));
        !ignored && !made && !inside.as_os_str().is_empty()
    }

    /// Builds the component. What the compiler says goes to standard error.
    ///
    /// # Errors
    /// What is missing and how to get it, or that the build failed.
    pub fn build(&self, pace: Pace) -> anyhow::Result<Built> {
        let begun = Instant::now();
        let file = self.component();
        match self.language {
            Language::Rust => {
                let made = self.cargo(pace)?;
                std::fs::copy(&made, &file).with_context(|| format!("cannot copy {}", made.display()))?;
            }
            Language::Js => self.componentize_js(&file)?,
            Language::Python => self.componentize_py(&file)?,
        }
        let about = std::fs::metadata(&file).with_context(|| format!("the build made no {}", file.display()))?;
        Ok(Built {
            file,
            bytes: about.len(),
            took: begun.elapsed(),
        })
    }

    fn cargo(&self, pace: Pace) -> anyhow::Result<PathBuf> {
        let library = Command::new("rustc")
            .args(["--print", "target-libdir", "--target", TARGET])
            .output();
        let library = library.map_err(|_| missing("Rust", "install it from https://rustup.rs"))?;
        if !Path::new(String::from_utf8_lossy(&library.stdout).trim()).is_dir() {
            return Err(missing(
                "Rust's target for plugins",
                &format!("run `rustup target add {TARGET}`"),
            ));
        }
        let mut cargo = Command::new("cargo");
        cargo.args([
            "build",
            "--target",
            TARGET,
            "--message-format",
            "json-render-diagnostics",
        ]);
        if pace == Pace::Thorough {
            cargo.arg("--release");
        }
        cargo
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit());
        let output = cargo
            .output()
            .map_err(|_| missing("cargo", "install Rust from https://rustup.rs"))?;
        if !output.status.success() {
            bail!("the build failed");
        }
        let said = String::from_utf8_lossy(&output.stdout);
        let mut made = said
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter_map(|line| {
                let files = line["filenames"].as_array()?;
                let file = files
                    .iter()
                    .filter_map(Value::as_str)
                    .find(|file| file.ends_with(".wasm"))?;
                Some(PathBuf::from(file))
            });
        made.next_back()
            .context("cargo made no component: Cargo.toml needs `[lib]` with `crate-type = [\"cdylib\"]`")
    }

    fn componentize_js(&self, file: &Path) -> anyhow::Result<()> {
        if !self.root.join("node_modules").is_dir() {
            eprintln!("installing what package.json names (once)");
            let npm = ["install", "--no-audit", "--no-fund", "--loglevel", "error"];
            self.tool(
                "npm",
                &npm,
                "install Node.js 20 or newer: https://nodejs.org, or `apt install nodejs npm`",
            )?;
        }
        let file = absolute(file)?;
        let script = ["build.mjs", &file];
        self.tool(
            "node",
            &script,
            "install Node.js 20 or newer: https://nodejs.org, or `apt install nodejs npm`",
        )
    }

    fn componentize_py(&self, file: &Path) -> anyhow::Result<()> {
        let local = self.root.join(".venv/bin/componentize-py");
        if !local.is_file() && !is_there("componentize-py") {
            eprintln!("installing what requirements.txt names into .venv (once)");
            let hint = "install Python 3.10 or newer: https://www.python.org, or `apt install python3-venv`";
            self.tool("python3", &["-m", "venv", ".venv"], hint)?;
            let pip = [
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "-r",
                "requirements.txt",
            ];
            self.tool(".venv/bin/pip", &pip, "run `python3 -m venv .venv`")?;
        }
        let (file, local) = (absolute(file)?, absolute(&local)?);
        let program = if Path::new(&local).is_file() {
            &local
        } else {
            "componentize-py"
        };
        let args = ["-d", "wit", "-w", "plugin", "componentize", "plugin", "-o", &file];
        self.tool(program, &args, "run `pip install -r requirements.txt`")
    }

    /// Runs a program in the project; what it says goes to standard error.
    fn tool(&self, program: &str, args: &[&str], hint: &str) -> anyhow::Result<()> {
        let inside = self.root.join(program);
        let found = if program.starts_with('.') {
            &*inside
        } else {
            Path::new(program)
        };
        let mut command = Command::new(found);
        command
            .args(args)
            .env("RUST_BACKTRACE", "0")
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .stdout(std::io::stderr());
        let status = command.status().map_err(|_| missing(program, hint))?;
        if !status.success() {
            bail!("`{program} {}` failed", args.first().copied().unwrap_or_default());
        }
        Ok(())
    }
}

impl Built {
    /// In words.
    #[must_use]
    pub fn told(&self) -> String {
        let size = self.bytes.div_ceil(1024);
        format!(
            "{} ({size} KiB) in {:.1} s",
            self.file.display(),
            self.took.as_secs_f64()
        )
    }
}

fn missing(what: &str, hint: &str) -> anyhow::Error {
    anyhow::anyhow!("{what} is missing: {hint}")
}

fn is_there(program: &str) -> bool {
    let mut command = Command::new(program);
    command
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok()
}

fn absolute(path: &Path) -> anyhow::Result<String> {
    let path = std::path::absolute(path)?;
    Ok(path.to_str().context("the folder's path is no UTF-8")?.to_owned())
}

fn crate_name(file: &Path) -> anyhow::Result<String> {
    let manifest: toml::Table = read(file)?.parse().with_context(|| file.display().to_string())?;
    let name = manifest.get("package").and_then(|package| package.get("name"));
    let name = name.and_then(toml::Value::as_str).map(str::to_owned);
    name.with_context(|| format!("{} names no package", file.display()))
}

fn package_name(file: &Path) -> anyhow::Result<String> {
    let manifest: Value = serde_json::from_str(&read(file)?).with_context(|| file.display().to_string())?;
    let name = manifest["name"].as_str().map(str::to_owned);
    name.with_context(|| format!("{} has no \"name\"", file.display()))
}

fn folder_name(root: &Path) -> anyhow::Result<String> {
    let path = std::path::absolute(root)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    name.context("the folder has no name")
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_says_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("my plugin");
        std::fs::create_dir(&root).unwrap();
        let error = Project::open(&root).unwrap_err().to_string();
        assert!(error.contains("plugin new"), "{error}");
        std::fs::write(root.join("plugin.py"), "").unwrap();
        let python = Project::open(&root).unwrap();
        assert_eq!((python.language, python.name.as_str()), (Language::Python, "my-plugin"));
        std::fs::write(root.join("package.json"), r#"{"name": "b"}"#).unwrap();
        assert_eq!(Project::open(&root).unwrap().name.as_str(), "b");
        std::fs::write(root.join("Cargo.toml"), "[package]\nname = \"a\"").unwrap();
        let rust = Project::open(&root).unwrap();
        assert_eq!((rust.language, rust.name.as_str()), (Language::Rust, "a"));
        for (file, counts) in [
            ("src/lib.rs", true),
            ("Cargo.toml", true),
            ("wit/world.wit", true),
            ("a.wasm", false),
            ("Cargo.lock", false),
            ("package-lock.json", false),
            ("target/debug/x.rs", false),
            ("tests/observer.toml", false),
        ] {
            assert_eq!(rust.is_made_of(&root.join(file)), counts, "{file}");
        }
        assert!(!rust.is_made_of(Path::new("/elsewhere/src/lib.rs")));
    }
}
