//! The `switchboard` program: what it is told to do is in `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    switchboard::cli::main()
}
