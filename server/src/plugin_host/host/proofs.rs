//! `proofs`: who is asking, as the host has checked it. Only the host makes a proof; while a dialect answers a request or a frame,

use crate::plugin_host::bindings::switchboard::plugin::proofs::*;
use crate::plugin_host::desk::Proof;
use crate::plugin_host::instance::State;
use wasmtime::component::Resource;

impl Host for State {
    async fn by_signature(
        &mut self,
        recipe: Recipe,
        given: String,
        time: Option<i64>,
    ) -> wasmtime::Result<Result<Resource<Proof>, Unproven>> {
        Ok(Err(Unproven::NotAllowed))
    }

    async fn by_user_signature(
        &mut self,
        uid: String,
        recipe: Recipe,
        given: String,
        time: Option<i64>,
    ) -> wasmtime::Result<Result<Resource<Proof>, Unproven>> {
        Ok(Err(Unproven::NotAllowed))
    }

    async fn by_secret(&mut self, given: String) -> wasmtime::Result<Result<Resource<Proof>, Unproven>> {
        Ok(Err(Unproven::NotAllowed))
    }

    async fn by_token(&mut self, given: String) -> wasmtime::Result<Result<Resource<Proof>, Unproven>> {
        Ok(Err(Unproven::NotAllowed))
    }

    async fn by_password(&mut self, uid: String, given: String) -> wasmtime::Result<Result<Resource<Proof>, Unproven>> {
        Ok(Err(Unproven::NotAllowed))
    }

    async fn by_trust(&mut self, uid: String) -> wasmtime::Result<Result<Resource<Proof>, Unproven>> {
        Ok(Err(Unproven::NotAllowed))
    }
}

impl HostProof for State {
    async fn user(&mut self, _proof: Resource<Proof>) -> wasmtime::Result<Option<String>> {
        Ok(None)
    }

    async fn bind(&mut self, _proof: Resource<Proof>, _device: Option<String>) -> wasmtime::Result<Result<(), Error>> {
        Ok(Err(super::closed()))
    }

    async fn drop(&mut self, _proof: Resource<Proof>) -> wasmtime::Result<()> {
        Ok(())
    }
}
