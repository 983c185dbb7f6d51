//! Acts on stored messages of the kinds a plugin owns: a vote, a claim.

use crate::host::types::{Context, Refusal};

bindings!(
    "hook-message-action",
    "::switchboard_plugin::hooks::message_action::bindings"
);

pub use bindings::exports::switchboard::plugin::message_action::{Action, Outcome};

/// Acts on stored messages of the kinds that the plugin's [`MessageType`](crate::MessageType) owns.
pub trait MessageAction {
    /// Does one action. The new body is stored only if the message is still the one that was shown, else this is called
    /// again; writes made here happen with it, and not otherwise.
    ///
    /// # Errors
    /// A refusal reaches who acts, and nothing changes.
    fn act(ctx: Context, action: Action) -> Result<Outcome, Refusal>;
}

impl<P: MessageAction> bindings::exports::switchboard::plugin::message_action::Guest for P {
    fn act(ctx: Context, action: Action) -> Result<Outcome, Refusal> {
        P::act(ctx, action)
    }
}
