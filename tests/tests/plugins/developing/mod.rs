//! The developer's way: from a name to a live reply, for each language, with the commands that the guides in `docs/` give.

mod guides;
mod javascript;
mod missing;
mod python;
mod rust;
mod stories;
mod traces;
mod watching;

use std::fs::File;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{App, Server, from_environment, request, text_to};

/// A developer's desk: a folder, and an app on a server.
pub struct Desk {
    pub folder: TempDir,
    pub app: App,
}

impl Desk {
    /// One with an app of its own.
    pub async fn new() -> Self {
        Self {
            folder: TempDir::with_prefix_in("desk-", &DESKS.0).unwrap(),
            app: App::new().await,
        }
    }

    /// One whose server has time for large components on a machine that does much else.
    pub async fn patient() -> Self {
        let server = Server::start(&[
            "plugins.compile_wall_seconds=600",
            "plugins.compile_cpu_seconds=600",
            "plugins.wall_ms=10000",
        ]);
        Self {
            app: App::on(&server, json!({})).await,
            ..Self::new().await
        }
    }

    /// The command line in a folder on the desk, as the tenant.
    pub fn command(&self, folder: &str, args: &[&str]) -> Command {
        let mut command = Command::new(from_environment("SWITCHBOARD_BIN"));
        command
            .args(args)
            .current_dir(self.folder.path().join(folder))
            .env("SWITCHBOARD_ADMIN_TOKEN", &self.app.secret)
            .env("SWITCHBOARD_SERVER", format!("http://{}", self.app.server.address))
            // What all projects of the tests need is fetched and compiled once, and no larger than it must be.
            .env("CARGO_TARGET_DIR", shared("rust"))
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "none")
            .env("npm_config_cache", shared("npm"))
            .env("PIP_CACHE_DIR", shared("pip"))
            .env("NO_COLOR", "1")
            .env_remove("RUST_LOG");
        command
    }

    /// Runs a command to its end: whether it succeeded, its standard output, its standard error.
    pub fn run(&self, folder: &str, args: &[&str]) -> (bool, String, String) {
        let output = self.command(folder, args).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    }

    /// What a command prints; fails if it fails.
    #[track_caller]
    pub fn text(&self, folder: &str, args: &[&str]) -> String {
        let (success, stdout, stderr) = self.run(folder, args);
        assert!(success, "{args:?}: {stdout}\n{stderr}");
        stdout
    }

    /// What a command that must fail says on standard error, after what it printed.
    #[track_caller]
    pub fn fails(&self, folder: &str, args: &[&str]) -> String {
        let (success, stdout, stderr) = self.run(folder, args);
        assert!(!success, "{args:?} did not fail: {stdout}");
        assert!(
            stderr.contains("error: ") && !stderr.contains("panicked"),
            "{args:?}: {stderr}"
        );
        format!("{stdout}{stderr}")
    }

    /// The same as JSON.
    #[track_caller]
    pub fn json(&self, folder: &str, args: &[&str]) -> Value {
        serde_json::from_str(&self.text(folder, args)).unwrap()
    }

    /// The app's id, as the command line takes it.
    pub fn app_id(&self) -> String {
        self.app.id.to_string()
    }
}

/// Where desks stand: not where small things are kept, for what a project needs to be built is large. What a run has left
/// that was ended is gone, and each desk goes with its test.
static DESKS: LazyLock<(PathBuf, File)> = LazyLock::new(|| {
    let folder = shared("desks");
    std::fs::create_dir_all(&folder).unwrap();
    // Held as long as this process lives: whoever is alone here may clear up.
    let held = File::create(shared("desks.lock")).unwrap();
    if held.try_lock().is_ok() {
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::create_dir(&folder).unwrap();
        // Projects in here belong to no workspace that is found further up.
        std::fs::write(folder.join("Cargo.toml"), "[workspace]\nexclude = [\".\"]\n").unwrap();
    }
    held.lock_shared().unwrap();
    (folder, held)
});

/// A folder that all tests share, and that is still there the next time.
pub fn shared(name: &str) -> PathBuf {
    let guests = from_environment("SWITCHBOARD_GUESTS");
    guests.parent().unwrap().join("developing").join(name)
}

/// From scaffold to live reply, with the commands of the guides. Every hook of the templates answers over a real socket.
/// Answers the desk, with the plugin `greet` on it.
pub async fn from_name_to_reply(language: &str) -> Desk {
    let desk = Desk::patient().await;
    let hooks = "observer,policy,opened,message-type,command,endpoint";
    desk.text("", &["plugin", "new", "greet", "--lang", language, "--hook", hooks]);
    let played = desk.text("greet", &["plugin", "test"]);
    for story in ["command", "endpoint", "message-type", "observer", "opened", "policy"] {
        assert!(played.contains(&format!("ok      tests/{story}.toml")), "{played}");
    }
    let found = desk.json("greet", &["plugin", "check", "greet.wasm", "--json"]);
    for hook in [
        "about",
        "command",
        "endpoint",
        "message-type",
        "policy",
        "observer",
        "opened",
    ] {
        assert!(
            found["hooks"].as_array().unwrap().contains(&json!(hook)),
            "{hook}: {found}"
        );
    }
    assert_eq!(found["capabilities"], json!(["messages-send"]));
    let app = desk.app_id();
    desk.text(
        "greet",
        &["plugin", "install", &app, "greet.wasm", "--grants", "messages-send"],
    );
    let [ann, bob] = desk.app.users(["ann", "bob"]).await;
    let room = ann.conversation("group", &[&bob]).await;
    let (mut ann, mut bob) = (ann.connect().await, bob.connect().await);
    ann.say(room, "hello").await;
    assert_eq!(bob.heard().await, "hello");
    assert_eq!(bob.heard().await, "Hello, ann!");
    let refused = ann.attempt("message.send", text_to(room, "http://example.org")).await;
    assert_eq!(refused.unwrap_err().code, "no_links");
    bob.call("conversation.open", json!({ "conversation": room })).await;
    let mood = json!({ "conversation": room, "kind": "mood", "body": { "mood": "happy" } });
    assert_eq!(
        ann.call("message.send", mood).await["body"],
        json!({ "mood": "happy", "face": "🙂" })
    );
    let whispered = ann.call("message.send", text_to(room, "/greet bob")).await;
    assert_eq!(whispered["command"]["whisper"], "Hello, bob!", "{whispered}");
    let path = format!("/apps/{app}/plugins/greet/hello");
    let page = request(desk.app.server.address, "GET", &path).send().await;
    assert_eq!((page.status, page.text().as_str()), (200, "Hello, stranger!"));
    let log = desk.text("greet", &["plugin", "logs", &app, "greet"]);
    assert!(log.contains("ann says hello"), "{log}");
    desk
}
