use switchboard_plugin::prelude::*;

pub struct NoLinks;

#[switchboard_plugin::hook]
impl Policy for NoLinks {
    fn check(_ctx: Context, _sender: Sender, Attempt::Send(draft): Attempt) -> Verdict {
        match draft.text() {
            Some(text) if text.contains("://") => Verdict::refuse("no_links", "Links are not welcome here."),
            _ => Verdict::Allow,
        }
    }
}
