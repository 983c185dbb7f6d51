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

/// What to change in a scaffolded plugin: texts of its observer, and a function of its own that fails.
struct Edit {
    file: &'static str,
    greeting: [&'static str; 2],
    condition: [&'static str; 2],
    function: &'static str,
}

fn edit(language: &str) -> Edit {
    match language {
        "js" => Edit {
            file: "greet/plugin.js",
            greeting: ["`Hello, ${uid}!`", "`Good day, ${uid}!`"],
            condition: [
                "    if (uid !== undefined &&",
                "    if (text === 'print') outOfPaper();\n",
            ],
            function: "function outOfPaper() {\n  throw new Error('no more sheets');\n}\n",
        },
        "python" => Edit {
            file: "greet/plugin.py",
            greeting: ["\"Hello, {uid}!\"", "\"Good day, {uid}!\""],
            condition: [
                "        if uid is not None and",
                "        if text == \"print\":\n            out_of_paper()\n",
            ],
            function: "def out_of_paper():\n    raise RuntimeError(\"no more sheets\")\n",
        },
        other => panic!("no edit for {other}"),
    }
}

/// A scaffolded plugin `greet` in a language that is not compiled is watched: an edit is live, and what goes wrong after
/// it is shown with its message and the function it was in.
pub async fn an_edit_of_a_script(desk: &Desk, language: &str) {
    let watch = Watch::start(desk, "greet");
    watch.says("live in app");
    watch.says("waiting for changes");
    let edit = edit(language);
    let source = desk.folder.path().join(edit.file);
    let mut text = std::fs::read_to_string(&source).unwrap();
    let [before, inserted] = edit.condition;
    for (from, to) in [
        (edit.greeting[0], edit.greeting[1].to_owned()),
        (before, format!("{inserted}{before}")),
    ] {
        assert!(text.contains(from), "no {from} in {text}");
        text = text.replace(from, &to);
    }
    std::fs::write(&source, format!("{text}\n\n{}", edit.function)).unwrap();
    watch.says("live in app");
    // Not before: who says nothing while a component is built is taken for gone.
    let bea = desk.app.user("bea").await;
    let room = bea.conversation("group", &[]).await;
    let mut bea = bea.connect().await;
    bea.say(room, "hello").await;
    assert_eq!(bea.heard().await, "Good day, bea!");
    bea.say(room, "print").await;
    let shown = watch.says("no more sheets");
    let function = edit.function.split([' ', '(']).nth(1).unwrap();
    if !shown.contains(function) {
        watch.says(function);
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
