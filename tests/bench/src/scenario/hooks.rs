//! What one call of a hook takes, by the server's own figures, and what it takes to have a component running that was
//! never seen before.
//!
//! The rate is far from saturation, so that nothing waits for anything but its own work.

use std::time::Instant;

use serde_json::{Value, json};

use crate::{
    figures::figure::{Figure, Unit},
    load::plan::Kind,
    scenario::{Bench, Findings, direct, hot_swap, observer, steady},
    server::{Crowd, Install, Native, populate},
};

const PER_SECOND: u32 = 2_000;
/// As many calls as an instance may serve.
const REUSE: u32 = 512;

/// A hook of a plugin, and what makes the server call it.
struct Row {
    name: &'static str,
    plugin: Install,
    hook: &'static str,
    config: Option<Value>,
    kind: Kind,
    /// Where a plugin answers, only one side of each conversation listens.
    crowd: Crowd,
}

pub fn run(bench: &Bench, findings: &mut Findings) -> anyhow::Result<()> {
    for row in rows(bench)? {
        let mut samples = Vec::new();
        for _ in 0..bench.pairs() {
            samples.push(mean(bench, findings, &row)?);
        }
        findings.add(Figure::median("hooks", row.name, Unit::Microseconds, samples));
    }
    for (name, plugin) in [
        ("cold install, noop policy", bench.guest("noop_policy", "")?),
        ("cold install, standard-types", bench.plugin("standard-types", "")?),
        ("cold install, auto-reply", bench.plugin("auto-reply", "all")?),
    ] {
        let samples = installs(bench, &plugin)?;
        findings.add(Figure::median("hooks", name, Unit::Milliseconds, samples));
    }
    Ok(())
}

fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let row = |name, plugin, hook| Row {
        name,
        plugin,
        hook,
        config: None,
        kind: Kind::Text,
        crowd: direct::CROWD,
    };
    let reused = |plugin| Install { reuse: REUSE, ..plugin };
    let noop = || bench.guest("noop_policy", "");
    let asker = || bench.guest("asker", "");
    let filter = || bench.plugin("word-filter", "");
    Ok(vec![
        row("policy", noop()?, "policy"),
        row("policy, reused instance", reused(noop()?), "policy"),
        row("policy with one host call", asker()?, "policy"),
        row("policy with one host call, reused instance", reused(asker()?), "policy"),
        Row {
            crowd: observer::CROWD,
            ..row(
                "observer that answers",
                bench.guest("echo_observer", "messages-send")?,
                "observer",
            )
        },
        Row {
            kind: Kind::Image,
            ..row(
                "standard-types, image",
                bench.plugin("standard-types", "")?,
                "message-type",
            )
        },
        Row {
            config: Some(words()),
            ..row("word-filter, 3,000 words", filter()?, "policy")
        },
        Row {
            config: Some(words()),
            ..row("word-filter, 3,000 words, reused instance", reused(filter()?), "policy")
        },
        Row {
            config: Some(rules()),
            ..row(
                "auto-reply, 50 rules of 4 keywords",
                bench.plugin("auto-reply", "all")?,
                "observer",
            )
        },
    ])
}

/// Mean time of a call, in microseconds.
fn mean(bench: &Bench, findings: &mut Findings, row: &Row) -> anyhow::Result<f64> {
    let directory = bench.directory()?;
    let server = Native::start_talkative(bench, &directory.path().join("data"))?;
    let app = server.admin.create_app("bench")?;
    let sessions = populate(&server.admin, &app, row.crowd)?;
    server.admin.install(&app, &row.plugin)?;
    if let Some(config) = &row.config {
        server.admin.configure(&app, &row.plugin.name, config)?;
    }
    let work = match row.crowd {
        Crowd::Halves(_) => steady::unheard(PER_SECOND, row.kind),
        _ => steady::at(PER_SECOND, row.kind),
    };
    let report = bench.load(&server.plan(bench, sessions, work))?;
    findings.check("hooks", row.name, &report);
    let (seconds, calls) = server.admin.calls(&row.plugin.name, row.hook)?;
    server.stop()?;
    Ok(seconds / calls * 1e6)
}

/// Milliseconds from the upload of components nobody has seen to the answer that they run.
fn installs(bench: &Bench, plugin: &Install) -> anyhow::Result<Vec<f64>> {
    let directory = bench.directory()?;
    let server = Native::start(bench, &directory.path().join("data"))?;
    let app = server.admin.create_app("bench")?;
    let mut samples = Vec::new();
    for number in 0..bench.full_or_quick(10, 3) {
        let unseen = Install {
            component: hot_swap::variant(&plugin.component, number),
            ..plugin.clone()
        };
        let begun = Instant::now();
        server.admin.install(&app, &unseen)?;
        samples.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    server.stop()?;
    Ok(samples)
}

/// Half Chinese, half Latin, none of them in a message.
fn words() -> Value {
    let han = |number: u32| char::from_u32(0x4e00 + number % 18_000).unwrap_or('词');
    let word = |number: u32| match number % 2 {
        0 => [han(number * 7), han(number * 3 + 1), han(number * 5 + 2)]
            .iter()
            .collect(),
        _ => format!("q{number:x}z{number}"),
    };
    json!({ "words": (0..3_000).map(word).collect::<Vec<String>>() })
}

/// None of them met by a message.
fn rules() -> Value {
    let rule = |number: u32| {
        let keywords = ["wort", "parole", "词", "palabra"].map(|word| format!("{word}{number}"));
        json!({ "name": format!("r{number}"), "keywords": keywords, "reply": "x" })
    };
    json!({ "rules": (0..50).map(rule).collect::<Vec<_>>() })
}
