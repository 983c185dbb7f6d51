//! `test`: everything that has to hold before a change is merged, cheapest first.
//!
//! The last output is that of `cargo test`, so that its summary is what a reader or a script finds at the end.

use std::process::ExitCode;

use anyhow::Result;

use crate::build;
use crate::docs;
use crate::step::Steps;
use crate::tidy;
use crate::workspace::Workspace;

/// Checks the sources, builds what the tests start, and runs them; `args` are passed on to `cargo test`.
pub fn test(workspace: &Workspace, args: &[String]) -> Result<ExitCode> {
    let mut steps = Steps::new(8);
    steps.program("format", workspace.cargo(&["fmt", "--all", "--check"]))?;
    steps.step("tidy", || tidy::tidy(&workspace.root))?;
    steps.step("contract's reference", || docs::check(&workspace.root))?;
    let lints = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    steps.program("lints", workspace.cargo(&lints))?;
    steps.step("wasm target", build::wasm_target)?;
    steps.step("plugins and guests", || build::components(workspace, true))?;
    // With the tests in the same call, both get the features the tests ask for: the dependencies are compiled once.
    let server_and_tests = ["build", "--workspace", "--bin", "switchboard", "--tests"];
    steps.program("server and tests", workspace.cargo(&server_and_tests))?;
    let mut tests = workspace.cargo(&["test", "--workspace"]);
    tests.args(args);
    workspace.locate(&mut tests, "debug");
    steps.hand_over("cargo test --workspace", tests)
}
