//! The hostile guest's stricter twin: a policy that does the same, and when it fails, nothing passes.

#[path = "../../hostile/src/misdeeds.rs"]
mod misdeeds;
#[path = "../../hostile/src/wish.rs"]
mod wish;

use switchboard_plugin::prelude::*;
use wish::Wish;

struct HostileClosed;

#[switchboard_plugin::hook]
impl Policy for HostileClosed {
    fn rules() -> Rule {
        Rule::default().closed()
    }

    fn check(_ctx: Context, _sender: Sender, _attempt: Attempt) -> Verdict {
        match Wish::at("policy").and_then(misdeeds::commit) {
            Some(bulk) => Verdict::change(text_body(&bulk)),
            None => Verdict::Allow,
        }
    }
}
