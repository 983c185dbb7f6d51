//! Counts the messages of each conversation in `count/CONVERSATION` and answers each with the count, as a system
//! message. The text `fail-once` makes the first call for that message fail after both writes: whoever calls again must
//! neither count nor answer twice. `fail-always` fails each time.

use switchboard_plugin::prelude::*;

struct Counter;

#[switchboard_plugin::hook]
impl Observer for Counter {
    fn handle(ctx: Context, event: Event) -> Result<(), String> {
        let Event::MessageSent(message) = event else {
            return Ok(());
        };
        // Reading is not keyed, unlike the writes, so it tells the second call from the first.
        let marker = format!("tried/{}", ctx.call_id);
        let tried = kv::get(&marker)?.is_some();

        let count = kv::increment(&format!("count/{}", message.conversation_id), 1, None)?;
        reply(&message.conversation_id, count.to_string()).send()?;
        kv::set(&marker, b"1", Some(3600))?;

        match message.text().as_deref() {
            Some("fail-once") if !tried => Err("failed once, as told".to_owned()),
            Some("fail-always") => Err("failed, as told".to_owned()),
            _ => Ok(()),
        }
    }
}
