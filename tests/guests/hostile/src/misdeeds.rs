//! What ends a call, one mode each.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use switchboard_plugin::prelude::*;

use crate::wish::Wish;

/// More than any hook may answer.
const BULK: usize = 12 << 20;

/// Does what the mode says: most never return, `drip` does after its time, and `huge` gives the words for an answer that
/// is too long.
pub fn commit(wish: Wish) -> Option<String> {
    match wish.mode.as_str() {
        "loop" => while black_box(true) {},
        "memory" => hoard(),
        "recurse" => info!("{}", deep(black_box(1))),
        "trap" => panic!("hostile on purpose"),
        "flood" => while black_box(config::get().len() > 1) {},
        "nap" => thread::sleep(Duration::from_secs(3600)),
        "drip" => drip(Duration::from_millis(wish.millis)),
        "huge" => return Some("x".repeat(BULK)),
        _ => {}
    }
    None
}

fn hoard() {
    let mut hog = Vec::new();
    while black_box(true) {
        hog.push(black_box(vec![1_u8; 1 << 20]));
    }
}

#[expect(unconditional_recursion, reason = "that is the point")]
fn deep(n: u64) -> u64 {
    let pad = black_box([n; 64]);
    deep(n + 1) + pad[0]
}

/// Computes for so long and no longer.
#[expect(
    clippy::disallowed_methods,
    reason = "it is the guest's own time that it wants to use up"
)]
fn drip(time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        (0..10_000_u32).for_each(|n| {
            black_box(n);
        });
    }
}
