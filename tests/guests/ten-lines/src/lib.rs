use switchboard_plugin::prelude::*;

pub struct NoLinks;

#[switchboard_plugin::hook]
impl Policy for NoLinks {
    fn check(_ctx: Context, _sender: Sender, attempt: Attempt) -> Verdict {
        match attempt.text() {
            Some(text) if text.contains("://") => Verdict::refuse("no_links", "Links are not welcome here."),
            _ => Verdict::Allow,
        }
    }
}
