//! `metrics`: figures of the plugin's own.

use super::Answer;
use crate::plugin_host::bindings::switchboard::plugin::metrics::Host;
use crate::plugin_host::bindings::switchboard::plugin::types::{Error, Param};
use crate::plugin_host::instance::State;

impl Host for State {
    fn count(&mut self, name: String, labels: Vec<Param>, by: u64) -> Answer<()> {
        self.charge()?;
        drop((name, labels, by));
        Ok(Err(Error::Unavailable("no figures are kept".to_owned())))
    }

    fn set(&mut self, name: String, labels: Vec<Param>, value: f64) -> Answer<()> {
        self.charge()?;
        drop((name, labels, value));
        Ok(Err(Error::Unavailable("no figures are kept".to_owned())))
    }

    fn record(&mut self, name: String, labels: Vec<Param>, value: f64) -> Answer<()> {
        self.charge()?;
        drop((name, labels, value));
        Ok(Err(Error::Unavailable("no figures are kept".to_owned())))
    }
}
