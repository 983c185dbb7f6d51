//! A user opens a conversation: where greetings happen.

use crate::host::types::Context;

bindings!("hook-opened", "::switchboard_plugin::hooks::opened::bindings");

pub use bindings::exports::switchboard::plugin::opened::Opening;

/// Hears that a user opens a conversation.
pub trait Opened {
    /// Called once per opening.
    ///
    /// # Errors
    /// An error is logged and counted; the call is not repeated, and the conversation opens all the same.
    fn handle(ctx: Context, opening: Opening) -> Result<(), String>;
}

impl<P: Opened> bindings::exports::switchboard::plugin::opened::Guest for P {
    fn handle(ctx: Context, opening: Opening) -> Result<(), String> {
        P::handle(ctx, opening)
    }
}
