//! `users-write`: make and change users of this app.

use crate::plugin_host::bindings::switchboard::plugin::users_write::*;
use crate::plugin_host::instance::State;

impl Host for State {
    async fn put(&mut self, uid: String, patch: Patch) -> wasmtime::Result<Result<PutOutcome, Error>> {
        Ok(Err(super::closed()))
    }

    async fn ban(&mut self, uid: String, reason: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(Err(super::closed()))
    }

    async fn unban(&mut self, uid: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(Err(super::closed()))
    }
}
