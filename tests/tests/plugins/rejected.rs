use std::fmt::Write;

use serde_json::json;

use crate::harness::{App, Guest, Server, craft, guest};

const EMPTY: &str = "(module (memory (export \"memory\") 1))";

#[tokio::test]
async fn what_is_no_component_is_refused() {
    let app = App::new().await;
    let truncated = guest(Guest::Noop)[..5_000].to_vec();
    let mut flipped = guest(Guest::Noop);
    for at in (40..flipped.len()).step_by(97) {
        flipped[at] ^= 0x55;
    }
    app.upload("x", Vec::new()).send().await.refused().is("bad_frame");
    for (what, bytes, hint) in [
        ("a text", b"hello".to_vec(), ""),
        ("a component as text", b"(component)".to_vec(), ""),
        ("a core module", craft::from_text("(module)"), "wasm32-wasip2"),
        (
            "a program of the machine",
            std::fs::read("/proc/self/exe").unwrap()[..100_000].to_vec(),
            "",
        ),
        ("the beginning of one", truncated, ""),
        ("a damaged one", flipped, ""),
    ] {
        let refusal = app.upload("x", bytes).send().await.refused();
        assert!(
            refusal.code == "plugin_rejected" && refusal.message.contains(hint),
            "{what}: {refusal:?}"
        );
    }
}

#[tokio::test]
async fn what_does_not_fit_the_contract_is_refused_by_name() {
    let app = App::new().await;
    for (what, world, core, named) in [
        (
            "an unknown capability",
            "package switchboard:plugin@0.1.7; interface teleport { go: func(); } world w { import teleport; }",
            r#"(module (import "switchboard:plugin/teleport@0.1.7" "go" (func)) (memory (export "memory") 1))"#,
            "teleport",
        ),
        (
            "an unknown hook",
            "package switchboard:plugin@0.1.7; interface prophecy { tell: func(); } world w { export prophecy; }",
            r#"(module (func (export "switchboard:plugin/prophecy@0.1.7#tell")) (memory (export "memory") 1))"#,
            "prophecy",
        ),
        (
            "another contract",
            "package switchboard:plugin@0.9.0; interface policy { rules: func(); } world w { export policy; }",
            r#"(module (func (export "switchboard:plugin/policy@0.9.0#rules")) (memory (export "memory") 1))"#,
            "0.9.0",
        ),
        (
            "a hook of another shape",
            "package switchboard:plugin@0.1.7; interface opened { handle: func(); } world w { export opened; }",
            r#"(module (func (export "switchboard:plugin/opened@0.1.7#handle")) (memory (export "memory") 1))"#,
            "",
        ),
        (
            "someone else's interface",
            "package acme:things@1.0.0; interface db { drop: func(); } world w { import db; }",
            r#"(module (import "acme:things/db@1.0.0" "drop" (func)) (memory (export "memory") 1))"#,
            "acme:things/db",
        ),
        ("nothing at all", "package test:none; world w {}", EMPTY, ""),
    ] {
        let response = app.upload("x", craft::component(world, core)).grants("kv").send().await;
        let refusal = response.refused();
        assert!(
            refusal.code == "plugin_rejected" && refusal.message.contains(named),
            "{what}: {refusal:?}"
        );
    }
    let crafted = craft::component("package test:t; world w { import switchboard:plugin/kv@0.1.0; }", EMPTY);
    // What is imported and not used is no import.
    app.upload("x", crafted).send().await.refused().is("plugin_rejected");
}

#[tokio::test]
async fn admission_ends_what_does_not_end_and_others_go_on() {
    let (app, other) = (App::new().await, App::new().await);
    let alice = other.user("alice").await;
    let id = alice.conversation("group", &[]).await;
    let upload = app.upload("startloop", guest(Guest::Startloop)).send();
    let traffic = async {
        for n in 0..50 {
            alice.say(id, &n.to_string()).await;
        }
    };
    let (response, ()) = tokio::join!(upload, traffic);
    response.refused().is("plugin_rejected");
    assert_eq!(alice.texts(id).await.len(), 50);
}

/// A function that takes a compiler long and much: a web of values, all of which count in the end.
fn costly() -> Vec<u8> {
    const LOCALS: usize = 97;
    let mut body = String::new();
    for local in 1..LOCALS {
        write!(body, "(local.set {local} (i32.xor (local.get 0) (i32.const {local})))").unwrap();
    }
    for n in 0..250_000 {
        let [to, one, two, three] = [1, 7, 31, 13].map(|step| (n * step + n / LOCALS) % LOCALS);
        write!(
            body,
            "(local.set {to} (i32.add (local.get {one}) (i32.mul (local.get {two}) (local.get {three}))))"
        )
        .unwrap();
    }
    body += "(local.get 0)";
    for local in 1..LOCALS {
        write!(body, "(local.get {local}) (i32.xor)").unwrap();
    }
    let locals = "i32 ".repeat(LOCALS);
    craft::from_text(&format!(
        "(component (core module (func (export \"f\") (param i32) (result i32) (local {locals}) {body})))"
    ))
}

#[tokio::test]
async fn compiling_is_bounded_in_time_and_memory() {
    let component = costly();
    for setting in [
        "plugins.compile_memory_bytes=100000000",
        "plugins.compile_cpu_seconds=3",
    ] {
        let server = Server::start(&[setting, "plugins.compile_wall_seconds=20"]);
        let app = App::on(&server, json!({})).await;
        let refusal = app.upload("costly", component.clone()).send().await.refused();
        assert!(
            refusal.is("plugin_rejected").message.contains("compile_"),
            "{setting}: {refusal:?}"
        );
        if setting.contains("cpu") {
            app.upload("noop", guest(Guest::Noop)).install().await;
        }
        app.user("alice").await;
    }
}

#[tokio::test]
async fn a_capability_that_was_not_granted_is_refused_by_its_name() {
    let app = App::new().await;
    let all = craft::capabilities();
    assert!(all.len() >= 20, "{all:?}");
    for wanted in &all {
        let others: Vec<&str> = all
            .iter()
            .filter(|other| *other != wanted)
            .map(String::as_str)
            .collect();
        let component = craft::wanting(wanted);
        let upload = app.upload("wanting", component.clone()).grants(&others.join(","));
        let refused = upload.send().await.refused();
        refused.is("plugin_rejected").blames("grants");
        assert_eq!(
            refused.message,
            format!("plugin needs capabilities that were not granted: {wanted}")
        );
        app.upload("wanting", component).grants(&all.join(",")).install().await;
    }
}
