//! Components that no compiler of ours would make: too many parts, parts too large, and code that runs, or is expensive,
//! before anybody has called it.

use std::fmt::Write;
use std::sync::{Arc, LazyLock};

use super::SETTINGS;
use crate::harness::{App, Server, craft, text_to};

static SERVER: LazyLock<Arc<Server>> = LazyLock::new(|| Server::lasting(&SETTINGS));

/// A policy that allows everything, with these fields in its core module.
fn allowing(fields: &str) -> Vec<u8> {
    craft::closed(fields, "(i32.const 256)")
}

/// A type that is twice as large as the one before, thirty times.
fn types() -> Vec<u8> {
    let mut text = "(component (type $t0 (tuple u64 u64))".to_owned();
    for n in 0..30 {
        write!(text, "(type $t{} (tuple $t{n} $t{n}))", n + 1).unwrap();
    }
    craft::from_text(&(text + ")"))
}

#[tokio::test]
async fn what_is_too_much_is_refused_before_it_is_installed() {
    let parts = |module: &str, count| craft::with_parts(allowing(""), module, count);
    let app = App::on(&SERVER, serde_json::json!({})).await;
    for (what, component, why) in [
        (
            "a start that loops",
            allowing("(func $s (loop (br 0))) (start $s)"),
            "deadline_ms",
        ),
        (
            "a start that traps",
            allowing("(func $s unreachable) (start $s)"),
            "unreachable",
        ),
        (
            "a start without end",
            allowing("(func $s (call $s)) (start $s)"),
            "call stack exhausted",
        ),
        (
            "a start that eats memory",
            allowing("(func $s (loop (drop (memory.grow (i32.const 100))) (br 0))) (start $s)"),
            "memory_bytes",
        ),
        (
            "a start that eats tables",
            allowing(
                "(table $t 0 funcref)
                (func $s (loop (drop (table.grow $t (ref.null func) (i32.const 10000))) (br 0))) (start $s)",
            ),
            "deadline_ms",
        ),
        ("too many instances", parts("(module)", 64), "core module instances"),
        ("too many memories", parts("(module (memory 1))", 2), "linear memories"),
        ("too many tables", parts("(module (table 1 funcref))", 17), "tables"),
        (
            "a table that is too large",
            parts("(module (table 100001 funcref))", 1),
            "table",
        ),
        (
            "a memory that is too large",
            parts("(module (memory 1025))", 1),
            "memory_bytes",
        ),
        ("one beyond all bounds", parts("(module (memory 20000))", 1), "memory"),
        ("types without measure", types(), "type"),
    ] {
        let refused = app.upload("bomb", component).send().await.refused();
        assert!(
            refused.is("plugin_rejected").message.contains(why),
            "{what}: {refused:?}"
        );
    }
    let none = app.admin("GET", "/plugins", serde_json::Value::Null).await.ok();
    assert!(!none.to_string().contains("bomb"), "{none}");
}

#[tokio::test]
async fn as_much_as_is_allowed_is_installed_and_works() {
    let app = App::on(&SERVER, serde_json::json!({})).await;
    let component = craft::with_parts(allowing(""), "(module (table 1 funcref))", 15);
    let component = app.upload("parts", component);
    component.install().await;
    let ann = app.user("ann").await;
    let room = ann.conversation("group", &[]).await;
    ann.say(room, "hello").await;
    assert_eq!(ann.texts(room).await, ["hello"]);
}

#[tokio::test]
async fn what_grows_when_it_is_called_ends_by_its_bound() {
    for (what, fields, check, reason, why) in [
        ("a loop", "", "(loop (br 0)) unreachable", "cpu", "deadline_ms"),
        (
            "a memory",
            "",
            "(loop (drop (memory.grow (i32.const 100))) (br 0)) unreachable",
            "memory",
            "memory_bytes",
        ),
        (
            "a table",
            "(table $t 0 funcref)",
            "(loop (drop (table.grow $t (ref.null func) (i32.const 10000))) (br 0)) unreachable",
            "cpu",
            "deadline_ms",
        ),
    ] {
        let app = App::on(&SERVER, serde_json::json!({})).await;
        app.upload("hostile", craft::closed(fields, check)).install().await;
        let ann = app.user("ann").await;
        let room = ann.conversation("group", &[]).await;
        for _ in 0..4 {
            let refused = ann.attempt("message.send", text_to(room, "hello")).await.unwrap_err();
            refused.is("plugin_failed");
        }
        let counters = app.counters("hostile", "policy").await;
        assert_eq!(counters["failures"][reason], 3, "{what}: {counters}");
        assert_eq!(counters["suspended"], 1, "{what}: {counters}");
        assert!(app.plugin_log("hostile").await.contains(why), "{what}");
    }
}
