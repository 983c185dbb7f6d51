//! `timers`: be called later, by the `timer` hook. Timers survive restarts; a run is never done twice.

use crate::plugin_host::bindings::switchboard::plugin::timers::*;
use crate::plugin_host::instance::State;

impl Host for State {
    async fn set(
        &mut self,
        name: String,
        schedule: Schedule,
        payload: String,
    ) -> wasmtime::Result<Result<bool, Error>> {
        Ok(Err(super::closed()))
    }

    async fn get(&mut self, name: String) -> wasmtime::Result<Result<Option<Timer>, Error>> {
        Ok(Err(super::closed()))
    }

    async fn cancel(&mut self, name: String) -> wasmtime::Result<Result<bool, Error>> {
        Ok(Err(super::closed()))
    }

    async fn all(&mut self, after: Option<String>, limit: u32) -> wasmtime::Result<Result<Vec<Timer>, Error>> {
        Ok(Err(super::closed()))
    }
}
