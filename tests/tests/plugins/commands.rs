use std::sync::Arc;

use serde_json::{Value, json};

use crate::harness::{ADMIN_TOKEN, App, Guest, Home, Server, User, Way, guest, request, text_to, variant};

/// An app whose plugin `switch` has commands, and a group of alice, who owns it, and bob.
struct Scene {
    app: App,
    alice: User,
    bob: User,
    group: u64,
}

async fn scene() -> Scene {
    scene_in(App::new().await).await
}

async fn scene_in(app: App) -> Scene {
    install(&app, "switch").await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let group = alice.conversation("group", &[&bob]).await;
    Scene { app, alice, bob, group }
}

async fn install(app: &App, name: &str) -> Value {
    let config = json!({ "prefix": "> ", "suggestions": ["10 tea", "10 toast", "20 tea"] });
    let upload = app.upload(name, guest(Guest::Switchman)).grants("kv,messages-send");
    upload.config(config).install().await
}

/// A text with a nonce.
fn again(group: u64, text: &str, nonce: &str) -> Value {
    let mut data = text_to(group, text);
    data["nonce"] = nonce.into();
    data
}

/// What a whisper says.
fn whisper(reply: &Value) -> &str {
    let text = reply["command"]["whisper"].as_str();
    text.unwrap_or_else(|| panic!("no whisper: {reply}"))
}

#[tokio::test]
async fn a_command_is_run_and_not_stored() {
    let Scene { alice, bob, group, .. } = scene().await;
    let mut hears = bob.connect().await;
    for way in Way::BOTH {
        let mut door = alice.by(way).await;
        let reply = door.call("message.send", text_to(group, "/whisper  hello you ")).await;
        let told = json!({ "plugin": "switch", "name": "whisper", "whisper": "> hello you" });
        assert_eq!(reply["command"], told);
        assert_eq!(
            (&reply["id"], &reply["seq"], &reply["duplicate"]),
            (&json!(0), &json!(0), &json!(false))
        );
        assert!(reply["created_at"].is_u64() && reply.get("body").is_none(), "{reply}");
        let reply = door.call("message.send", text_to(group, "/silent")).await;
        assert_eq!(reply["command"], json!({ "plugin": "switch", "name": "silent" }));
    }
    assert_eq!(alice.texts(group).await, [""; 0]);
    assert_eq!(hears.events_so_far("message.sent").await, [Value::Null; 0]);
}

