//! `log`: lines for the tenant's eyes.

use crate::model::LogLevel;
use crate::plugin_host::bindings::switchboard::plugin::log::{Host, Level};
use crate::plugin_host::instance::State;

impl Host for State {
    fn write(&mut self, level: Level, text: String) -> wasmtime::Result<()> {
        self.charge()?;
        let level = match level {
            Level::Trace => LogLevel::Trace,
            Level::Debug => LogLevel::Debug,
            Level::Info => LogLevel::Info,
            Level::Warn => LogLevel::Warn,
            Level::Error => LogLevel::Error,
        };
        self.log.write(level, &text);
        Ok(())
    }
}
