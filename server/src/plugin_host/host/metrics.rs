//! `metrics`: figures of the plugin's own. Nothing waits, and nothing of it is undone.

use serde_json::json;

use super::{Answer, invalid};
use crate::plugin_host::bindings::switchboard::plugin::metrics::Host;
use crate::plugin_host::bindings::switchboard::plugin::types::{Error, Param};
use crate::plugin_host::instance::State;
use crate::plugin_host::metrics::{Change, Unchanged};
use crate::plugin_host::quota::Quota;

impl Host for State {
    fn count(&mut self, name: String, labels: Vec<Param>, by: u64) -> Answer<()> {
        self.charge()?;
        Ok(self.change_figure(&name, labels, Change::Count(by)))
    }

    fn set(&mut self, name: String, labels: Vec<Param>, value: f64) -> Answer<()> {
        self.charge()?;
        Ok(self.change_figure(&name, labels, Change::Set(value)))
    }

    fn record(&mut self, name: String, labels: Vec<Param>, value: f64) -> Answer<()> {
        self.charge()?;
        Ok(self.change_figure(&name, labels, Change::Record(value)))
    }
}

impl State {
    fn change_figure(&self, name: &str, labels: Vec<Param>, change: Change) -> Result<(), Error> {
        let (verb, value) = match &change {
            Change::Count(by) => ("count", json!(by)),
            Change::Set(value) => ("set", json!(value)),
            Change::Record(value) => ("record", json!(value)),
        };
        self.asked(verb, || json!({ "name": name, "labels": labels, "value": value }));
        let (plugin, _) = self.at_work()?;
        let labels = labels.into_iter().map(|Param { name, value }| (name, value)).collect();
        let changed = plugin
            .ledger
            .metrics
            .change(name, labels, change)
            .map_err(|why| match why {
                Unchanged::Invalid(text) => invalid(text),
                Unchanged::Full => plugin.ledger.quotas.hit(Quota::Figures),
            });
        self.came(|| json!(changed));
        changed
    }
}
