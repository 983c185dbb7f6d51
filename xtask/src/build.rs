//! `build`: plugins as WebAssembly components into `target/plugins`, the server into `target/release`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::step::Steps;
use crate::workspace::{Guest, Workspace};

const WASM_TARGET: &str = "wasm32-wasip2";

/// How many steps [`build_steps`] takes.
pub const BUILD_STEPS: usize = 3;

/// Builds everything a running server needs.
pub fn build(workspace: &Workspace) -> Result<ExitCode> {
    build_steps(workspace, &mut Steps::new(BUILD_STEPS))?;
    eprintln!("server: {}", workspace.binary("release", "switchboard").display());
    eprintln!("plugins: {}", workspace.plugins_dir().display());
    Ok(ExitCode::SUCCESS)
}

/// The steps of [`build`], as part of a longer command.
pub fn build_steps(workspace: &Workspace, steps: &mut Steps) -> Result<()> {
    steps.step("wasm target", wasm_target)?;
    steps.step("bundled plugins", || components(workspace, false))?;
    steps.program(
        "server, release",
        workspace.cargo(&["build", "--release", "-p", "switchboard"]),
    )
}

/// Makes sure that the standard library of the plugins' target is there.
pub fn wasm_target() -> Result<()> {
    if wasm_library().is_some_and(|folder| folder.exists()) {
        return Ok(());
    }
    let reason = match Command::new("rustup").args(["target", "add", WASM_TARGET]).output() {
        Ok(output) if output.status.success() => return Ok(()),
        Ok(output) => String::from_utf8_lossy(&output.stderr)
            .lines()
            .last()
            .unwrap_or("no reason given")
            .to_owned(),
        Err(error) => format!("cannot start rustup: {error}"),
    };
    bail!("plugins need the {WASM_TARGET} target: run `rustup target add {WASM_TARGET}` (once, online); {reason}");
}

fn wasm_library() -> Option<PathBuf> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", WASM_TARGET])
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

/// Builds the bundled plugins, and the test guests too if asked, in one go: they share their dependencies.
pub fn components(workspace: &Workspace, with_guests: bool) -> Result<()> {
    let guests: &[Guest] = if with_guests { &workspace.guests } else { &[] };
    let all: Vec<&Guest> = workspace.plugins.iter().chain(guests).collect();
    if !all.is_empty() {
        let mut cargo = workspace.cargo(&["build", "--target", WASM_TARGET, "--profile", "guest"]);
        for guest in all {
            cargo.args(["-p", &guest.package]);
        }
        crate::step::succeed(&mut cargo)?;
    }
    let built = workspace.target.join(WASM_TARGET).join("guest");
    publish(
        &built,
        &workspace.plugins_dir(),
        workspace.plugins.iter().map(|p| (&p.library, &p.package)),
    )?;
    if with_guests {
        publish(
            &built,
            &workspace.guests_dir(),
            guests.iter().map(|g| (&g.library, &g.library)),
        )?;
    }
    Ok(())
}

/// Copies each `(built, published)` component and removes components that no longer have a package.
fn publish<'a>(built: &Path, folder: &Path, names: impl Iterator<Item = (&'a String, &'a String)>) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut current = BTreeSet::new();
    for (library, name) in names {
        let (from, to) = (
            built.join(format!("{library}.wasm")),
            folder.join(format!("{name}.wasm")),
        );
        // A rename, because a running server or a parallel test may be reading the old file.
        let fresh = to.with_extension("wasm.new");
        fs::copy(&from, &fresh).with_context(|| format!("cannot copy {} to {}", from.display(), fresh.display()))?;
        fs::rename(&fresh, &to)?;
        current.insert(to);
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "wasm") && !current.contains(&path) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publishing_renames_and_forgets_what_is_gone() {
        let folder = std::env::temp_dir().join(format!("xtask-publish-{}", std::process::id()));
        let (built, published) = (folder.join("built"), folder.join("plugins"));
        fs::create_dir_all(&built).unwrap();
        fs::create_dir_all(&published).unwrap();
        fs::write(built.join("auto_reply.wasm"), "new").unwrap();
        fs::write(published.join("auto-reply.wasm"), "old").unwrap();
        fs::write(published.join("dropped.wasm"), "old").unwrap();

        publish(
            &built,
            &published,
            [(&"auto_reply".to_owned(), &"auto-reply".to_owned())].into_iter(),
        )
        .unwrap();

        let left: Vec<_> = fs::read_dir(&published)
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        let content = fs::read_to_string(published.join("auto-reply.wasm")).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(left, ["auto-reply.wasm"]);
        assert_eq!(content, "new");
    }
}
