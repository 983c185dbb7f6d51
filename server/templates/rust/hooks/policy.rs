/// Is asked before something happens: allows, changes or refuses it.
#[switchboard_plugin::hook]
impl Policy for Plugin {
    fn check(_ctx: Context, _sender: Sender, attempt: Attempt) -> Verdict {
        let Attempt::Send(draft) = attempt else { return Verdict::Allow };
        match draft.text() {
            Some(text) if text.contains("://") => Verdict::refuse("no_links", "Links are not welcome here."),
            _ => Verdict::Allow,
        }
    }
}
