//! `run`: build, then become the server.
//!
//! The server prints its own start-up summary. On Unix this process is replaced by it, so that Ctrl-C, signals of a
//! supervisor and the exit code are the server's own, with nothing in between to get them wrong.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::build::{BUILD_STEPS, build_steps};
use crate::step::Steps;
use crate::workspace::Workspace;

/// Builds and serves with `config.toml`; `args` are passed on to `switchboard serve`.
pub fn run(workspace: &Workspace, args: &[String]) -> Result<ExitCode> {
    let mut steps = Steps::new(BUILD_STEPS + 1);
    build_steps(workspace, &mut steps)?;
    let mut server = Command::new(workspace.binary("release", "switchboard"));
    server
        .current_dir(&workspace.root)
        .args(["serve", "--config", "config.toml"])
        .args(args);
    steps.announce("switchboard serve --config config.toml");
    replace(server)
}

#[cfg(unix)]
fn replace(mut server: Command) -> Result<ExitCode> {
    Err(std::os::unix::process::CommandExt::exec(&mut server)).context("cannot start the server")
}

#[cfg(not(unix))]
fn replace(mut server: Command) -> Result<ExitCode> {
    Ok(crate::step::exit_code(
        server.status().context("cannot start the server")?,
    ))
}
