//! A server process: it is there when it has said so, and when it goes it is asked first and then made to. A panic in
//! it fails whoever used it.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::home::Home;
use super::http::{Response, request};
use super::{PATIENCE, eventually};

/// The operator's token of every server of the tests.
pub const ADMIN_TOKEN: &str = "operator-token-of-the-tests";

/// Lines that are kept of what a server prints.
const KEPT: usize = 2_000;

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    pub home: Arc<Home>,
    child: Mutex<Child>,
    output: Arc<Mutex<Vec<String>>>,
}

/// The server of all tests that need nothing special.
static SHARED: LazyLock<Arc<Server>> = LazyLock::new(|| Server::lasting(&[]));

impl Server {
    /// The one that most tests share.
    pub fn shared() -> Arc<Self> {
        Arc::clone(&SHARED)
    }

    /// One that several tests share, in a static.
    pub fn lasting(settings: &[&str]) -> Arc<Self> {
        let server = Home::new().start(settings);
        server.end_with_the_tests();
        Arc::new(server)
    }

    /// One of one's own.
    pub fn start(settings: &[&str]) -> Arc<Self> {
        Arc::new(Home::new().start(settings))
    }

    pub(super) fn spawn(home: Arc<Home>, mut command: Command) -> Result<Self, String> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let output = Arc::default();
        let (found, listening) = mpsc::channel();
        let readers = [
            read(child.stdout.take().unwrap(), &output, Some(found)),
            read(child.stderr.take().unwrap(), &output, None),
        ];
        let address = listening.recv_timeout(PATIENCE);
        let server = Self {
            address: address.unwrap_or_else(|_| SocketAddr::from(([0; 4], 0))),
            home,
            child: Mutex::new(child),
            output,
        };
        if address.is_ok() {
            return Ok(server);
        }
        server.kill();
        for reader in readers {
            reader.join().unwrap();
        }
        Err(server.printed())
    }

    /// What it has printed, the last of it.
    pub fn printed(&self) -> String {
        self.output.lock().unwrap().join("\n")
    }

    pub fn pid(&self) -> u32 {
        self.child.lock().unwrap().id()
    }

    /// Ends it as a power cut would.
    pub fn kill(&self) {
        let mut child = self.child.lock().unwrap();
        let _ = child.kill();
        child.wait().unwrap();
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        let child = self.child.lock().unwrap();
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    }

    /// Asks it to end and waits until it has; whether it said that all went well.
    pub async fn stop(&self) -> bool {
        self.terminate();
        eventually("the server's end", async || {
            self.child
                .lock()
                .unwrap()
                .try_wait()
                .unwrap()
                .map(|status| status.success())
        })
        .await
    }

    /// Resident memory in KiB.
    pub fn memory_kib(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most it ever was.
    pub fn peak_memory_kib(&self) -> u64 {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// A request of the operator.
    pub async fn admin(&self, method: &str, path: &str, body: Value) -> Response {
        request(self.address, method, &format!("/admin/api{path}"))
            .bearer(ADMIN_TOKEN)
            .json(&body)
            .send()
            .await
    }

    /// Fails if the server has met a fault of its own.
    pub fn complain(&self) {
        let output = self.output.lock().unwrap();
        let panicked = output
            .iter()
            .position(|line| line.starts_with("thread '") && line.contains("panicked at"));
        if let Some(at) = panicked
            && !thread::panicking()
        {
            panic!("the server panicked:\n{}", output[at..].join("\n"));
        }
    }

    /// Statics are not dropped: a process that notices the end of this one stops the shared server and removes its
    /// folder.
    fn end_with_the_tests(&self) {
        let script = r#"read -r _; kill -TERM "$1"; n=0
            while kill -0 "$1" 2>/dev/null && [ $n -lt 100 ]; do n=$((n+1)); sleep 0.1; done
            kill -KILL "$1" 2>/dev/null; rm -rf "$2""#;
        let mut watch = Command::new("sh");
        watch
            .args(["-c", script, "sh", &self.pid().to_string()])
            .arg(self.home.file(""));
        let watch = watch
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Its stdin closes when this process ends, however it does.
        static WATCH: Mutex<Vec<Child>> = Mutex::new(Vec::new());
        WATCH.lock().unwrap().push(watch);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.lock().unwrap().try_wait().unwrap().is_none() {
            self.terminate();
            for _ in 0..500 {
                if self.child.lock().unwrap().try_wait().unwrap().is_some() {
                    break;
                }
                thread::sleep(std::time::Duration::from_millis(20));
            }
            self.kill();
        }
        if thread::panicking() {
            eprintln!("--- the server at {} printed:\n{}", self.address, self.printed());
        }
        self.complain();
    }
}

/// Keeps what a pipe brings, and tells where the server listens.
fn read(
    from: impl Read + Send + 'static,
    to: &Arc<Mutex<Vec<String>>>,
    found: Option<Sender<SocketAddr>>,
) -> thread::JoinHandle<()> {
    let to = Arc::clone(to);
    thread::spawn(move || {
        let mut found = found;
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if let Some(address) = line
                .strip_prefix("listening on ")
                .and_then(|base| base.split_once("://"))
                .map(|(_, rest)| rest)
                .and_then(|rest| rest.parse().ok())
                && let Some(found) = found.take()
            {
                let _ = found.send(address);
            }
            let mut to = to.lock().unwrap();
            if to.len() == KEPT {
                to.remove(0);
            }
            to.push(line);
        }
    })
}
