//! `impersonation`: act as any user of the app without a proof.

use crate::plugin_host::bindings::switchboard::plugin::impersonation::*;
use crate::plugin_host::desk::Proof;
use crate::plugin_host::instance::State;
use wasmtime::component::Resource;

impl Host for State {
    async fn of_user(&mut self, uid: String) -> wasmtime::Result<Result<Resource<Proof>, Unproven>> {
        Ok(Err(Unproven::NotAllowed))
    }
}
