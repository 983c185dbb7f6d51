//! `cargo xtask <command>`: building, running, checking and measuring the project, in the one language it is written in.
//!
//! Needs nothing but the Rust of rustup and a C compiler. Every command works from any folder of the workspace.
#![expect(clippy::disallowed_methods, reason = "steps are timed by the real clock")]

mod bench;
mod build;
mod docs;
mod run;
mod step;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

const USAGE: &str = "\
cargo xtask <command>

  build              bundled plugins into target/plugins, the server into target/release
  run [-- ARGS…]     build, then `switchboard serve --config config.toml ARGS…`
  test [-- ARGS…]    format, lints, tidy, guests, then `cargo test --workspace ARGS…`
  tidy               the rules of layout, imports and sizes
  docs               docs/wit.md, from the plugin contract
  bench [ARGS…]      build, then the benchmark with ARGS";

fn main() -> ExitCode {
    match command(std::env::args().skip(1).collect()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(mut args: Vec<String>) -> Result<ExitCode> {
    if args.is_empty() || matches!(args[0].as_str(), "help" | "-h" | "--help") {
        println!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    }
    let name = args.remove(0);
    if args.first().is_some_and(|first| first == "--") {
        args.remove(0);
    }
    if matches!(name.as_str(), "build" | "tidy" | "docs") && !args.is_empty() {
        bail!("`{name}` takes no arguments, found `{}`", args.join(" "));
    }
    let workspace = Workspace::load()?;
    match name.as_str() {
        "build" => build::build(&workspace),
        "run" => run::run(&workspace, &args),
        "test" => test::test(&workspace, &args),
        "tidy" => tidy::tidy(&workspace.root).map(|()| ExitCode::SUCCESS),
        "docs" => docs::write(&workspace.root).map(|()| ExitCode::SUCCESS),
        "bench" => bench::bench(&workspace, &args),
        _ => bail!("no command `{name}`\n\n{USAGE}"),
    }
}
