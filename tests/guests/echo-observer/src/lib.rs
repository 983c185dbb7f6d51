//! Answers each text of a human once, with the same text, as a system message; `as UID: TEXT` is answered in that user's
//! name.

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
        let named = text.strip_prefix("as ").and_then(|rest| rest.split_once(": "));
        let answer = match named {
            Some((uid, text)) => reply(&message.conversation_id, text).as_user(uid),
            None => reply(&message.conversation_id, &text),
        };
        answer.reply_to(&message.id).send()?;
        Ok(())
    }
}
