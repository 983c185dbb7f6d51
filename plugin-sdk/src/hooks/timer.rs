//! A time that was set with [`timers`](crate::host::timers) has come.

use crate::host::types::Context;

bindings!("hook-timer", "::switchboard_plugin::hooks::timer::bindings");

pub use bindings::exports::switchboard::plugin::timer::Firing;

/// Is called when a timer of this install is due.
pub trait Timer {
    /// Does one run.
    ///
    /// # Errors
    /// An error, like a panic, makes the host call again later, a bounded number of times.
    fn fire(ctx: Context, firing: Firing) -> Result<(), String>;
}

impl<P: Timer> bindings::exports::switchboard::plugin::timer::Guest for P {
    fn fire(ctx: Context, firing: Firing) -> Result<(), String> {
        P::fire(ctx, firing)
    }
}
