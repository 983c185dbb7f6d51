//! The hostile guest where nothing passes when it fails: as a policy that says so of itself, and as the owner of the kind
//! `hostile`. It does the same misdeeds.

#[path = "../../hostile/src/misdeeds.rs"]
mod misdeeds;
#[path = "../../hostile/src/wish.rs"]
mod wish;

use switchboard_plugin::prelude::*;
use wish::Wish;

struct HostileClosed;

/// Does what is to be done in a hook; the words of an answer that is too long, if that is it.
fn attack(hook: &str) -> Option<String> {
    Wish::at(hook).and_then(misdeeds::commit)
}

#[switchboard_plugin::hook]
impl Policy for HostileClosed {
    fn rules() -> Rule {
        Rule::default().closed()
    }

    fn check(_ctx: Context, _sender: Sender, _attempt: Attempt) -> Verdict {
        attack("policy").map_or(Verdict::Allow, |bulk| Verdict::change(text_body(&bulk)))
    }
}

#[switchboard_plugin::hook]
impl MessageType for HostileClosed {
    fn kinds() -> Vec<Kind> {
        vec![Kind::new("hostile", r#"{"type":"object"}"#)]
    }

    fn check(_ctx: Context, _sender: Sender, draft: Draft) -> Result<String, Refusal> {
        Ok(attack("message-type").map_or(draft.body, |bulk| text_body(&bulk)))
    }
}

#[switchboard_plugin::hook]
impl MessageAction for HostileClosed {
    fn act(_ctx: Context, _action: Action) -> Result<Outcome, Refusal> {
        Ok(Outcome {
            answer: text_body(&attack("message-action").unwrap_or_default()),
            body: None,
        })
    }
}
