//! `plugin trace`: what a plugin's last calls were given, did and answered. The server writes them down while somebody
//! looks, and for ten minutes after.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::path;
use crate::cli::client::{Access, Call};
use crate::cli::print::{self, clean, items, word};
use crate::model::{AppId, PluginName};

/// How often more is asked for.
const PAUSE: Duration = Duration::from_millis(500);
/// How long `--on` lasts, in seconds.
const ON: u32 = 3600;

/// `trace`.
#[derive(Debug, clap::Args)]
pub struct Trace {
    app: AppId,
    name: PluginName,
    /// How many of the last calls.
    #[arg(short = 'n', long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    number: u32,
    /// Go on with what is added, until interrupted.
    #[arg(long, short)]
    follow: bool,
    /// Write calls down for an hour from now on, and show none.
    #[arg(long, conflicts_with_all = ["off", "follow"])]
    on: bool,
    /// Stop writing calls down, and forget them.
    #[arg(long, conflicts_with = "follow")]
    off: bool,
}

impl Trace {
    /// Prints the calls, oldest first.
    pub fn run(self, access: &Access) -> anyhow::Result<()> {
        let at = format!("{}/trace", path(self.app, &self.name));
        if self.off {
            access.call(Call::new("DELETE", at))?;
            return print::line("calls are not written down any more, and forgotten");
        }
        if self.on {
            let answer = access.call(Call::new("PUT", at).json(&json!({ "seconds": ON })))?;
            return print::line(&format!(
                "calls are written down until {}",
                print::time(&answer["until"])
            ));
        }
        let mut after = 0;
        loop {
            let limit = if after == 0 { self.number } else { 200 };
            let answer = access.call(Call::new("GET", format!("{at}?after={after}&limit={limit}")))?;
            let calls = items(&answer, "calls");
            if calls.is_empty() && after == 0 {
                let until = print::time(&answer["until"]);
                eprintln!("no call yet; they are written down until {until}, and ten minutes after each look");
            }
            for call in calls {
                let text = if access.json { call.to_string() } else { text(call) };
                print::line(&text)?;
            }
            after = calls.last().and_then(|call| call["id"].as_u64()).unwrap_or(after);
            if !self.follow {
                return Ok(());
            }
            std::thread::sleep(PAUSE);
        }
    }
}

/// A call in a few lines.
fn text(call: &Value) -> String {
    let digest: String = word(&call["digest"]).chars().take(12).collect();
    let micros = call["took_us"].as_u64().unwrap_or(0);
    let mut text = clean(&format!(
        "{} {} {} version {} ({digest}) {}.{:03} ms",
        print::time(&call["at"]),
        word(&call["hook"]),
        word(&call["call"]),
        call["version"],
        micros / 1000,
        micros % 1000,
    ));
    let mut field = |name: &str, value: &str| {
        // Writing to a string does not fail.
        let _ = write!(text, "\n    {name:<8} {}", clean(value));
    };
    field("given", &call["input"].to_string());
    for effect in items(call, "effects") {
        let (what, with) = (word(&effect["what"]), brief(&effect["with"]));
        field("called", &format!("{what} {with} → {}", brief(&effect["outcome"])));
    }
    if call["more_effects"].as_u64().is_some_and(|more| more > 0) {
        field("called", &format!("… {} times more", call["more_effects"]));
    }
    if !call["answer"].is_null() {
        field("answered", &call["answer"].to_string());
    }
    let failure = call["failure"].as_str().unwrap_or_default();
    for (at, line) in failure.lines().enumerate() {
        field(if at == 0 { "failed" } else { "" }, line);
    }
    text
}

/// A text without quotes, nothing as nothing.
fn brief(value: &Value) -> String {
    match value {
        Value::Null => String::from("-"),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_shown_with_what_it_did() {
        let call = json!({"id": 1, "at": 0, "call": "j17", "hook": "observer", "version": 2, "digest": "0123456789abcdef",
            "input": {"MessageSent": {"id": "5"}}, "effects": [{"what": "kv.get", "with": "a", "outcome": null}],
            "more_effects": 0, "answer": null, "failure": "trapped\n  a::b", "took_us": 1234});
        assert_eq!(
            text(&call),
            "1970-01-01T00:00:00.000Z observer j17 version 2 (0123456789ab) 1.234 ms\n    \
             given    {\"MessageSent\":{\"id\":\"5\"}}\n    \
             called   kv.get a → -\n    \
             failed   trapped\n               a::b"
        );
    }
}
