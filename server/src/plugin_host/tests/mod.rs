//! The host with real guests: what they may do, what happens when they misbehave. The guests come from `tests/guests`,
//! built into the folder that `SWITCHBOARD_GUESTS` names.

mod calls;
mod installs;
mod misdeeds;
mod shelf;
pub mod stage;
mod waiting;

use std::ffi::OsString;

/// The compile worker of these tests: started by a script of `stage`, because a test binary has no subcommands.
#[test]
#[ignore = "runs as a child process"]
fn compile_worker() {
    let args = std::env::var("COMPILE_ARGS").unwrap();
    // The first is the subcommand.
    let code = super::worker_main(args.split(' ').skip(1).map(OsString::from));
    std::process::exit(i32::from(code != std::process::ExitCode::SUCCESS) * 2);
}
