//! Compiling, the one thing a component can do to the server before anything watches it. It happens in a process of
//! its own that limits its own memory and CPU time and stands back behind what the server does; what it cannot finish
//! inside them is refused.

use std::ffi::OsString;
use std::path::Path;
use std::process::{ExitCode, Output, Stdio};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, setrlimit};
use tokio::process::Command;
use tokio::sync::Semaphore;
use wasmtime::Engine;

use super::{Settings, engine, format, refusals, turns};
use crate::model::Refusal;

/// The worker ends with this and a line on stderr when the component is to blame.
const REFUSED: u8 = 2;

/// Runs compile workers, one at a time.
pub struct Compiler {
    turn: Semaphore,
}

impl Default for Compiler {
    fn default() -> Self {
        Self {
            turn: Semaphore::new(1),
        }
    }
}

impl Compiler {
    /// Compiles a component to an artifact. The artifact is there whole or not at all.
    ///
    /// # Errors
    /// `PluginRejected` with the reason or the limit.
    pub async fn compile(&self, settings: &Settings, component: &[u8], artifact: &Path) -> Result<(), Refusal> {
        format::check(component).map_err(refusals::rejected)?;
        let _turn = self.turn.acquire().await.map_err(refusals::fault)?;
        let source = artifact.with_extension("wasm.part");
        let target = artifact.with_extension("cwasm.part");
        tokio::fs::write(&source, component).await.map_err(refusals::fault)?;
        let outcome = run(settings, &source, &target).await;
        let moved = match &outcome {
            Ok(()) => tokio::fs::rename(&target, artifact).await.map_err(refusals::fault),
            Err(_) => Ok(()),
        };
        for rest in [&source, &target] {
            // Usually only one of them is there.
            let _ = tokio::fs::remove_file(rest).await;
        }
        outcome.and(moved)
    }
}

async fn run(settings: &Settings, source: &Path, target: &Path) -> Result<(), Refusal> {
    let worker = Command::new(&settings.worker)
        .arg("compile-worker")
        .args([source, target])
        .arg(settings.compile_memory_bytes.to_string())
        .arg(settings.compile_cpu_seconds.to_string())
        .arg(settings.nice.to_string())
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .output();
    match tokio::time::timeout(Duration::from_secs(settings.compile_wall_seconds), worker).await {
        Ok(Ok(output)) => judge(settings, &output),
        Ok(Err(error)) => Err(refusals::fault(format!("no compile worker: {error}"))),
        Err(_) => Err(refusals::rejected(format!(
            "compiling took longer than {} s (compile_wall_seconds)",
            settings.compile_wall_seconds
        ))),
    }
}

/// What the way a worker ended means.
fn judge(settings: &Settings, output: &Output) -> Result<(), Refusal> {
    use std::os::unix::process::ExitStatusExt;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(i32::from(REFUSED)) {
        return Err(refusals::rejected(words.trim().chars().take(1000).collect::<String>()));
    }
    let killed = output.status.signal();
    if killed == Some(rustix::process::Signal::XCPU.as_raw()) || killed == Some(rustix::process::Signal::KILL.as_raw())
    {
        let seconds = settings.compile_cpu_seconds;
        return Err(refusals::rejected(format!(
            "compiling takes more than {seconds} s of CPU (compile_cpu_seconds)"
        )));
    }
    if [
        "memory allocation of",
        "Cannot allocate memory",
        "Resource temporarily unavailable",
    ]
    .iter()
    .any(|sign| words.contains(sign))
    {
        let bytes = settings.compile_memory_bytes;
        return Err(refusals::rejected(format!(
            "compiling takes more than {bytes} bytes (compile_memory_bytes)"
        )));
    }
    tracing::warn!(status = %output.status, stderr = %words.trim(), "a compile worker broke down");
    Err(refusals::rejected("the compiler broke down on this component"))
}

/// The compile worker: `SOURCE TARGET MEMORY_BYTES CPU_SECONDS NICE`. To be run in a process of its own, before anything
/// else has started there.
pub fn worker_main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let [source, target, memory, cpu, nice] = args.as_slice() else {
        eprintln!("usage: compile-worker SOURCE TARGET MEMORY_BYTES CPU_SECONDS NICE");
        return ExitCode::FAILURE;
    };
    match work(Path::new(source), Path::new(target), memory, cpu, nice) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(refusal)) => {
            eprintln!("{refusal}");
            ExitCode::from(REFUSED)
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The outer error is the server's, the inner one the component's.
fn work(
    source: &Path,
    target: &Path,
    memory: &OsString,
    cpu: &OsString,
    nice: &OsString,
) -> anyhow::Result<Result<(), String>> {
    let number = |text: &OsString| text.to_string_lossy().parse::<u64>();
    limit(Resource::As, number(memory)?)?;
    limit(Resource::Cpu, number(cpu)?)?;
    limit(Resource::Core, 0)?;
    // Before there are threads: they stand back with it.
    turns::stand_back(nice.to_string_lossy().parse()?)?;
    let bytes = std::fs::read(source)?;
    if let Err(refusal) = format::check(&bytes).and_then(|()| format::validate(&bytes)) {
        return Ok(Err(refusal));
    }
    let engine = Engine::new(&engine::config())?;
    let artifact = match engine.precompile_component(&bytes) {
        Ok(artifact) => artifact,
        Err(error) => return Ok(Err(format!("the component cannot be compiled: {error:#}"))),
    };
    std::fs::write(target, artifact)?;
    Ok(Ok(()))
}

fn limit(resource: Resource, value: u64) -> std::io::Result<()> {
    let limit = Rlimit {
        current: Some(value),
        maximum: Some(value),
    };
    Ok(setrlimit(resource, limit)?)
}
