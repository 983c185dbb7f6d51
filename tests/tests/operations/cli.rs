use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};

use serde_json::{Value, json};

use crate::harness::{App, Guest, PATIENCE, Server, eventually, from_environment, guest, request, variant};

/// The command line against a server, as one who holds a token.
struct Cli<'a> {
    server: &'a Server,
    token: &'a str,
}

impl Cli<'_> {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.server.home.command(args);
        command
            .env("SWITCHBOARD_ADMIN_TOKEN", self.token)
            .env("SWITCHBOARD_SERVER", format!("http://{}", self.server.address));
        command
    }

    fn run(&self, args: &[&str]) -> (bool, String, String) {
        let output = self.command(args).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    }

    /// What a command prints; fails if it fails.
    #[track_caller]
    fn text(&self, args: &[&str]) -> String {
        let (success, stdout, stderr) = self.run(args);
        assert!(success, "{args:?}: {stderr}");
        stdout
    }

    /// What a command answers as JSON.
    #[track_caller]
    fn json(&self, args: &[&str]) -> Value {
        let args = [args, &["--json"]].concat();
        serde_json::from_str(&self.text(&args)).unwrap()
    }

    /// What a command that must fail says.
    #[track_caller]
    fn fails(&self, args: &[&str]) -> String {
        let (success, stdout, stderr) = self.run(args);
        assert!(!success, "{args:?} did not fail: {stdout}");
        assert!(
            stderr.contains("error: ") && !stderr.contains("panicked"),
            "{args:?}: {stderr}"
        );
        stderr
    }
}

