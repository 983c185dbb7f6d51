//! `files`: files of this app.

use crate::plugin_host::bindings::switchboard::plugin::files::*;
use crate::plugin_host::instance::State;

impl Host for State {
    async fn keep(&mut self, upload: String, owner: Option<String>) -> wasmtime::Result<Result<File, Error>> {
        Ok(Err(super::closed()))
    }

    async fn get(&mut self, id: String) -> wasmtime::Result<Result<Option<File>, Error>> {
        Ok(Err(super::closed()))
    }

    async fn delete(&mut self, id: String) -> wasmtime::Result<Result<bool, Error>> {
        Ok(Err(super::closed()))
    }
}
