/// Hears of every message after it is stored, at least once each. What it sends and stores is there exactly once.
#[switchboard_plugin::hook]
impl Observer for Plugin {
    fn handle(_ctx: Context, event: Event) -> Result<(), String> {
        let Event::MessageSent(message) = event else { return Ok(()) };
        if let (Some(uid), Some(text)) = (&message.sender.uid, message.text())
            && text.trim().eq_ignore_ascii_case("hello")
        {
            info!("{uid} says hello");
            reply(&message.conversation_id, format!("Hello, {uid}!")).send()?;
        }
        Ok(())
    }
}
