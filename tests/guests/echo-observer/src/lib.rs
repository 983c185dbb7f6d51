//! Answers each text of a human once, with the same text, as a system message.

use switchboard_plugin::prelude::*;

struct Echo;

#[switchboard_plugin::hook]
impl Observer for Echo {
    fn interests() -> Interest {
        Interest::in_kinds(["text"])
    }

    fn handle(_ctx: Context, event: Event) -> Result<(), String> {
        let Event::MessageSent(message) = event else {
            return Ok(());
        };
        if message.sender.uid.is_none() || message.sender.origin.is_some() {
            return Ok(());
        }
        let text = message.text().unwrap_or_default();
        reply(&message.conversation_id, text).reply_to(&message.id).send()?;
        Ok(())
    }
}
