//! What it costs to look for a rule. Figures, not a test:
//! `cargo test --release -p auto-reply -- --ignored --nocapture cost`.

#![expect(clippy::disallowed_methods, reason = "what a call costs is read off the real clock")]

use crate::config::Config;
use crate::rules::{Tried, met};
use std::hint::black_box;
use std::time::{Duration, Instant};

#[test]
#[ignore = "prints figures"]
fn cost() {
    let text = "Hello, is the blue one still there? 你好,请问蓝色的还有货吗";
    let time = |name: &str, configuration: &str| {
        let read = best(|| drop(black_box(Config::parse(black_box(configuration))).unwrap()));
        let config = Config::parse(configuration).unwrap();
        let look = best(|| {
            let tried = Tried::new(black_box(text));
            assert!(
                !config
                    .rules
                    .iter()
                    .any(|rule| black_box(met(rule, Some(&tried), |_| ())))
            );
        });
        println!("{name}: read {read:?}, look {look:?}");
    };
    let rules = |rule: &dyn Fn(u32) -> serde_json::Value| {
        serde_json::json!({ "rules": (0..50).map(rule).collect::<Vec<_>>() }).to_string()
    };
    time(
        "50 rules of 4 keywords",
        &rules(&|n| {
            let keywords = [
                format!("word{n}"),
                format!("other{n}"),
                format!("词{n}"),
                format!("third {n}"),
            ];
            serde_json::json!({ "name": format!("r{n}"), "keywords": keywords, "reply": "x" })
        }),
    );
    time(
        "50 patterns with a literal",
        &rules(
            &|n| serde_json::json!({ "name": format!("r{n}"), "pattern": format!(r"order{n}\s*#?\d+"), "reply": "x" }),
        ),
    );
    time(
        "50 patterns that must be compiled",
        &rules(
            &|n| serde_json::json!({ "name": format!("r{n}"), "pattern": format!(r"(order|parcel){n}\s*#?\d+"), "reply": "x" }),
        ),
    );
}

/// The best of many: other work on the machine only ever adds.
fn best(mut call: impl FnMut()) -> Duration {
    let mut least = Duration::MAX;
    for _ in 0..2_000 {
        let start = Instant::now();
        call();
        least = least.min(start.elapsed());
    }
    least
}
