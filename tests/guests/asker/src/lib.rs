//! Allows everything after one look at its configuration: what a policy with one call of the host costs.

use switchboard_plugin::prelude::*;

struct Asker;

#[switchboard_plugin::hook]
impl Policy for Asker {
    fn check(_ctx: Context, _sender: Sender, _attempt: Attempt) -> Verdict {
        // What it says makes no difference; asking does.
        let _ = config::get();
        Verdict::Allow
    }
}
