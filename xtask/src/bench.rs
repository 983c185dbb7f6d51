//! `bench`: builds the server, the plugins and the load in release, then runs the benchmark.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::build;
use crate::step::Steps;
use crate::workspace::Workspace;

/// Runs `switchboard-bench` with `args`.
pub fn bench(workspace: &Workspace, args: &[String]) -> Result<ExitCode> {
    let mut steps = Steps::new(5);
    steps.step("wasm target", build::wasm_target)?;
    steps.step("plugins and guests", || build::components(workspace, true))?;
    steps.program(
        "server, release",
        workspace.cargo(&["build", "--release", "-p", "switchboard"]),
    )?;
    steps.program(
        "benchmark, release",
        workspace.cargo(&["build", "--release", "-p", "switchboard-bench"]),
    )?;
    let mut benchmark = Command::new(workspace.binary("release", "switchboard-bench"));
    benchmark.current_dir(&workspace.root).args(args);
    workspace.locate(&mut benchmark, "release");
    steps.hand_over("switchboard-bench", benchmark)
}
