use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::time::Instant;

use super::Desk;

/// How long a build may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(600);

/// A `plugin dev` that runs until it is dropped.
struct Watch {
    child: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn start(desk: &Desk, folder: &str) -> Self {
        let mut command = desk.command(folder, &["plugin", "dev", "--app", &desk.app_id()]);
        // A group of its own, to be ended with all it has started.
        command.process_group(0);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let streams: [Box<dyn Read + Send>; 2] = [
            Box::new(child.stdout.take().unwrap()),
            Box::new(child.stderr.take().unwrap()),
        ];
        for stream in streams {
            let sender = sender.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    let _ = sender.send(line);
                }
            });
        }
        Self { child, lines }
    }

    /// The next line that contains a text.
    fn says(&self, part: &str) -> String {
        let (until, mut seen) = (Instant::now() + PATIENCE, Vec::new());
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line = self
                .lines
                .recv_timeout(left)
                .unwrap_or_else(|_| panic!("no {part:?} in {seen:#?}"));
            if line.contains(part) {
                return line;
            }
            seen.push(line);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_live_and_what_does_not_build_changes_nothing() {
    let desk = Desk::new().await;
    desk.text("", &["plugin", "new", "polite", "--lang", "rust"]);
    let watch = Watch::start(&desk, "polite");
    watch.says("live in app");
    watch.says("waiting for changes");
    let ann = desk.app.user("ann").await;
    let room = ann.conversation("group", &[]).await;
    let mut ann = ann.connect().await;
    ann.say(room, "hello").await;
    assert_eq!(ann.heard().await, "Hello, ann!");
    watch.says("ann says hello");

    let source = desk.folder.path().join("polite/src/lib.rs");
    let text = std::fs::read_to_string(&source).unwrap();
    std::fs::write(&source, text.replace("Hello, {uid}!", "Good day, {uid}!")).unwrap();
    watch.says("version 2, after");
    ann.say(room, "hello").await;
    assert_eq!(ann.heard().await, "Good day, ann!");

    std::fs::write(&source, text.replace("impl Observer", "imp Observer")).unwrap();
    watch.says("the build failed; what runs goes on");
    ann.say(room, "hello").await;
    assert_eq!(ann.heard().await, "Good day, ann!");

    std::fs::write(&source, text.replace("Hello, {uid}!", "Good evening, {uid}!")).unwrap();
    watch.says("version 3, after");
    ann.say(room, "hello").await;
    assert_eq!(ann.heard().await, "Good evening, ann!");
}
