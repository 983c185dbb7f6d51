//! `signatures`: signs under secrets that the guest never sees.

use super::{Answer, invalid};
use crate::plugin_host::bindings::switchboard::plugin::signatures::Host;
use crate::plugin_host::bindings::switchboard::plugin::types::{Error, Recipe};
use crate::plugin_host::convert::refusal_error;
use crate::plugin_host::court;
use crate::plugin_host::instance::State;

/// How many random digits a guest gets at once.
const DIGITS: usize = 128;

impl Host for State {
    async fn sign(&mut self, recipe: Recipe) -> Answer<String> {
        self.charge()?;
        Ok(self.signature(&recipe).await)
    }

    async fn fresh(&mut self, time: i64) -> wasmtime::Result<bool> {
        self.charge()?;
        Ok(self.court().is_some_and(|court| court.is_fresh(time)))
    }

    async fn random_hex(&mut self, digits: u32) -> wasmtime::Result<String> {
        self.charge()?;
        let Some(plugin) = &self.task.plugin else {
            return Ok(String::new());
        };
        let mut bytes = [0; DIGITS / 2];
        plugin.machine.random.fill(&mut bytes);
        let mut text = hex::encode(bytes);
        text.truncate(DIGITS.min(digits as usize));
        Ok(text)
    }
}

impl State {
    async fn signature(&mut self, recipe: &Recipe) -> Result<String, Error> {
        if !court::fits(recipe) {
            return Err(invalid("recipe has too many parts or too long ones"));
        }
        let court = self.court().ok_or_else(super::stopping)?;
        let signature = court.sign(recipe).await.map_err(refusal_error)?;
        signature.ok_or(Error::NotFound)
    }
}
