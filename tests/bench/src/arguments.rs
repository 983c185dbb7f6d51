//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Measures Switchboard beside a bare reference server and prints ratios, targets and verdicts.
#[derive(Parser)]
#[command(name = "switchboard-bench")]
pub struct Arguments {
    /// Scenarios to run, in this order; all but `reference` by default.
    #[arg(long, num_args = 1.., value_name = "NAME")]
    pub scenario: Vec<String>,
    /// One pair instead of three, shorter windows, smaller populations: to see that all works, not to quote.
    #[arg(long)]
    pub quick: bool,
    /// Also write everything to this file.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// The server under test.
    #[arg(long, value_name = "PATH", default_value = "target/release/switchboard")]
    pub server: PathBuf,
    /// Where `standard_types.wasm`, `wokchat.wasm` and `social.wasm` lie.
    #[arg(long, value_name = "DIR", default_value = "target/plugins")]
    pub plugins: PathBuf,
    /// Where `noop_policy.wasm`, `echo_observer.wasm` and `hostile.wasm` lie.
    #[arg(long, value_name = "DIR", default_value = "target/guests")]
    pub guests: PathBuf,
    /// Settings handed on to the server under test, beside the benchmark's own.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Where servers keep their data instead of beside this program: in memory, the disk's whims are no part of it.
    #[arg(long, value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// Of `hostile`, these ways to attack instead of all.
    #[arg(long, num_args = 1.., value_name = "NAME")]
    pub attack: Vec<String>,
    #[command(subcommand)]
    pub role: Option<Role>,
}

/// What else the program does.
#[derive(Subcommand)]
pub enum Role {
    /// Name the scenarios.
    List,
    /// Be the load: a plan on standard input, the report on standard output.
    #[command(hide = true)]
    Load,
}