#[tokio::test]
async fn what_a_command_says_is_its_senders_own_message() {
    let Scene { app, alice, bob, group } = scene().await;
    let mut hears = bob.connect().await;
    for way in Way::BOTH {
        let mut door = alice.by(way).await;
        let mut data = text_to(group, "/say good morning");
        data["mentions"] = json!(["bob"]);
        let reply = door.call("message.send", data).await;
        let told = json!({ "plugin": "switch", "name": "say", "kind": "text" });
        assert_eq!(
            (&reply["command"], &reply["body"]),
            (&told, &json!({ "text": "good morning" }))
        );
        let event = hears.event("message.sent").await;
        let expected = json!({ "id": reply["id"], "seq": reply["seq"], "conversation": group, "from": "alice",
            "kind": "text", "body": { "text": "good morning" }, "mentions": ["bob"],
            "created_at": reply["created_at"] });
        assert_eq!(event["data"], expected, "as if alice had typed it");
    }
    let mut fleeting = text_to(group, "/say psst");
    fleeting["transient"] = true.into();
    assert_eq!(alice.call("message.send", fleeting).await["id"], 0);
    let event = hears.event("message.sent").await;
    assert_eq!(
        (&event["data"]["body"]["text"], &event["data"]["transient"]),
        (&json!("psst"), &json!(true))
    );
    // It is no command again, and the owner of its kind and the policies have their say.
    assert_eq!(alice.say(group, "/say /silent").await["body"]["text"], "/silent");
    for (text, code) in [
        (r#"/sing card {"a":1}"#, "unknown_kind"),
        (r#"/sing text {"text":" "}"#, "bad_body"),
    ] {
        alice
            .attempt("message.send", text_to(group, text))
            .await
            .unwrap_err()
            .is(code);
    }
    app.upload("links", guest(Guest::NoLinks)).install().await;
    let tagger = app.upload("tags", guest(Guest::Tagger)).config(json!({ "tag": "!" }));
    tagger.install().await;
    let link = text_to(group, "/say see http://example.org");
    alice.attempt("message.send", link).await.unwrap_err().is("no_links");
    assert_eq!(alice.say(group, "/say hello").await["body"]["text"], "hello!");
    // What was typed is no message: no policy is asked about it.
    assert_eq!(
        whisper(&alice.say(group, "/whisper http://example.org").await),
        "> http://example.org"
    );
    let texts = alice.texts(group).await;
    assert_eq!(texts, ["good morning", "good morning", "/silent", "hello!"]);
}

#[tokio::test]
async fn other_texts_with_slashes_are_texts() {
    let Scene { alice, group, .. } = scene().await;
    let plain = [
        "/nobody knows",
        "/",
        "/ whisper x",
        " /whisper x",
        "/Whisper x",
        "a /whisper",
        "/whisper/x",
        "///",
    ];
    for text in &plain[..7] {
        let reply = alice.say(group, text).await;
        assert!(
            reply["id"].as_u64() > Some(0) && reply.get("command").is_none(),
            "{text}: {reply}"
        );
        assert!(reply.get("body").is_none(), "{text}: {reply}");
    }
    for (typed, sent) in [("//whisper x", "/whisper x"), ("//", "/"), ("///", "//")] {
        assert_eq!(
            alice.say(group, typed).await["body"],
            json!({ "text": sent }),
            "{typed}"
        );
    }
    let data = json!({ "conversation": group, "kind": "text", "body": { "x": 1, "text": "//y" } });
    assert_eq!(
        alice.call("message.send", data).await["body"],
        json!({ "x": 1, "text": "/y" })
    );
    let escaped = format!(
        r#"{{"id":1,"type":"message.send","data":{{"conversation":{group},"kind":"text","body":{{"text":"\u002fsilent"}}}}}}"#
    );
    let mut socket = alice.connect().await;
    socket.send_text(&escaped).await;
    assert_eq!(socket.next_answer().await["data"]["command"]["name"], "silent");
    let mut texts: Vec<&str> = plain[..7].to_vec();
    texts.extend(["/whisper x", "/", "//", "/y"]);
    assert_eq!(alice.texts(group).await, texts);
    // To edit is not to type.
    let id = alice.say(group, "x").await["id"].clone();
    let edit = json!({ "message": id, "body": { "text": "/silent" } });
    assert_eq!(alice.call("message.edit", edit).await["body"]["text"], "/silent");
}

#[tokio::test]
async fn an_app_without_commands_has_none() {
    let Scene { app, .. } = scene().await;
    let other = App::on(&app.server, json!({})).await;
    let carol = other.user("carol").await;
    let group = carol.conversation("group", &[]).await;
    for text in ["/whisper x", "//x"] {
        assert!(carol.say(group, text).await.get("command").is_none());
    }
    assert_eq!(carol.texts(group).await, ["/whisper x", "//x"]);
    let list = carol.call("command.list", json!({ "conversation": group })).await;
    assert_eq!(list, json!({ "commands": [] }));
    let complete = json!({ "conversation": group, "name": "whisper" });
    carol
        .attempt("command.complete", complete)
        .await
        .unwrap_err()
        .is("not_found");
    // Nor has one whose plugin is disabled.
    let dave = app.user("dave").await;
    let group = dave.conversation("group", &[]).await;
    app.change_plugin("switch", json!({ "enabled": false })).await;
    assert!(dave.say(group, "/silent").await.get("command").is_none());
}

#[tokio::test]
async fn a_refusal_of_a_command_is_the_messages() {
    let Scene { app, alice, bob, group } = scene().await;
    for way in Way::BOTH {
        let mut door = alice.by(way).await;
        let refused = door.refused("message.send", text_to(group, "/refuse")).await;
        assert_eq!(refused.is("not_today").message, "Not today.");
    }
    assert_eq!(app.counters("switch", "command").await["refused"], 2);
    let desk = || text_to(group, "/desk");
    bob.attempt("message.send", desk())
        .await
        .unwrap_err()
        .is("not_permitted");
    assert_eq!(whisper(&alice.call("message.send", desk()).await), "welcome");
    let promote = json!({ "conversation": group, "user": "bob", "role": "admin" });
    alice.call("member.role", promote).await;
    assert_eq!(whisper(&bob.call("message.send", desk()).await), "welcome");
    assert_eq!(alice.texts(group).await, [""; 0]);
}

#[tokio::test]
async fn who_may_not_speak_runs_nothing() {
    let Scene { app, alice, bob, group } = scene().await;
    let count = || text_to(group, "/count");
    let mallory = app.user("mallory").await;
    mallory
        .attempt("message.send", count())
        .await
        .unwrap_err()
        .is("not_found");
    let mute = |until: u64| json!({ "conversation": group, "user": "bob", "until": until });
    alice.call("member.mute", mute(9_999_999_999_999)).await;
    bob.attempt("message.send", count()).await.unwrap_err().is("muted");
    alice.call("member.mute", mute(0)).await;
    let pair = bob.conversation("direct", &[&alice]).await;
    alice.call("block.add", json!({ "user": "bob" })).await;
    let blocked = text_to(pair, "/count");
    bob.attempt("message.send", blocked).await.unwrap_err().is("blocked");
    // Nor does who asks for what no message may.
    let with = |name: &str, value: Value| {
        let mut data = count();
        data[name] = value;
        data
    };
    bob.attempt("message.send", with("nonce", json!("~x")))
        .await
        .unwrap_err()
        .is("bad_field")
        .blames("nonce");
    let answer = with("reply_to", json!(4_711));
    bob.attempt("message.send", answer)
        .await
        .unwrap_err()
        .is("not_found")
        .blames("reply_to");
    app.change(json!({ "text_chars": 10 })).await;
    let long = text_to(group, "/count 4567890");
    bob.attempt("message.send", long).await.unwrap_err().is("too_large");
    assert_eq!(
        whisper(&bob.call("message.send", count()).await),
        "1",
        "none of them has counted"
    );
}

#[tokio::test]
async fn a_command_knows_who_runs_it_and_where() {
    let Scene { app, alice, bob, group } = scene().await;
    let first = alice.say(group, "first").await["id"].clone();
    let mut data = text_to(group, "/mirror\ta  b");
    data["reply_to"] = first.clone();
    data["mentions"] = json!(["alice"]);
    let reply = bob.call("message.send", data).await;
    let mirrored: Value = serde_json::from_str(whisper(&reply)).unwrap();
    let call = mirrored["call"].clone();
    let expected = json!({ "app": app.id.to_string(), "plugin": "switch", "depth": 0, "call": call, "uid": "bob",
        "role": "Role::Member", "origin": null, "conversation": group.to_string(), "kind": mirrored["kind"],
        "members": 2, "seq": 1, "name": "mirror", "arguments": "a  b", "reply_to": first.to_string(),
        "mentions": ["alice"] });
    assert_eq!(mirrored, expected);
}

#[tokio::test]
async fn a_command_that_is_sent_again_does_nothing_twice() {
    let home = Home::new();
    let server = Arc::new(home.start(&[]));
    let Scene { app, alice, bob, group } = scene_in(App::on(&server, json!({})).await).await;
    for way in Way::BOTH {
        let mut door = alice.by(way).await;
        let nonce = |name: &str| format!("{name}-{way:?}");
        let first = door.call("message.send", again(group, "/count", &nonce("c"))).await;
        let second = door.call("message.send", again(group, "/count", &nonce("c"))).await;
        assert_eq!(
            (whisper(&first), &first["duplicate"]),
            (whisper(&second), &json!(false))
        );
        assert_eq!(second["duplicate"], true);
        let posted = door
            .call("message.send", again(group, "/post from the plugin", &nonce("p")))
            .await;
        let same = door
            .call("message.send", again(group, "/post from the plugin", &nonce("p")))
            .await;
        assert_eq!(whisper(&posted), whisper(&same));
        let said = door
            .call("message.send", again(group, "/say from alice", &nonce("s")))
            .await;
        let same = door
            .call("message.send", again(group, "/say from alice", &nonce("s")))
            .await;
        assert_eq!((&said["id"], &same["duplicate"]), (&same["id"], &json!(true)));
        assert_eq!(same["command"]["name"], "say");
    }
    // Another one's nonce is another one's; and without a nonce every time is a new one.
    assert_eq!(
        whisper(&bob.call("message.send", again(group, "/count", "c-Rest")).await),
        "3"
    );
    assert_eq!(whisper(&bob.say(group, "/count").await), "4");
    assert_eq!(whisper(&bob.say(group, "/count").await), "5");
    let texts = ["from the plugin", "from alice", "from the plugin", "from alice"];
    assert_eq!(alice.texts(group).await, texts);

    server.kill();
    let server = Arc::new(home.start(&[]));
    let app = app.moved(&server);
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let reply = alice.call("message.send", again(group, "/count", "c-Socket")).await;
    assert_eq!(
        (whisper(&reply), &reply["duplicate"]),
        ("1", &json!(true)),
        "it outlives the server"
    );
    assert_eq!(whisper(&bob.say(group, "/count").await), "6");
    assert_eq!(alice.texts(group).await, texts);
}

#[tokio::test]
async fn a_command_that_fell_over_goes_on_where_it_was() {
    let Scene { app, alice, group, .. } = scene().await;
    let stumble = || again(group, "/stumble", "s");
    alice
        .attempt("message.send", stumble())
        .await
        .unwrap_err()
        .is("plugin_failed");
    let reply = alice.call("message.send", stumble()).await;
    assert_eq!(
        (whisper(&reply), &reply["duplicate"]),
        ("1", &json!(false)),
        "what it had written it wrote once"
    );
    assert_eq!(whisper(&alice.say(group, "/count").await), "2");
    assert!(
        app.plugin_log("switch")
            .await
            .contains("the first time fails on purpose")
    );
}

#[tokio::test]
async fn many_at_once_with_one_nonce_count_once() {
    let Scene { alice, group, .. } = scene().await;
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let alice = alice.clone();
        tasks.push(tokio::spawn(async move {
            let reply = alice.call("message.send", again(group, "/count", "one")).await;
            whisper(&reply).to_owned()
        }));
    }
    for task in tasks {
        assert_eq!(task.await.unwrap(), "1");
    }
    assert_eq!(whisper(&alice.say(group, "/count").await), "2");
}

#[tokio::test]
async fn a_command_that_fails_harms_nobody_else() {
    let bounds = [
        "plugins.deadline_ms=300",
        "plugins.breaker_failures=4",
        "plugins.breaker_first_ms=30000",
    ];
    let server = Server::start(&bounds);
    let Scene { app, alice, group, .. } = scene_in(App::on(&server, json!({})).await).await;
    let neighbour = scene_in(App::on(&server, json!({})).await).await;
    for (text, reason) in [
        ("/trap", "trap"),
        ("/loop", "cpu"),
        ("/long", "nonsense"),
        ("/odd", "nonsense"),
    ] {
        let refused = alice.attempt("message.send", text_to(group, text)).await.unwrap_err();
        assert!(refused.is("plugin_failed").message.contains("switch"), "{refused:?}");
        let counted = app.counters("switch", "command").await["failures"][reason].as_u64();
        assert!(counted > Some(0), "{text} is counted as {reason}");
    }
    let plugin = app.plugin("switch").await;
    assert_eq!(plugin["state"], "suspended", "{plugin}");
    let refused = alice
        .attempt("message.send", text_to(group, "/silent"))
        .await
        .unwrap_err();
    assert!(refused.is("plugin_failed").message.contains("suspended"), "{refused:?}");
    alice.say(group, "texts go on").await;
    assert_eq!(alice.texts(group).await, ["texts go on"]);
    assert_eq!(
        whisper(&neighbour.alice.say(neighbour.group, "/whisper x").await),
        "> x"
    );
}

#[tokio::test]
async fn plugins_type_nothing() {
    let Scene { app, alice, group, .. } = scene().await;
    let id = whisper(&alice.say(group, "/post /whisper x").await).to_owned();
    let message = alice
        .call("message.get", json!({ "message": id.parse::<u64>().unwrap() }))
        .await;
    assert_eq!(
        (&message["body"]["text"], &message["from"], &message["origin"]),
        (&json!("/whisper x"), &Value::Null, &json!("switch"))
    );
    assert_eq!(app.counters("switch", "command").await["calls"], 1);
}

#[tokio::test]
async fn the_first_in_order_has_a_name() {
    let Scene { app, alice, group, .. } = scene().await;
    let runner = async || alice.say(group, "/silent").await["command"]["plugin"].clone();
    let later = install(&app, "zwitch").await;
    let shadowed = later["shadowed_commands"].as_array().unwrap();
    assert!(
        shadowed.contains(&json!({ "name": "silent", "by": "switch" })),
        "{later}"
    );
    assert_eq!(shadowed.len(), later["component"]["commands"].as_array().unwrap().len());
    let log = app.plugin_log("zwitch").await;
    assert!(
        log.contains("the command `silent` is run by the plugin `switch`"),
        "{log}"
    );
    assert_eq!(app.plugin("switch").await["shadowed_commands"], json!([]));
    assert_eq!(runner().await, "switch");
    let first = app.change_plugin("zwitch", json!({ "priority": -1 })).await;
    assert_eq!(first["shadowed_commands"], json!([]));
    assert_ne!(app.plugin("switch").await["shadowed_commands"], json!([]));
    assert_eq!(runner().await, "zwitch");
    app.change_plugin("zwitch", json!({ "enabled": false })).await;
    assert_eq!(runner().await, "switch");
}

#[tokio::test]
async fn commands_are_listed_for_who_may_run_them() {
    let Scene { app, alice, bob, group } = scene().await;
    for way in Way::BOTH {
        let listed = async |user: &User| {
            let mut door = user.by(way).await;
            let list = door.call("command.list", json!({ "conversation": group })).await;
            list["commands"].as_array().unwrap().clone()
        };
        let all = listed(&alice).await;
        let desk = json!({ "name": "desk", "plugin": "switch", "usage": "", "summary": "For those in charge",
            "roles": ["owner", "admin"] });
        assert!(all.contains(&desk), "{all:?}");
        let names: Vec<&str> = all.iter().map(|command| command["name"].as_str().unwrap()).collect();
        assert!(names.is_sorted() && names.len() == 14, "{names:?}");
        let fewer = listed(&bob).await;
        assert!(fewer.len() == 13 && !fewer.contains(&desk), "{fewer:?}");
        let mut stranger = app.user("mallory").await.by(way).await;
        stranger
            .refused("command.list", json!({ "conversation": group }))
            .await
            .is("not_found");
        stranger
            .refused("command.list", json!({ "conversation": 999 }))
            .await
            .is("not_found");
    }
    let inspected = request(app.server.address, "POST", "/admin/api/plugins/inspect")
        .bearer(ADMIN_TOKEN)
        .header("content-type", "application/wasm".to_owned())
        .bytes(guest(Guest::Switchman))
        .send()
        .await
        .ok();
    let first = json!({ "name": "whisper", "usage": "<text>", "summary": "Tells only you", "roles": [] });
    assert_eq!(inspected["commands"][0], first);
    assert_eq!(inspected["hooks"], json!(["about", "command", "endpoint"]));
}

#[tokio::test]
async fn arguments_are_completed() {
    let Scene { app, alice, bob, group } = scene().await;
    let ask = |name: &str, arguments: &str| json!({ "conversation": group, "name": name, "arguments": arguments });
    for way in Way::BOTH {
        let mut door = bob.by(way).await;
        let found = door.call("command.complete", ask("whisper", "10")).await;
        let expected = json!({ "suggestions": [{ "value": "10 tea", "summary": "for bob" },
            { "value": "10 toast", "summary": "for bob" }] });
        assert_eq!(found, expected);
        let bare = json!({ "conversation": group, "name": "whisper" });
        assert_eq!(
            door.call("command.complete", bare).await["suggestions"]
                .as_array()
                .unwrap()
                .len(),
            3
        );
        let many = door.call("command.complete", ask("long", "")).await;
        assert_eq!(many["suggestions"].as_array().unwrap().len(), 50);
        let pure = door.call("command.complete", ask("count", "")).await;
        assert!(
            pure["suggestions"][0]["summary"].as_str().unwrap().contains("pure"),
            "{pure}"
        );
        door.refused("command.complete", ask("nobody", ""))
            .await
            .is("not_found");
        door.refused("command.complete", ask("desk", ""))
            .await
            .is("not_permitted");
        door.refused("command.complete", ask("trap", ""))
            .await
            .is("plugin_failed");
        let long = "x".repeat(4_001);
        door.refused("command.complete", ask("whisper", &long))
            .await
            .is("bad_field")
            .blames("arguments");
        let nameless = json!({ "conversation": group });
        door.refused("command.complete", nameless)
            .await
            .is("missing_field")
            .blames("name");
        let mut stranger = app.user("mallory").await.by(way).await;
        stranger
            .refused("command.complete", ask("whisper", ""))
            .await
            .is("not_found");
    }
    assert_eq!(whisper(&alice.say(group, "/count").await), "1", "nothing was counted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn swapping_disturbs_no_command() {
    let Scene { app, alice, group, .. } = scene().await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let running = tokio::spawn(async move {
        let (mut socket, mut ran) = (alice.connect().await, 0_u64);
        while !*stopped.borrow() {
            let reply = socket.call("message.send", text_to(group, "/count")).await;
            ran += 1;
            assert_eq!(whisper(&reply), ran.to_string());
        }
        ran
    });
    for n in 0..5 {
        let component = variant(guest(Guest::Switchman), &format!("v{n}"));
        app.upload("switch", component).install().await;
    }
    stop.send(true).unwrap();
    assert!(running.await.unwrap() > 5);
}
