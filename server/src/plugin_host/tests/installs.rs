//! Installing, changing and going back.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::fs::{CWD, Mode, OFlags, mkfifoat};
use rustix::process::{Pid, getpriority_process};

use super::stage::{Stage, app, guest, plugin};
use crate::model::{AppId, Body, Code, Hook, InstallState, Who};
use crate::plugin_host::InstallPatch;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_component_is_refused_by_name() {
    let stage = Stage::with(|settings| settings.component_bytes = 1000).await;
    for (bytes, word) in [
        (&b""[..], "empty"),
        (b"GIF89a", "no WebAssembly"),
        (b"\x7fELF\x02\x01\x01", "ELF"),
        (b"(component)", "text"),
        (b"\0asm\x01\0\0\0", "core module"),
        (b"\0asm\x0d\0\x01\0\x01\x05", "not valid"),
        (b"\0asm\x0d\0\x01\0", "exports no hook"),
    ] {
        let refusal = stage.host.inspect(bytes.to_vec()).await.unwrap_err();
        assert_eq!(refusal.code, Code::PluginRejected);
        assert!(refusal.text.contains(word), "{word}: {refusal}");
    }
    let refusal = stage.host.inspect(vec![0; 1001]).await.unwrap_err();
    assert_eq!(
        (refusal.code, refusal.field.as_deref()),
        (Code::TooLarge, Some("component_bytes"))
    );
    assert_eq!(
        std::fs::read_dir(&stage.settings.artifacts).unwrap().count(),
        0,
        "nothing is kept of what was refused"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_component_says_what_it_does_and_what_it_wants() {
    let naughty = guest("naughty");
    let stage = Stage::new().await;
    let inspection = stage.host.inspect(naughty[..].to_vec()).await.unwrap();
    assert_eq!(inspection.hooks, [Hook::MessageType, Hook::Policy, Hook::Observer]);
    let wanted: Vec<&str> = inspection
        .capabilities
        .iter()
        .map(|capability| capability.as_str())
        .collect();
    assert_eq!(wanted, ["kv", "messages-send"]);
    assert_eq!(inspection.kinds[0].0.as_str(), "naughty");

    let refusal = stage
        .try_install("naughty", naughty[..].to_vec(), |request| request.grants = None)
        .await;
    let refusal = refusal.unwrap_err();
    assert_eq!(
        refusal.text,
        "plugin needs capabilities that were not granted: kv, messages-send"
    );
    let truncated = naughty[..naughty.len() / 2].to_vec();
    let refusal = stage.host.inspect(truncated).await.unwrap_err();
    assert!(refusal.text.contains("not valid"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compilation_that_needs_too_much_is_refused_by_its_limit() {
    let naughty = guest("naughty");
    let stage = Stage::with(|settings| settings.compile_memory_bytes = 96 << 20).await;
    let refusal = stage.host.inspect(naughty).await.unwrap_err();
    assert!(refusal.text.contains("compile_memory_bytes"), "{refusal}");
}

#[tokio::test]
async fn a_compilation_stands_back() {
    let stage = Stage::new().await;
    let source = stage.settings.artifacts.join("source");
    mkfifoat(CWD, &source, Mode::RUSR | Mode::WUSR).unwrap();
    let mut worker = Command::new(&stage.settings.worker);
    worker
        .arg("compile-worker")
        .args([&source, &source.with_extension("cwasm")]);
    worker.args(["4294967296", "60", "7"]).stderr(Stdio::piped());
    let mut worker = worker.spawn().unwrap();
    // There is nobody to write to before it opens what it is to compile; by then it stands back.
    let mut pipe = loop {
        let pipe = OpenOptions::new()
            .write(true)
            .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
            .open(&source);
        match pipe {
            Ok(pipe) => break pipe,
            Err(_) => assert!(worker.try_wait().unwrap().is_none(), "the worker has ended"),
        }
        thread::sleep(Duration::from_millis(5));
    };
    let ours = getpriority_process(None).unwrap();
    let its = getpriority_process(Some(Pid::from_child(&worker))).unwrap();
    assert_eq!(its, (ours + 7).min(19));
    pipe.write_all(b"GIF89a").unwrap();
    drop(pipe);
    let words = worker.wait_with_output().unwrap().stderr;
    assert!(String::from_utf8_lossy(&words).contains("no WebAssembly"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_descriptor_that_never_returns_is_not_admitted() {
    let startloop = guest("startloop");
    // Well before the second in which a component must have told about itself.
    let stage = Stage::with(|settings| settings.deadline_ms = 50).await;
    let refusal = stage.try_install("loop", startloop, |_| ()).await.unwrap_err();
    assert!(refusal.text.contains("CPU"), "{refusal}");
    assert!(stage.host.installs(app()).is_empty());
    assert!(stage.chain().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn configuration_is_checked_and_changes_take_effect() {
    let tagger = guest("tagger");
    let stage = Stage::new().await;
    let refusal = stage.try_install("a", tagger.clone(), |_| ()).await.unwrap_err();
    assert_eq!(
        (&refusal.code, refusal.field.as_deref()),
        (&Code::BadField, Some("config"))
    );
    let tag = |tag: &str| Some(Body::trusted(&format!(r#"{{"tag":"{tag}"}}"#)));
    for (name, priority) in [("a", 2), ("b", 1), ("c", 2)] {
        let install = stage.try_install(name, tagger.clone(), |request| {
            request.config = tag(name);
            request.priority = Some(priority);
        });
        assert_eq!(install.await.unwrap().state, InstallState::Active);
    }
    assert_eq!(
        stage.send("x").await.unwrap().0,
        r#"{"text":"xbac"}"#,
        "priority, then name"
    );

    let patch = InstallPatch {
        config: tag("A"),
        priority: Some(-1),
        ..InstallPatch::default()
    };
    stage
        .host
        .configure(app(), &plugin("a"), Who::App, patch)
        .await
        .unwrap();
    let patch = InstallPatch {
        enabled: Some(false),
        ..InstallPatch::default()
    };
    let view = stage
        .host
        .configure(app(), &plugin("b"), Who::App, patch)
        .await
        .unwrap();
    assert_eq!(view.state, InstallState::Disabled);
    let bad = InstallPatch {
        config: Some(Body::trusted(r#"{"tag":5}"#)),
        ..InstallPatch::default()
    };
    let refusal = stage
        .host
        .configure(app(), &plugin("c"), Who::App, bad)
        .await
        .unwrap_err();
    assert!(refusal.text.contains("/tag"), "{refusal}");
    assert_eq!(stage.send("x").await.unwrap().0, r#"{"text":"xAc"}"#);

    let other = AppId::new(8).unwrap();
    assert!(stage.host.chain(other).is_empty());
    assert!(stage.host.install_view(other, &plugin("a")).is_none());
    let refusal = stage
        .host
        .remove(other, &plugin("a"), Who::App, false)
        .await
        .unwrap_err();
    assert_eq!(refusal.code, Code::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_keeps_settings_and_can_be_taken_back() {
    let (noop, links) = (guest("noop_policy"), guest("ten_lines"));
    let mut stage = Stage::new().await;
    stage
        .try_install("p", noop, |request| request.priority = Some(4))
        .await
        .unwrap();
    assert!(stage.send("see http://x").await.is_ok());
    let running = stage.chain();
    let view = stage.install("p", links).await;
    assert_eq!((view.install.current.number, view.install.priority), (2, Some(4)));
    assert_eq!(
        stage.send("see http://x").await.unwrap_err().code,
        Code::Plugin("no_links".to_owned())
    );
    assert!(!running.is_empty(), "a call that has begun ends on what it began with");

    stage.restart().await;
    assert_eq!(
        stage.send("see http://x").await.unwrap_err().code,
        Code::Plugin("no_links".to_owned())
    );
    let view = stage.host.rollback(app(), &plugin("p"), Who::App).await.unwrap();
    assert_eq!(view.install.current.number, 1);
    assert!(stage.send("see http://x").await.is_ok());

    stage.host.remove(app(), &plugin("p"), Who::App, false).await.unwrap();
    assert!(stage.chain().is_empty());
    assert_eq!(
        stage
            .host
            .rollback(app(), &plugin("p"), Who::App)
            .await
            .unwrap_err()
            .code,
        Code::NotFound
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_install_stops_nobody() {
    let (noop, links) = (guest("noop_policy"), guest("ten_lines"));
    let mut stage = Stage::new().await;
    stage.install("good", links).await;
    let mut broken = stage.install("bad", noop).await.install;
    broken.current.digest.0 = "0".repeat(64);
    stage.shelf.installs.lock().insert((app(), plugin("bad")), broken);
    stage.restart().await;
    let states: Vec<InstallState> = stage.host.installs(app()).into_iter().map(|view| view.state).collect();
    assert!(
        matches!(&states[..], [InstallState::Broken(_), InstallState::Active]),
        "{states:?}"
    );
    assert!(stage.send("http://x").await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kind_has_one_owner() {
    let naughty = guest("naughty");
    let stage = Stage::new().await;
    stage.install("one", naughty.clone()).await;
    let refusal = stage.try_install("two", naughty.clone(), |_| ()).await.unwrap_err();
    assert!(refusal.text.contains("owned by the plugin `one`"), "{refusal}");
    stage
        .try_install("two", naughty, |request| request.enabled = Some(false))
        .await
        .unwrap();
    let patch = InstallPatch {
        enabled: Some(true),
        ..InstallPatch::default()
    };
    assert!(
        stage
            .host
            .configure(app(), &plugin("two"), Who::App, patch)
            .await
            .is_err()
    );
}
