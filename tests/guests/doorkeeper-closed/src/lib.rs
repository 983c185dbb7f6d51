//! The doorkeeper's stricter twin: when it fails, nothing passes.

#[path = "../../doorkeeper/src/keeper.rs"]
mod keeper;

use switchboard_plugin::prelude::*;

struct Doorkeeper;

#[switchboard_plugin::hook]
impl Policy for Doorkeeper {
    fn rules() -> Rule {
        Rule::on(keeper::EVERYTHING).closed()
    }

    fn check(_ctx: Context, sender: Sender, attempt: Attempt) -> Verdict {
        keeper::judge(&sender, &attempt)
    }
}
