//! Never gets admitted: its descriptor loops for ever or, with the feature `hungry`, eats memory.

use std::hint::black_box;

use switchboard_plugin::prelude::*;

struct Startloop;

#[switchboard_plugin::hook]
impl Policy for Startloop {
    fn rules() -> Rule {
        let mut hog = Vec::new();
        while black_box(true) {
            if cfg!(feature = "hungry") {
                hog.push(black_box(vec![1_u8; 1 << 20]));
            }
        }
        Rule::default()
    }

    fn check(_ctx: Context, _sender: Sender, _attempt: Attempt) -> Verdict {
        Verdict::Allow
    }
}
