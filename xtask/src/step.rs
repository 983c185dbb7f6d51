//! Progress of a command that takes long: which step of how many, what it is, how long it took.
//!
//! Progress goes to stderr, as cargo's does; stdout belongs to the programs that are started.

use std::process::{Command, ExitCode, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Counts and times the steps of one command.
pub struct Steps {
    total: usize,
    begun: usize,
    start: Instant,
}

impl Steps {
    /// Starts the clock of a command with `total` steps.
    pub fn new(total: usize) -> Self {
        Self {
            total,
            begun: 0,
            start: Instant::now(),
        }
    }

    /// Announces a step, does it, and says how long it took.
    pub fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.announce(name);
        let start = Instant::now();
        let result = work();
        let outcome = if result.is_ok() { "done" } else { "failed" };
        eprintln!(
            "== {}/{} {name}: {outcome} in {}",
            self.begun,
            self.total,
            seconds(start.elapsed())
        );
        result
    }

    /// A step that is one program, which has to succeed.
    pub fn program(&mut self, name: &str, mut command: Command) -> Result<()> {
        self.step(name, || succeed(&mut command))
    }

    /// The last step, a program whose output and exit code become those of the whole command.
    pub fn hand_over(&mut self, name: &str, mut command: Command) -> Result<ExitCode> {
        self.announce(name);
        Ok(exit_code(status(&mut command)?))
    }

    /// Prints that a step begins.
    pub fn announce(&mut self, name: &str) {
        self.begun += 1;
        eprintln!(
            "== {}/{} {name} (after {})",
            self.begun,
            self.total,
            seconds(self.start.elapsed())
        );
    }
}

/// Runs a program with our own input and output; failing is an error that names it.
pub fn succeed(command: &mut Command) -> Result<()> {
    let status = status(command)?;
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    Ok(())
}

fn status(command: &mut Command) -> Result<ExitStatus> {
    command
        .status()
        .with_context(|| format!("cannot start `{}`", line(command)))
}

/// The exit code of a program as our own; a death by signal is a plain failure.
pub fn exit_code(status: ExitStatus) -> ExitCode {
    status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from)
}

fn line(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program())
        .file_stem()
        .unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        whole => format!("{} min {:02} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_at_a_glance() {
        assert_eq!(seconds(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 min 05 s");
    }

    #[test]
    fn a_failed_step_names_its_program() {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "exit 3"]);
        assert_eq!(
            succeed(&mut command).unwrap_err().to_string(),
            "`sh -c exit 3` failed (exit status: 3)"
        );
    }
}
