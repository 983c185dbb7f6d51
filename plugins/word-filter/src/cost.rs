//! What a call costs with 5,000 words. Figures, not a test:
//! `cargo test --release -p word-filter -- --ignored --nocapture cost`.

use crate::filter::{Memory, Outcome, filter};
use std::hint::black_box;
use std::time::Instant;

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
    let time = |name: &str, rounds: u32, mut call: Box<dyn FnMut() -> Outcome>| {
        let start = Instant::now();
        for _ in 0..rounds {
            assert_eq!(black_box(call()), Outcome::Pass);
        }
        println!("{name}: {:?} per call", start.elapsed() / rounds);
    };
    let text = configuration.clone();
    time(
        "fresh instance",
        2_000,
        Box::new(move || filter(&mut Memory::default(), text.clone(), "text", body).unwrap()),
    );
    let text = configuration.clone();
    time(
        "fresh instance, indexing on its second call",
        500,
        Box::new(move || {
            let mut memory = Memory::default();
            black_box(filter(&mut memory, text.clone(), "text", body).unwrap());
            filter(&mut memory, text.clone(), "text", body).unwrap()
        }),
    );
    let mut memory = Memory::default();
    let text = configuration;
    time(
        "reused instance",
        20_000,
        Box::new(move || filter(&mut memory, text.clone(), "text", body).unwrap()),
    );
}
