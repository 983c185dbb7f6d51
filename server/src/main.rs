//! The `switchboard` program: what it is told to do is in `cli`.

use std::process::ExitCode;

/// Messages and guests make many small allocations on many threads; this allocator costs them less than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    switchboard::cli::main()
}
