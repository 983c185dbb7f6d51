//! The browser's process: found, started, spoken to, ended.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use headless_chrome::protocol::cdp::Target::CreateTarget;
use tempfile::TempDir;

use crate::{Error, Tab};

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
const START: Duration = Duration::from_secs(30);
/// Longer than any test is silent: the crate hangs up on a browser that says nothing for this long.
const IDLE: Duration = Duration::from_secs(300);

/// Quiet, reproducible and self-contained: nothing is fetched, synchronised or asked.
const FLAGS: [&str; 18] = [
    "--headless=new",
    // A sandbox needs rights that build containers do not give; the pages are our own.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--disable-extensions",
    "--mute-audio",
    // Two tabs talk to each other: neither may doze while the other is in front.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--lang=en-GB",
    "--remote-debugging-port=0",
];

/// A running headless Chromium with an empty profile.
pub struct Browser {
    connection: headless_chrome::Browser,
    process: Process,
}

impl Browser {
    /// Starts the browser named by `CHROMIUM`, else the first of `chromium`, `chromium-browser`, `google-chrome` on
    /// `PATH`.
    ///
    /// # Errors
    /// [`Error::Missing`] without a browser, [`Error::Start`] with what it printed if it ends or stays silent.
    pub fn start() -> Result<Self, Error> {
        let program = find()?;
        let (process, address) = Process::start(&program)?;
        let connection = headless_chrome::Browser::connect_with_timeout(address, IDLE).map_err(Error::protocol)?;
        Ok(Self { connection, process })
    }

    /// Opens a tab of its own window and size, and waits until the page has loaded.
    ///
    /// # Errors
    /// [`Error::Protocol`] if the page cannot be reached.
    pub fn open(&self, url: &str, width: u32, height: u32) -> Result<Tab, Error> {
        let blank = CreateTarget {
            url: "about:blank".to_owned(),
            // A tab in a window of its own is visible whatever other tabs do.
            new_window: Some(true),
            left: None,
            top: None,
            width: None,
            height: None,
            window_state: None,
            browser_context_id: None,
            enable_begin_frame_control: None,
            background: None,
            for_tab: None,
            hidden: None,
        };
        let tab = Tab::new(self.connection.new_tab_with_options(blank).map_err(Error::protocol)?)?;
        tab.resize(width, height)?;
        tab.go(url)?;
        Ok(tab)
    }

    /// The process id, for a test that wants to be sure.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.child.id()
    }
}

/// The process and its profile; ends both.
struct Process {
    child: Child,
    profile: Option<TempDir>,
}

impl Process {
    /// Starts the browser and answers the address it says it listens on.
    fn start(program: &Path) -> Result<(Self, String), Error> {
        let profile = tempfile::Builder::new().prefix("switchboard-browser-").tempdir()?;
        let mut child = Command::new(program)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            // What it puts beside its profile goes with it.
            .env("TMPDIR", profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let stderr = child.stderr.take();
        // From here on the process is ended on every way out.
        let process = Self {
            child,
            profile: Some(profile),
        };
        let lines = stderr.map(follow);
        match lines.as_ref().and_then(address_among) {
            Some(address) => Ok((process, address)),
            None => Err(Error::Start {
                program: program.display().to_string(),
                reason: format!("no address within {} s", START.as_secs()),
            }),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Errors mean that it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        // The renderers end a moment after their parent and write until then.
        if let Some(profile) = self.profile.take() {
            let path = profile.keep();
            for _ in 0..50 {
                if std::fs::remove_dir_all(&path).is_ok() || !path.exists() {
                    return;
                }
                thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

fn find() -> Result<PathBuf, Error> {
    if let Some(named) = env::var_os("CHROMIUM") {
        let path = PathBuf::from(named);
        return if path.is_file() {
            Ok(path)
        } else {
            Err(Error::Missing(path.display().to_string()))
        };
    }
    let path = env::var_os("PATH").unwrap_or_default();
    NAMES
        .iter()
        .flat_map(|name| env::split_paths(&path).map(move |folder| folder.join(name)))
        .find(|candidate| candidate.is_file())
        .ok_or_else(|| Error::Missing(NAMES.join(", ")))
}

/// Reads the browser's complaints to the end, so that it never blocks on a full pipe.
fn follow(stderr: ChildStderr) -> Receiver<String> {
    let (lines, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            // Nobody listens once the address is known; the reading goes on.
            let _ = lines.send(line);
        }
    });
    receiver
}

fn address_among(lines: &Receiver<String>) -> Option<String> {
    while let Ok(line) = lines.recv_timeout(START) {
        if let Some(address) = line.strip_prefix("DevTools listening on ") {
            return Some(address.trim().to_owned());
        }
    }
    None
}
