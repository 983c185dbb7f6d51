/// Runs what users type after a slash. `/greet bob` whispers; what is whispered is told to who typed it, and not stored.
#[switchboard_plugin::hook]
impl Command for Plugin {
    fn commands() -> Vec<Definition> {
        vec![Definition::new("greet", "<name>", "Says hello")]
    }

    fn run(_ctx: Context, _sender: Sender, invocation: Invocation) -> Result<CommandOutcome, Refusal> {
        match invocation.arguments.as_str() {
            "" => Err(Refusal::new("no_name", "Whom?")),
            name => Ok(CommandOutcome::whisper(format!("Hello, {name}!"))),
        }
    }
}
