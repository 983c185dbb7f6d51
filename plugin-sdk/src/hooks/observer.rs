//! What has happened, told after it is stored.

use crate::host::types::Context;

bindings!("hook-observer", "::switchboard_plugin::hooks::observer::bindings");

pub use bindings::exports::switchboard::plugin::observer::{
    Event, EventKind, Hidden, Interest, Marking, MemberChange, Membership, Reaction, Undelivered,
};

/// Hears events: at least once each, in order inside a conversation, never for what the plugin itself has done.
pub trait Observer {
    /// Which events; by default [`Interest::default`]. Called once, at admission.
    fn interests() -> Interest {
        Interest::default()
    }

    /// Takes one event. When it is called again for the same event, the writes it repeats have no second effect.
    ///
    /// # Errors
    /// An error, like a panic, makes the host call again later, a bounded number of times.
    fn handle(ctx: Context, event: Event) -> Result<(), String>;
}

impl<P: Observer> bindings::exports::switchboard::plugin::observer::Guest for P {
    fn interests() -> Interest {
        P::interests()
    }

    fn handle(ctx: Context, event: Event) -> Result<(), String> {
        P::handle(ctx, event)
    }
}

impl Default for Interest {
    /// Sent messages of every kind.
    fn default() -> Self {
        Self {
            events: vec![EventKind::MessageSent],
            kinds: Vec::new(),
        }
    }
}

impl Interest {
    /// These events, of messages of every kind.
    pub fn of(events: impl IntoIterator<Item = EventKind>) -> Self {
        Self {
            events: events.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Sent messages of these kinds.
    pub fn in_kinds<K: Into<String>>(kinds: impl IntoIterator<Item = K>) -> Self {
        Self {
            kinds: kinds.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }
}
