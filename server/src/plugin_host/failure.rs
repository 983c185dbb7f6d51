//! What can go wrong in a call, told apart by whose fault it is.

use std::fmt;

use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace};

/// Why a call gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It used up its CPU time.
    Cpu,
    /// It took too long, waiting included.
    Wall,
    /// It wanted more memory than it may have.
    Memory,
    /// It called the host too often.
    HostCalls,
    /// It handed over too much at once.
    Output,
    /// It trapped.
    Trap {
        /// What the engine says.
        message: String,
        /// The guest's functions on the stack.
        backtrace: String,
        /// The last lines it wrote to stderr: where a panic says why.
        stderr: Vec<String>,
    },
    /// It answered what the contract does not allow.
    Nonsense(String),
    /// It says itself that it failed.
    Error(String),
    /// There was no instance to be had. Not the plugin's fault.
    PoolFull,
    /// It took too long because the server let it wait. Not the plugin's fault.
    Server,
}

/// A reason of our own that travels through the engine as an error.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Over the memory cap.
    #[error("memory is limited to {0} bytes")]
    Memory(usize),
    /// Over the cap of host calls.
    #[error("a call may call the host {0} times")]
    HostCalls(u32),
    /// An answer the contract does not allow.
    #[error("{0}")]
    Nonsense(String),
    /// The guest's own error, which counts as a failure.
    #[error("{0}")]
    Error(String),
}

impl Fault {
    /// An answer the contract does not allow.
    pub fn nonsense(text: impl Into<String>) -> wasmtime::Error {
        Self::Nonsense(text.into()).into()
    }

    /// The guest's own error, cut to what fits a log line.
    pub fn error(mut text: String) -> wasmtime::Error {
        text.truncate(text.floor_char_boundary(1000));
        Self::Error(text).into()
    }
}

impl Failure {
    /// Every reason's name, in the order of [`Failure::index`].
    pub const NAMES: [&'static str; 10] = [
        "cpu",
        "wall",
        "memory",
        "host_calls",
        "output",
        "trap",
        "nonsense",
        "error",
        "pool_full",
        "server",
    ];

    /// The place of its name and its counter.
    #[must_use]
    pub const fn index(&self) -> usize {
        match self {
            Self::Cpu => 0,
            Self::Wall => 1,
            Self::Memory => 2,
            Self::HostCalls => 3,
            Self::Output => 4,
            Self::Trap { .. } => 5,
            Self::Nonsense(_) => 6,
            Self::Error(_) => 7,
            Self::PoolFull => 8,
            Self::Server => 9,
        }
    }

    /// Whether it counts towards suspending the plugin.
    #[must_use]
    pub const fn is_the_plugins(&self) -> bool {
        !matches!(self, Self::PoolFull | Self::Server)
    }

    /// Finds out what an error of the engine means. `stderr` is what the guest wrote last.
    pub fn classify(error: &wasmtime::Error, stderr: Vec<String>) -> Self {
        match error.downcast_ref::<Fault>() {
            Some(Fault::Memory(_)) => return Self::Memory,
            Some(Fault::HostCalls(_)) => return Self::HostCalls,
            Some(Fault::Nonsense(text)) => return Self::Nonsense(text.clone()),
            Some(Fault::Error(text)) => return Self::Error(text.clone()),
            None => {}
        }
        let full = error.downcast_ref::<PoolConcurrencyLimitError>().is_some();
        if full || error.downcast_ref::<tokio::sync::AcquireError>().is_some() {
            return Self::PoolFull;
        }
        let trap = error.downcast_ref::<Trap>();
        if trap == Some(&Trap::Interrupt) {
            return Self::Cpu;
        }
        let root = error.root_cause().to_string();
        // The engine has no type for this one.
        if root.contains("fuel allocated for hostcalls has been exhausted") {
            return Self::Output;
        }
        Self::Trap {
            message: trap.map_or(root, ToString::to_string),
            backtrace: error
                .downcast_ref::<WasmBacktrace>()
                .map(ToString::to_string)
                .unwrap_or_default(),
            stderr,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("it used up its CPU time (deadline_ms)"),
            Self::Wall => f.write_str("it took too long (wall_ms, http_wait_ms)"),
            Self::Memory => f.write_str("it wanted more memory than it may have (memory_bytes)"),
            Self::HostCalls => f.write_str("it called the host too often (host_calls)"),
            Self::Output => f.write_str("it handed over too much at once (output_bytes)"),
            Self::Trap { message, stderr, .. } => {
                f.write_str(message)?;
                let mut before = message.as_str();
                for line in stderr.iter().filter_map(|line| told(line)) {
                    let between = if before.ends_with(':') { " " } else { "; " };
                    write!(f, "{between}{line}")?;
                    before = line;
                }
                Ok(())
            }
            Self::Nonsense(text) => write!(f, "it answered nonsense: {text}"),
            Self::Error(text) => write!(f, "it says: {text}"),
            Self::PoolFull => f.write_str("all instances are in use (instances)"),
            Self::Server => f.write_str("the server let it wait too long (wall_ms)"),
        }
    }
}

/// What a line of a guest's last words says, without what is the same in each: a panic names the only thread there is, and
/// how to get a backtrace that is there already.
fn told(line: &str) -> Option<&str> {
    let line = line.trim();
    if line.is_empty() || line.starts_with("note: run with `RUST_BACKTRACE") {
        return None;
    }
    let panicked = line.find("panicked at").filter(|_| line.starts_with("thread '"));
    Some(panicked.map_or(line, |from| &line[from..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trap_is_told_with_the_guests_last_words() {
        let trap = |stderr: &[&str]| {
            let failure = Failure::Trap {
                message: "wasm trap: unreachable".to_owned(),
                backtrace: String::new(),
                stderr: stderr.iter().copied().map(str::to_owned).collect(),
            };
            failure.to_string()
        };
        let panic = [
            "",
            "thread '<unnamed>' (1) panicked at src/lib.rs:24:13:",
            "no hello",
            "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
        ];
        assert_eq!(
            trap(&panic),
            "wasm trap: unreachable; panicked at src/lib.rs:24:13: no hello"
        );
        assert_eq!(
            trap(&["Traceback:", "  File \"app.py\"", "ValueError: no"]),
            "wasm trap: unreachable; Traceback: File \"app.py\"; ValueError: no"
        );
        assert_eq!(trap(&[]), "wasm trap: unreachable");
    }
}
