//! A policy for everything; when it fails, everything passes.

mod keeper;

use switchboard_plugin::prelude::*;

struct Doorkeeper;

#[switchboard_plugin::hook]
impl Policy for Doorkeeper {
    fn rules() -> Rule {
        Rule::on(keeper::EVERYTHING)
    }

    fn check(_ctx: Context, sender: Sender, attempt: Attempt) -> Verdict {
        keeper::judge(&sender, &attempt)
    }
}
