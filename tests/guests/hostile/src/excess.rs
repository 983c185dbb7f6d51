//! What is bounded by a quota and does not end the call: goes on until the host says no, and tells what it said.

use std::mem;

use switchboard_plugin::host::{impersonation, timers};
use switchboard_plugin::prelude::*;

use crate::outcome::told;

/// How often something is tried that ought to be stopped long before.
const TRIES: usize = 2_000;

/// Does what the mode says; false if it is none of these.
pub fn exceed(mode: &str) -> bool {
    let said = match mode {
        "kv" => until_refused(|n| kv::set(&format!("key-{n:03}"), &vec![b'x'; 1_000], None)),
        "one-value" => told(kv::set("large", &vec![b'x'; (64 << 10) + 1], None)),
        "messages" => until_refused(|n| reply(room(), n.to_string()).send().map(drop)),
        "held" => until_refused(|n| kv::set(&format!("key-{n:03}"), &vec![b'x'; 60_000], None)),
        "proofs" => until_refused(|_| {
            if let Ok(proof) = impersonation::of_user("ann") {
                mem::forget(proof);
            }
            Ok(())
        }),
        "print" => {
            (0..1_000).for_each(|_| println!("{}", "x".repeat(1_000)));
            "printed".to_owned()
        }
        "log" => {
            (0..10).for_each(|_| log::write(log::Level::Info, &"x".repeat(100_000)));
            "logged".to_owned()
        }
        "fetch" => told(fetch(&target())),
        "keep" => told(keep()),
        "kept" => told(kv::get("kept").map(|entry| entry.map(|entry| entry.value.len()))),
        _ => return false,
    };
    info!("{mode}: {said}");
    true
}

/// Keeps something that is nobody else's.
fn keep() -> Result<bool, Error> {
    kv::set("kept", b"mine", None)?;
    let far_away = timers::Schedule {
        first_at: u64::MAX >> 16,
        every: None,
        runs: None,
    };
    timers::set("kept", far_away, "{}")
}

/// How often it went well, and what stopped it.
fn until_refused(mut attempt: impl FnMut(usize) -> Result<(), Error>) -> String {
    for n in 0..TRIES {
        if let Err(error) = attempt(n) {
            return format!("{n}, then {}", told::<()>(Err(error)));
        }
    }
    format!("{TRIES} and no end")
}

fn text(name: &str) -> String {
    let wish: serde_json::Value = config::read().unwrap_or_default();
    wish[name].as_str().unwrap_or_default().to_owned()
}

fn room() -> String {
    text("room")
}

fn target() -> String {
    text("url")
}

/// Asks a URL, and the one it redirects to.
fn fetch(url: &str) -> Result<u16, Error> {
    let answer = http::get(url).send()?;
    match answer.header("location") {
        Some(next) => http::get(next).send().map(|answer| answer.status),
        None => Ok(answer.status),
    }
}
