//! Greets whoever opens a conversation: pushes `greeting` to the user's connections and sends a system message.

use switchboard_plugin::prelude::*;

struct Greeter;

#[switchboard_plugin::hook]
impl Opened for Greeter {
    fn handle(_ctx: Context, opening: Opening) -> Result<(), String> {
        let greeting = format!("Hello, {}!", opening.uid);
        connections::push(&opening.uid, "greeting", &text_body(&greeting))?;
        reply(&opening.conversation.id, greeting).send()?;
        Ok(())
    }
}