fn component(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let file = folder.join(name);
    std::fs::write(&file, bytes).unwrap();
    file.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_are_looked_after_from_the_command_line() {
    let server = Server::start(&[]);
    let cli = Cli {
        server: &server,
        token: crate::harness::ADMIN_TOKEN,
    };
    let made = cli.json(&["app", "create", "商店 Shop", "--set", "login=single"]);
    let (id, secret) = (made["app_id"].to_string(), made["secret"].as_str().unwrap().to_owned());
    assert_eq!(made["settings"]["login"], "single");
    let list = cli.text(&["app", "list"]);
    assert!(
        list.contains(&id) && list.contains("商店 Shop") && !list.contains(&secret),
        "{list}"
    );
    let shown = cli.text(&["app", "show", &id]);
    assert!(shown.contains("single") && !shown.contains(&secret), "{shown}");
    let tenant = Cli {
        server: &server,
        token: &secret,
    };
    assert_eq!(tenant.json(&["app", "show", &id])["app_id"], made["app_id"]);
    assert!(tenant.fails(&["app", "list"]).contains("not_found"));

    let fresh = cli.json(&["app", "rotate-secret", &id])["secret"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_ne!(fresh, secret);
    tenant.fails(&["app", "show", &id]);
    assert_eq!(cli.json(&["app", "disable", &id])["enabled"], false);
    assert_eq!(cli.json(&["app", "enable", &id])["enabled"], true);
    assert!(cli.fails(&["app", "show", "4000000"]).contains("not_found"));
    assert!(
        cli.fails(&["app", "create", "x", "--set", "login=sometimes"])
            .contains("login")
    );
    assert!(
        Cli {
            server: &server,
            token: "wrong"
        }
        .fails(&["app", "list"])
        .contains("bad_token")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn dialects_are_mounted_from_the_command_line() {
    let guests = from_environment("SWITCHBOARD_GUESTS");
    let server = Server::start(&[&format!("plugins.bundled={}", guests.display())]);
    let cli = Cli {
        server: &server,
        token: crate::harness::ADMIN_TOKEN,
    };
    assert!(
        cli.fails(&["app", "create", "Shop", "--dialect", "nothing"])
            .contains("bad_field")
    );
    let made = cli.json(&["app", "create", "Shop", "--dialect", "parrot"]);
    let (id, secret) = (made["app_id"].to_string(), made["secret"].as_str().unwrap());
    let answers = async |path: &str| request(server.address, "GET", path).send().await.status;

    assert_eq!(answers("/shop/echo").await, 404);
    let shown = cli.text(&["mount", "add", &id, "parrot", "--prefix", "/shop"]);
    assert_eq!(shown, "DIALECT  PREFIX  HOST\nparrot   /shop   -\n");
    assert_eq!(answers("/shop/echo").await, 200);
    cli.text(&["mount", "add", &id, "parrot", "--host", "chat.example.com"]);
    let listed = cli.json(&["mount", "list", &id]);
    assert_eq!(
        listed["mounts"],
        json!([{ "dialect": "parrot", "prefix": "/shop" }, { "dialect": "parrot", "prefix": "", "host": "chat.example.com" }])
    );
    for (place, code) in [("/shop", "conflict"), ("shop", "prefix")] {
        let told = cli.fails(&["mount", "add", &id, "parrot", "--prefix", place]);
        assert!(told.contains(code), "{place}: {told}");
    }
    // Addresses are the server's.
    let tenant = Cli {
        server: &server,
        token: secret,
    };
    assert!(tenant.fails(&["mount", "list", &id]).contains("not_found"));

    assert_eq!(
        cli.text(&["mount", "remove", &id, "parrot", "--prefix", "/shop"]),
        "done\n"
    );
    assert_eq!(answers("/shop/echo").await, 404);
    cli.fails(&["mount", "remove", &id, "parrot", "--prefix", "/shop"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_are_looked_after_from_the_command_line() {
    let app = App::new().await;
    let folder = tempfile::tempdir().unwrap();
    let cli = Cli {
        server: &app.server,
        token: crate::harness::ADMIN_TOKEN,
    };
    let id = &app.id.to_string();
    let tagger = component(folder.path(), "tagger.wasm", &guest(Guest::Tagger));
    let found = cli.text(&["plugin", "inspect", &tagger]);
    assert!(found.contains("policy") && found.contains("tag"), "{found}");
    let made = cli.json(&[
        "plugin",
        "install",
        id,
        &tagger,
        "--config",
        r#"{"tag":"！"}"#,
        "--priority",
        "-3",
    ]);
    assert_eq!(
        (&made["name"], &made["priority"], &made["config"]),
        (&json!("tagger"), &json!(-3), &json!({ "tag": "！" }))
    );
    let alice = app.user("alice").await;
    let group = alice.conversation("group", &[]).await;
    alice.say(group, "a").await;

    cli.text(&["plugin", "configure", id, "tagger", "--config", r#"{"tag":"?"}"#]);
    alice.say(group, "b").await;
    cli.text(&["plugin", "disable", id, "tagger"]);
    alice.say(group, "c").await;
    cli.text(&["plugin", "enable", id, "tagger"]);
    let links = component(folder.path(), "links.wasm", &variant(guest(Guest::NoLinks), "v2"));
    let upgraded = cli.json(&["plugin", "install", id, &links, "--name", "tagger"]);
    assert_eq!(upgraded["current"]["number"], 2);
    alice.say(group, "d").await;
    cli.text(&["plugin", "rollback", id, "tagger"]);
    alice.say(group, "e").await;
    assert_eq!(alice.texts(group).await, ["a！", "b?", "c", "d", "e?"]);
    let list = cli.text(&["plugin", "list", id]);
    assert!(list.contains("tagger"), "{list}");

    let bad = component(folder.path(), "bad.wasm", b"bad");
    assert!(cli.fails(&["plugin", "install", id, &bad]).contains("plugin_rejected"));
    assert!(
        cli.fails(&["plugin", "install", id, "/no/such/file.wasm"])
            .contains("/no/such/file.wasm")
    );
    let counter = component(folder.path(), "counter.wasm", &guest(Guest::Counter));
    assert!(cli.fails(&["plugin", "install", id, &counter]).contains("kv"));
    cli.text(&["plugin", "install", id, &counter, "--grants", "all"]);
    assert!(
        cli.fails(&["plugin", "configure", id, "tagger", "--config", r#"{"tag":7}"#])
            .contains("bad_field")
    );

    let naughty = component(folder.path(), "naughty.wasm", &guest(Guest::Naughty));
    cli.text(&["plugin", "install", id, &naughty, "--grants", "kv,messages-send"]);
    cli.text(&["plugin", "disable", id, "tagger"]);
    alice.say(group, "policy panic").await;
    let log = cli.text(&["plugin", "logs", id, "naughty"]);
    assert!(log.contains("naughty on purpose"), "{log}");
    let unsaid = cli.fails(&["plugin", "remove", id, "naughty"]);
    assert!(unsaid.contains("--keep-data or --wipe-data"), "{unsaid}");
    cli.text(&["plugin", "remove", id, "naughty", "--wipe-data"]);
    assert!(cli.fails(&["plugin", "logs", id, "naughty"]).contains("not_found"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_is_led_from_the_command_line_and_all_is_written_down() {
    let app = App::new().await;
    let folder = tempfile::tempdir().unwrap();
    let cli = Cli {
        server: &app.server,
        token: &app.secret,
    };
    let id = &app.id.to_string();
    let first = component(folder.path(), "counter.wasm", &guest(Guest::Counter));
    let grants = ["--grants", "kv,messages-send"];
    cli.text(&[&["plugin", "install", id, &first], &grants[..]].concat());
    let alice = app.user("alice").await;
    let group = alice.conversation("group", &[]).await;
    alice.say(group, "one").await;
    assert_eq!(alice.heard(group, 2).await, ["one", "1"]);

    let second = component(folder.path(), "new.wasm", &variant(guest(Guest::Counter), "v2"));
    let upload = ["plugin", "install", id, &second, "--name", "counter", "--canary", "5"];
    let made = cli.json(&upload);
    assert_eq!(
        (
            &made["current"]["number"],
            &made["canary"]["number"],
            &made["canary"]["percent"]
        ),
        (&json!(1), &json!(2), &json!(5))
    );
    let changed = cli.json(&["plugin", "configure", id, "counter", "--canary", "50"]);
    assert_eq!(changed["canary"]["percent"], 50);
    let shown = cli.text(&["plugin", "show", id, "counter"]);
    assert!(shown.contains("for 50 of 100"), "{shown}");
    let promoted = cli.json(&["plugin", "promote", id, "counter"]);
    assert_eq!(
        (&promoted["current"]["number"], &promoted["canary"]),
        (&json!(2), &json!(null))
    );
    alice.say(group, "two").await;
    assert_eq!(alice.heard(group, 4).await[2..], ["two", "2"]);

    // What is kept is there for the next of its name.
    let removed = cli.text(&["plugin", "remove", id, "counter", "--keep-data"]);
    assert!(removed.contains("is still there"), "{removed}");
    cli.text(&[&["plugin", "install", id, &first], &grants[..]].concat());
    alice.say(group, "three").await;
    assert_eq!(alice.heard(group, 6).await[4..], ["three", "3"]);

    let entries = cli.json(&["plugin", "audit", id, "counter"]);
    let entries = entries["entries"].as_array().unwrap();
    let done: Vec<&str> = entries.iter().map(|entry| entry["what"].as_str().unwrap()).collect();
    assert_eq!(
        done,
        [
            "installed",
            "removed",
            "promoted",
            "canary_changed",
            "canary_started",
            "installed"
        ]
    );
    assert!(entries.iter().all(|entry| entry["who"] == "app"), "{entries:?}");
    let shown = cli.text(&["plugin", "audit", id, "--limit", "2"]);
    assert!(
        shown.contains("removed") && shown.contains("older ones: --before"),
        "{shown}"
    );
}

/// A command that goes on until it is dropped, line by line.
struct Follow {
    child: Child,
    lines: Receiver<String>,
}

impl Follow {
    fn start(cli: &Cli<'_>, args: &[&str]) -> Self {
        let mut command = cli.command(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self { child, lines }
    }

    /// The next line with a text.
    fn says(&self, part: &str) {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            if line.unwrap_or_else(|_| panic!("no line says {part:?}")).contains(part) {
                return;
            }
        }
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_and_traces_are_followed() {
    let app = App::new().await;
    let cli = Cli {
        server: &app.server,
        token: &app.secret,
    };
    let id = &app.id.to_string();
    app.upload("door", guest(Guest::Doorkeeper))
        .grants("kv,messages-send")
        .install()
        .await;
    let alice = app.user("alice").await;
    let group = alice.conversation("group", &[]).await;
    cli.text(&["plugin", "trace", id, "door", "--on"]);
    alice.say(group, "already said").await;
    let log = Follow::start(&cli, &["plugin", "logs", id, "door", "-f"]);
    let trace = Follow::start(&cli, &["plugin", "trace", id, "door", "-f"]);
    log.says("send by alice");
    trace.says("already said");
    for number in 1..=2 {
        alice.say(group, &format!("said later {number}")).await;
        log.says("send by alice");
        trace.says(&format!("said later {number}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_get_tokens_from_the_command_line() {
    let app = App::new().await;
    let cli = Cli {
        server: &app.server,
        token: &app.secret,
    };
    let id = &app.id.to_string();
    cli.text(&["user", "put", id, "alice", "--nickname", "艾丽丝"]);
    let token = cli.json(&["user", "token", id, "alice"])["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let me = request(app.server.address, "GET", "/v1/me")
        .bearer(&token)
        .send()
        .await
        .ok();
    assert_eq!(me["nickname"], "艾丽丝");
}

#[tokio::test(flavor = "multi_thread")]
async fn given_up_work_is_looked_after_from_the_command_line() {
    let server = Server::start(&["jobs.attempts=1"]);
    let app = App::on(&server, json!({})).await;
    let counter = app.upload("counter", guest(Guest::Counter));
    counter.grants("kv,messages-send").install().await;
    let id = app.id.to_string();
    let cli = Cli {
        server: &server,
        token: &app.secret,
    };
    let list = ["job", "list", id.as_str()];
    assert_eq!(cli.json(&list)["jobs"], json!([]));
    let alice = app.user("alice").await;
    let group = alice.conversation("group", &[]).await;
    alice.say(group, "fail-once").await;
    let dead = eventually("the job to be given up", async || {
        let jobs = cli.json(&list)["jobs"].as_array().unwrap().clone();
        (!jobs.is_empty()).then_some(jobs)
    });
    let dead = dead.await;
    assert_eq!((dead.len(), &dead[0]["plugin"]), (1, &json!("counter")), "{dead:?}");
    let table = cli.text(&list);
    assert!(
        table.contains("counter") && table.contains("failed once, as told"),
        "{table}"
    );

    let stranger = Cli {
        server: &server,
        token: "no token",
    };
    stranger.fails(&list);
    cli.fails(&["job", "retry", &id, "4000000"]);
    let job = dead[0]["id"].to_string();
    assert_eq!(cli.text(&["job", "retry", &id, job.trim_matches('"')]), "done\n");
    eventually("the job to be done", async || {
        let count = app.counters("counter", "observer").await["calls"].as_u64();
        (count >= Some(2) && cli.json(&list)["jobs"] == json!([])).then_some(())
    })
    .await;
    let texts = eventually("the answer", async || {
        let texts = alice.texts(group).await;
        (texts.len() > 1).then_some(texts)
    });
    assert_eq!(texts.await, ["fail-once", "1"], "tried twice, answered once");
}
