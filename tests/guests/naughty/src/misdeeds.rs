//! What a guest can do to its host, one word each.

use std::hint::black_box;

use switchboard_plugin::prelude::*;

/// Does what the word says; unknown words do nothing. The first four and `flood` never return.
pub fn commit(word: &str, conversation_id: &str) -> Result<(), Error> {
    match word {
        "loop" => while black_box(true) {},
        "memory" => hoard(),
        "recurse" => info!("{}", deep(black_box(1))),
        "panic" => panic!("naughty on purpose"),
        "flood" => {
            while black_box(true) {
                // An error does not stop it either.
                let _ = black_box(kv::get("flood"));
            }
        }
        // 10 MB each, by the two ways into the log.
        "print-flood" => (0..10_000).for_each(|_| println!("{}", "x".repeat(1_000))),
        "log-flood" => (0..100).for_each(|_| log::write(log::Level::Info, &"x".repeat(100_000))),
        "write" => {
            kv::increment("writes", 1, None)?;
            reply(conversation_id, "written").send()?;
        }
        _ => {}
    }
    Ok(())
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
