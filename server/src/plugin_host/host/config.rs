//! `config`: the configuration of the install.

use crate::plugin_host::bindings::switchboard::plugin::config::Host;
use crate::plugin_host::instance::State;

impl Host for State {
    fn get(&mut self) -> wasmtime::Result<String> {
        self.charge()?;
        let config = self
            .task
            .plugin
            .as_ref()
            .map(|plugin| plugin.install.config.as_str().to_owned());
        Ok(config.unwrap_or_else(|| "{}".to_owned()))
    }

    fn app(&mut self) -> wasmtime::Result<String> {
        Ok("{}".to_owned())
    }
}
