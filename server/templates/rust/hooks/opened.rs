/// Greets who opens a conversation for the first time.
#[switchboard_plugin::hook]
impl Opened for Plugin {
    fn handle(_ctx: Context, opening: Opening) -> Result<(), String> {
        if opening.read_seq == 0 {
            reply(&opening.conversation.id, format!("Welcome, {}!", opening.uid)).send()?;
        }
        Ok(())
    }
}
