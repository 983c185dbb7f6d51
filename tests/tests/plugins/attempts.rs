//! Everything that policies are asked about, done natively: what comes of it when they let it pass, change it, refuse it
//! or fail.

use serde_json::{Value, json};

use crate::harness::{App, Door, Failure, Guest, User, Way, eventually, guest, request, text_to};

/// What is attempted; what comes of it; what comes of it when the doorkeeper changes it, where it can.
const ATTEMPTS: [(&str, &str, Option<&str>); 10] = [
    ("send", "hi", Some("hi, seen")),
    ("edit", "new", Some("new, seen")),
    ("recall", "recalled", None),
    ("react", "👍", Some("👀")),
    ("join", "carol,dave", Some("carol")),
    ("leave", "bob,erin", Some("bob")),
    ("create", r#"club {"own":1}"#, Some(r#"club, seen {"seen":true}"#)),
    ("update", r#"named {"own":1}"#, Some(r#"named, seen {"seen":true}"#)),
    ("connect", "in", None),
    ("upload", "a.txt", Some("seen-a.txt")),
];

struct Scene {
    app: App,
    alice: User,
    others: [User; 2],
    door: Door,
    /// Where the doorkeeper speaks.
    log: u64,
}

impl Scene {
    async fn new(guard: Guest, way: Way) -> Self {
        let app = App::new().await;
        let [alice, bob, erin] = app.users(["alice", "bob", "erin"]).await;
        app.users(["carol", "dave"]).await;
        let log = alice.conversation("group", &[]).await;
        let door = alice.by(way).await;
        let upload = app.upload("door", guest(guard)).grants("kv,messages-send");
        upload.config(json!({})).install().await;
        Self {
            app,
            alice,
            others: [bob, erin],
            door,
            log,
        }
    }

    /// Tells the doorkeeper what to do at one kind of attempts.
    async fn order(&self, attempt: &str, word: &str) {
        let config = json!({ attempt: word, "log": self.log.to_string() });
        self.app.change_plugin("door", json!({ "config": config })).await;
    }

    async fn group(&self, others: &[&User]) -> u64 {
        self.alice.conversation("group", others).await
    }

    /// A group with a message in it.
    async fn said(&self) -> (u64, Value) {
        let group = self.group(&[]).await;
        let message = self.alice.say(group, "old").await["id"].clone();
        (group, message)
    }

    async fn members(&self, group: u64) -> Vec<String> {
        let page = self.alice.call("member.list", json!({ "conversation": group })).await;
        let members = page["members"].as_array().unwrap();
        let names = members.iter().map(|member| member["user"].as_str().unwrap().to_owned());
        names.filter(|name| name != "alice").collect()
    }

    /// Attempts it, and says what has come of it.
    async fn attempt(&mut self, what: &str) -> Result<String, Failure> {
        Ok(match what {
            "send" => {
                let group = self.group(&[]).await;
                self.door.attempt("message.send", text_to(group, "hi")).await?;
                self.alice.texts(group).await.pop().unwrap()
            }
            "edit" => {
                let (group, message) = self.said().await;
                let edit = json!({ "message": message, "body": { "text": "new" } });
                self.door.attempt("message.edit", edit).await?;
                self.alice.texts(group).await.pop().unwrap()
            }
            "recall" | "react" => {
                let (_, message) = self.said().await;
                let (kind, data) = match what {
                    "recall" => ("message.recall", json!({ "message": message })),
                    _ => (
                        "message.react",
                        json!({ "message": message, "emoji": "👍", "add": true }),
                    ),
                };
                self.door.attempt(kind, data).await?;
                let now = self.alice.call("message.get", json!({ "message": message })).await;
                match now["reactions"][0]["emoji"].as_str() {
                    Some(emoji) => emoji.to_owned(),
                    None if now["recalled_at"].is_u64() => "recalled".to_owned(),
                    None => "nothing".to_owned(),
                }
            }
            "join" => {
                let group = self.group(&[]).await;
                let add = json!({ "conversation": group, "users": ["carol", "dave"] });
                let added = self.door.attempt("member.add", add).await?["added"].clone();
                assert_eq!(added, self.members(group).await.len());
                self.members(group).await.join(",")
            }
            "leave" => {
                let group = self.group(&[&self.others[0], &self.others[1]]).await;
                let remove = json!({ "conversation": group, "users": ["bob", "erin"] });
                self.door.attempt("member.remove", remove).await?;
                let left = self.members(group).await;
                let gone = ["bob", "erin"]
                    .into_iter()
                    .filter(|name| !left.iter().any(|one| one == name));
                gone.collect::<Vec<_>>().join(",")
            }
            "create" | "update" => {
                let made = if what == "create" {
                    let new = json!({ "kind": "group", "name": "club", "ext": { "own": 1 }, "members": [] });
                    self.door.attempt("conversation.create", new).await?
                } else {
                    let group = self.group(&[]).await;
                    let change = json!({ "conversation": group, "name": "named", "ext": { "own": 1 } });
                    self.door.attempt("conversation.update", change).await?
                };
                format!("{} {}", made["name"].as_str().unwrap(), made["ext"])
            }
            "connect" => match self.alice.on("desk").try_handshake().await {
                Ok(mut socket) => {
                    socket.event("session.ready").await;
                    "in".to_owned()
                }
                Err((status, body)) => return Err(Failure::read(&body["error"], Some(status))),
            },
            "upload" => {
                let upload = request(self.alice.address(), "POST", "/v1/files").bearer(&self.alice.token);
                let made = upload
                    .form(&[("file", Some("a.txt"), b"hello")])
                    .send()
                    .await
                    .outcome()?;
                made["files"][0]["name"].as_str().unwrap().to_owned()
            }
            _ => unreachable!("{what}"),
        })
    }
}

/// Every attempt with every verdict. What the doorkeeper writes happens if it allows, and not if it refuses.
async fn every_verdict(guard: Guest, way: Way, closed: bool) {
    let mut scene = Scene::new(guard, way).await;
    for (what, plain, changed) in ATTEMPTS {
        let failed = |outcome: Result<String, Failure>, word: &str| match outcome {
            Ok(outcome) => assert!(!closed && outcome == plain, "{what} {word}: {outcome}"),
            Err(failure) => assert!(closed && failure.code == "plugin_failed", "{what} {word}: {failure:?}"),
        };
        scene.order(what, "allow").await;
        assert_eq!(scene.attempt(what).await.unwrap(), plain, "{what}");
        scene.order(what, "change").await;
        match changed {
            Some(changed) => assert_eq!(scene.attempt(what).await.unwrap(), changed, "{what} changed"),
            None => failed(scene.attempt(what).await, "change"),
        }
        for word in ["refuse", "write-refuse"] {
            scene.order(what, word).await;
            let failure = scene.attempt(what).await.unwrap_err();
            assert_eq!(
                (failure.code.as_str(), failure.message.as_str()),
                (format!("no_{what}").as_str(), "Not here."),
                "{what} {word}"
            );
        }
        for word in ["trap", "wrong"] {
            scene.order(what, word).await;
            failed(scene.attempt(what).await, word);
        }
        scene.order(what, "write").await;
        assert_eq!(scene.attempt(what).await.unwrap(), plain, "{what}");
    }
    let mut written: Vec<String> = eventually("what was written", async || {
        let texts = scene.alice.texts(scene.log).await;
        (texts.len() >= ATTEMPTS.len()).then_some(texts)
    })
    .await;
    written.sort();
    let mut expected = ATTEMPTS.map(|(what, _, _)| format!("after {what}"));
    expected.sort();
    assert_eq!(written, expected, "once each, and nothing of what was refused");
    let log = scene.app.plugin_log("door").await;
    assert!(log.contains("made by nobody"), "{log}");
    assert!(
        !log.contains("made by door"),
        "it is not asked about its own doings: {log}"
    );
}

#[tokio::test]
async fn an_open_policy_decides_over_a_socket() {
    every_verdict(Guest::Doorkeeper, Way::Socket, false).await;
}

#[tokio::test]
async fn an_open_policy_decides_over_rest() {
    every_verdict(Guest::Doorkeeper, Way::Rest, false).await;
}

#[tokio::test]
async fn a_closed_policy_decides_over_a_socket() {
    every_verdict(Guest::DoorkeeperClosed, Way::Socket, true).await;
}

#[tokio::test]
async fn a_closed_policy_decides_over_rest() {
    every_verdict(Guest::DoorkeeperClosed, Way::Rest, true).await;
}

#[tokio::test]
async fn a_policy_sees_who_attempts_what() {
    let mut scene = Scene::new(Guest::Doorkeeper, Way::Rest).await;
    for (what, _, _) in ATTEMPTS {
        scene.attempt(what).await.unwrap();
    }
    let log = scene.app.plugin_lines("door").await.join("\n");
    for line in [
        "send by alice (owner, made by nobody): hi",
        "edit by alice (owner, made by nobody): old becomes new",
        "recall by alice (owner, made by nobody): old",
        "react by alice (owner, made by nobody): puts 👍 old",
        "join by alice (owner, made by nobody): carol,dave in a conversation of 1 by alice",
        "leave by alice (owner, made by nobody): bob,erin in a conversation of 3 by alice",
        r#"create by alice (no role, made by nobody): ConversationKind::Group club {"own":1} of alice"#,
        r#"update by alice (owner, made by nobody):  to named {"own":1} None None"#,
        "connect by alice (no role, made by nobody): alice on desk by native from 127.0.0.1",
        "upload by alice (no role, made by nobody): a.txt text/plain 5 alice",
    ] {
        assert!(log.contains(line), "{line:?} is not in\n{log}");
    }
}

#[tokio::test]
async fn joining_and_leaving_by_oneself_is_judged_too() {
    let app = App::new().await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let room = alice.conversation("chatroom", &[]).await;
    let there = json!({ "conversation": room });
    let door = app
        .upload("door", guest(Guest::Doorkeeper))
        .grants("kv,messages-send")
        .config(json!({ "join": "refuse" }));
    door.install().await;
    let mut socket = bob.connect().await;
    socket
        .attempt("member.join", there.clone())
        .await
        .unwrap_err()
        .is("no_join");
    app.change_plugin("door", json!({ "config": { "leave": "refuse" } }))
        .await;
    socket.call("member.join", there.clone()).await;
    // Who is in it already attempts nothing.
    app.change_plugin("door", json!({ "config": { "join": "refuse" } }))
        .await;
    socket.call("member.join", there.clone()).await;
    app.change_plugin("door", json!({ "config": { "leave": "refuse" } }))
        .await;
    socket
        .attempt("member.leave", there.clone())
        .await
        .unwrap_err()
        .is("no_leave");
    app.change_plugin("door", json!({ "config": {} })).await;
    socket.call("member.leave", there).await;
    let log = app.plugin_log("door").await;
    assert!(log.contains("bob in a conversation of 1 by bob"), "{log}");
}

#[tokio::test]
async fn a_direct_conversation_that_is_there_is_found_and_not_judged() {
    let app = App::new().await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let door = app
        .upload("door", guest(Guest::Doorkeeper))
        .grants("kv,messages-send")
        .config(json!({ "create": "refuse" }));
    door.install().await;
    let new = json!({ "kind": "direct", "members": ["bob"] });
    alice
        .attempt("conversation.create", new.clone())
        .await
        .unwrap_err()
        .is("no_create");
    app.change_plugin("door", json!({ "config": {} })).await;
    let made = alice.call("conversation.create", new.clone()).await;
    app.change_plugin("door", json!({ "config": { "create": "refuse" } }))
        .await;
    assert_eq!(alice.call("conversation.create", new).await["id"], made["id"]);
    drop(bob);
}

#[tokio::test]
async fn a_login_by_frame_is_refused_in_a_frame() {
    let app = App::new().await;
    let alice = app.user("alice").await;
    let door = app
        .upload("door", guest(Guest::Doorkeeper))
        .grants("kv,messages-send")
        .config(json!({ "connect": "refuse" }));
    door.install().await;
    let mut socket = crate::harness::Connect::new(alice.address())
        .device("pad")
        .handshake()
        .await;
    let login = json!({ "token": alice.token });
    let failure = socket.attempt("session.login", login.clone()).await.unwrap_err();
    assert_eq!(
        (failure.code.as_str(), failure.message.as_str()),
        ("no_connect", "Not here.")
    );
    // It may be that the policy thinks better of it.
    app.change_plugin("door", json!({ "config": {} })).await;
    socket.call("session.login", login).await;
    assert!(app.plugin_log("door").await.contains("alice on pad by native"));
}

#[tokio::test]
async fn what_is_not_asked_about_costs_no_call() {
    let app = App::new().await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    app.upload("noop", guest(Guest::Noop)).install().await;
    let group = alice.conversation("group", &[&bob]).await;
    let mut socket = alice.connect().await;
    let message = socket.say(group, "x").await["id"].clone();
    socket
        .call(
            "message.react",
            json!({ "message": message, "emoji": "👍", "add": true }),
        )
        .await;
    socket.call("message.recall", json!({ "message": message })).await;
    let rename = json!({ "conversation": group, "name": "n" });
    socket.call("conversation.update", rename).await;
    assert_eq!(
        app.counters("noop", "policy").await["calls"],
        1,
        "the message, and nothing else"
    );
}

#[tokio::test]
async fn edited_words_are_filtered_like_new_ones() {
    let app = App::new().await;
    let alice = app.user("alice").await;
    let words = app.upload("words", crate::harness::bundled("word-filter"));
    words.config(json!({ "words": ["spam"] })).install().await;
    let group = alice.conversation("group", &[]).await;
    let message = alice.say(group, "fine").await["id"].clone();
    let edit = json!({ "message": message, "body": { "text": "all spam" } });
    assert_eq!(alice.call("message.edit", edit).await["body"]["text"], "all ****");
}
