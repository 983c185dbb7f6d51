//! Allows everything without looking: what a policy costs at least.

use switchboard_plugin::prelude::*;

struct Noop;

#[switchboard_plugin::hook]
impl Policy for Noop {
    fn check(_ctx: Context, _sender: Sender, _attempt: Attempt) -> Verdict {
        Verdict::Allow
    }
}
