//! What a call costs with 5,000 words. Figures, not a test:
//! `cargo test --release -p word-filter -- --ignored --nocapture cost`.

#![expect(clippy::disallowed_methods, reason = "what a call costs is read off the real clock")]

use crate::config::Config;
use crate::filter::{Memory, Outcome, filter};
use std::hint::black_box;
use std::time::{Duration, Instant};

#[test]
#[ignore = "prints figures"]
fn cost() {
    // Half Chinese, half Latin, none of them in the message.
    let han = |n: u32| char::from_u32(0x4e00 + n * 7 % 18_000).unwrap();
    let words: Vec<String> = (0..5_000u32)
        .map(|n| {
            if n % 2 == 0 {
                format!("{}{}{}", han(n), han(n * 3 + 1), han(n * 5 + 2))
            } else {
                format!("q{n:x}z{n}")
            }
        })
        .collect();
    let configuration = serde_json::json!({ "words": words }).to_string();
    let body = r#"{"text":"Hello, is the blue one still there? 你好,请问蓝色的还有货吗,今天能发吗?"}"#;
    println!("configuration: {} bytes", configuration.len());
    best("of it, reading the configuration", || {
        black_box(Config::parse(black_box(&configuration))).unwrap();
    });
    let fresh = |calls: usize| {
        let mut memory = Memory::default();
        for _ in 0..calls {
            let outcome = filter(&mut memory, configuration.clone(), "text", body).unwrap();
            assert_eq!(black_box(outcome), Outcome::Pass);
        }
        memory
    };
    best("fresh instance", || drop(fresh(1)));
    best("fresh instance and its second call, which makes the index", || {
        drop(fresh(2))
    });
    let mut memory = fresh(2);
    best("a further call", || {
        black_box(filter(&mut memory, configuration.clone(), "text", body)).unwrap();
    });
}

/// The best of many: other work on the machine only ever adds.
fn best(name: &str, mut call: impl FnMut()) {
    let mut least = Duration::MAX;
    for _ in 0..2_000 {
        let start = Instant::now();
        call();
        least = least.min(start.elapsed());
    }
    println!("{name}: {least:?}");
}
