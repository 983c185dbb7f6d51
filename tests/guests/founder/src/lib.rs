//! Makes a group for whoever says `found`, named after the call, and announces something in it. The text `found-once`
//! makes the first call fail after both: whoever calls again must find one group with one announcement.

use switchboard_plugin::host::conversations_write::{NewConversation, announce, create};
use switchboard_plugin::prelude::*;

struct Founder;

#[switchboard_plugin::hook]
impl Observer for Founder {
    fn handle(ctx: Context, event: Event) -> Result<(), String> {
        let Event::MessageSent(message) = event else {
            return Ok(());
        };
        let text = message.text().unwrap_or_default();
        if !text.starts_with("found") {
            return Ok(());
        }
        let tried = kv::get("tried")?.is_some();
        let new = NewConversation {
            kind: ConversationKind::Group,
            members: message.sender.uid.into_iter().collect(),
            name: ctx.call_id,
            cover: String::new(),
            ext: None,
        };
        let made = create(None, &new)?;
        announce(None, &made.conversation.id, "welcome")?;
        kv::set("tried", made.conversation.id.as_bytes(), None)?;
        if text == "found-once" && !tried {
            return Err("failed once, as told".to_owned());
        }
        Ok(())
    }
}
