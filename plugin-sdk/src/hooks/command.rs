//! Commands that users type, such as `/close` or `/remind 10 tea`.

use crate::host::types::{Context, Refusal, Role, Sender};

bindings!("hook-command", "::switchboard_plugin::hooks::command::bindings");

pub use bindings::exports::switchboard::plugin::command::{
    Completion, Definition, Invocation, Outcome, Suggestion, Utterance,
};

/// Runs what users type after a slash, in place of storing it.
pub trait Command {
    /// The commands; [`Definition::new`] makes one. Called once, at admission.
    fn commands() -> Vec<Definition>;

    /// Runs one. Writes are keyed by the sender and its nonce: a message that is sent again writes nothing twice.
    ///
    /// # Errors
    /// A refusal answers the message, and nothing is stored.
    fn run(ctx: Context, sender: Sender, invocation: Invocation) -> Result<Outcome, Refusal>;

    /// What the arguments might become, best first. By default nothing is suggested.
    fn complete(ctx: Context, sender: Sender, completion: Completion) -> Vec<Suggestion> {
        let _ = (ctx, sender, completion);
        Vec::new()
    }
}

impl<P: Command> bindings::exports::switchboard::plugin::command::Guest for P {
    fn commands() -> Vec<Definition> {
        P::commands()
    }

    fn run(ctx: Context, sender: Sender, invocation: Invocation) -> Result<Outcome, Refusal> {
        P::run(ctx, sender, invocation)
    }

    fn complete(ctx: Context, sender: Sender, completion: Completion) -> Vec<Suggestion> {
        P::complete(ctx, sender, completion)
    }
}

impl Definition {
    /// A command that everyone may run who may speak: its name (without the slash), how its arguments are written, and one
    /// line for people.
    pub fn new(name: impl Into<String>, usage: impl Into<String>, summary: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            usage: usage.into(),
            summary: summary.into(),
            roles: Vec::new(),
        }
    }

    /// Only for members of these ranks.
    #[must_use]
    pub fn only(mut self, roles: impl IntoIterator<Item = Role>) -> Self {
        self.roles = roles.into_iter().collect();
        self
    }
}

impl Outcome {
    /// Tells only who runs the command.
    pub fn whisper(text: impl Into<String>) -> Self {
        Self::Whisper(text.into())
    }

    /// Sends this in place of what was typed: a body of JSON text of a kind.
    pub fn say(kind: impl Into<String>, body: impl Into<String>) -> Self {
        Self::Say(Utterance {
            kind: kind.into(),
            body: body.into(),
        })
    }

    /// Sends this text in place of what was typed.
    #[cfg(feature = "json")]
    pub fn say_text(text: impl AsRef<str>) -> Self {
        Self::say("text", crate::text_body(text.as_ref()))
    }
}

impl Suggestion {
    /// The arguments as they would be, and a word about them.
    pub fn new(value: impl Into<String>, summary: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            summary: summary.into(),
        }
    }
}
