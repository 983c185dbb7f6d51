//! A server process, from start to end. Its output goes to a file, the end of which is quoted when it fails.

use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::machine::cores::{self, Cores};

/// How long a start may take.
const START: Duration = Duration::from_secs(60);
/// How long an orderly end may take.
const END: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(1);
/// How much of the output an error quotes.
const QUOTED_LINES: usize = 12;

/// A process that is killed when dropped.
pub struct Running {
    process: Child,
    log: PathBuf,
    /// From before the process existed until it was ready.
    pub ready_after: Duration,
}

impl Running {
    /// Starts a process on its cores and waits until `ready` says so.
    pub fn start(mut command: Command, on: &Cores, log: &Path, ready: impl Fn() -> bool) -> anyhow::Result<Self> {
        let output = File::create(log).with_context(|| format!("creating {}", log.display()))?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let began = Instant::now();
        let process = cores::pinned(on, || command.spawn())
            .with_context(|| format!("starting {}", command.get_program().display()))?;
        let mut running = Self {
            process,
            log: log.to_owned(),
            ready_after: Duration::ZERO,
        };
        while !ready() {
            if let Some(status) = running.process.try_wait()? {
                bail!("the server has ended with {status}:\n{}", running.last_lines());
            }
            if began.elapsed() > START {
                bail!("the server is not ready after {START:?}:\n{}", running.last_lines());
            }
            thread::sleep(LOOK);
        }
        running.ready_after = began.elapsed();
        Ok(running)
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Asks the server to end, and waits until it has.
    pub fn stop(mut self) -> anyhow::Result<()> {
        kill_process(Pid::from_child(&self.process), Signal::TERM)?;
        let asked = Instant::now();
        while self.process.try_wait()?.is_none() {
            if asked.elapsed() > END {
                bail!("the server does not end within {END:?}:\n{}", self.last_lines());
            }
            thread::sleep(LOOK);
        }
        Ok(())
    }

    fn last_lines(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(QUOTED_LINES)..].join("\n")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when the process has ended already, which is what they are for.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A loopback address nobody listens on at this moment.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}
