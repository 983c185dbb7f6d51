//! What to do, and where: the configuration of the install.

use serde::Deserialize;
use switchboard_plugin::prelude::*;

/// The configuration. Without it nothing is done.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    /// What to do.
    pub mode: String,
    /// In which hook.
    at: String,
    /// For how long.
    pub millis: u64,
}

impl Wish {
    /// What to do in this hook, if anything.
    pub fn at(hook: &str) -> Option<Self> {
        let wish: Self = config::read().unwrap_or_default();
        (wish.at == hook).then_some(wish)
    }
}
