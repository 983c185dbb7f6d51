//! The folder of a server: its configuration and its data. It outlives the servers that run in it, so that one can be
//! killed and the next one started on what is left.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;

use tempfile::TempDir;

use super::server::{ADMIN_TOKEN, Server};

/// A temporary folder with a configuration and a data folder.
pub struct Home {
    dir: TempDir,
}

/// Bounds by the clock, so wide that a busy machine does not run into them. What a test sets comes after,
/// and what its file names is not set at all.
const PATIENT: [(&str, u32); 3] = [
    ("plugins.deadline_ms", 300),
    ("plugins.wall_ms", 10_000),
    // Many servers have to share the machine: none of them stands back behind the others.
    ("plugins.nice", 0),
];

/// No rate limits by address: all tests come from one.
const UNLIMITED: [(&str, u32); 3] = [
    ("limits.address_connects_per_minute", 0),
    ("limits.address_requests_per_minute", 0),
    ("limits.address_failures_per_minute", 0),
];

impl Home {
    /// Without any setting.
    pub fn new() -> Arc<Self> {
        Self::with("")
    }

    /// With a configuration file.
    pub fn with(config: &str) -> Arc<Self> {
        let dir = tempfile::Builder::new().prefix("switchboard-test-").tempdir().unwrap();
        std::fs::write(dir.path().join("config.toml"), config).unwrap();
        Arc::new(Self { dir })
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn data(&self) -> PathBuf {
        self.file("data")
    }

    /// Starts a server here, with `section.key=VALUE` settings.
    pub fn start(self: &Arc<Self>, settings: &[&str]) -> Server {
        self.try_start(settings)
            .unwrap_or_else(|output| panic!("the server did not start:\n{output}"))
    }

    /// Starts a server here; what it printed if it ends instead of listening.
    pub fn try_start(self: &Arc<Self>, settings: &[&str]) -> Result<Server, String> {
        Server::spawn(Arc::clone(self), self.serve(settings))
    }

    /// The command that serves here.
    pub fn serve(&self, settings: &[&str]) -> Command {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0", "--config"]);
        command.arg(self.file("config.toml")).arg("--data-dir").arg(self.data());
        let written = std::fs::read_to_string(self.file("config.toml")).unwrap_or_default();
        let unless_named = |key: &str| !written.contains(key.rsplit('.').next().unwrap_or(key));
        let patient = PATIENT.iter().chain(&UNLIMITED).filter(|(key, _)| unless_named(key));
        for (key, value) in patient {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        for setting in settings {
            command.args(["--set", setting]);
        }
        command
    }

    /// The server's binary with some arguments, in this folder and with nothing of the environment it could misread.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(from_environment("SWITCHBOARD_BIN"));
        command
            .args(args)
            .current_dir(self.dir.path())
            .env("SWITCHBOARD_ADMIN_TOKEN", ADMIN_TOKEN)
            .env("NO_COLOR", "1")
            .env_remove("RUST_LOG");
        command
    }

    /// Runs a command of the binary to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }
}

/// What the test's starter has set.
pub fn from_environment(name: &str) -> PathBuf {
    std::env::var_os(name).map_or_else(
        || panic!("{name} is not set: run the tests by `cargo xtask test`"),
        PathBuf::from,
    )
}
