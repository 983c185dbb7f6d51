//! `credentials`: tokens and passwords of users. No guest sees one: what comes in is sealed before the guest is called (see `dialect`),

use crate::plugin_host::bindings::switchboard::plugin::credentials::*;
use crate::plugin_host::instance::State;

impl Host for State {
    async fn set_token(&mut self, uid: String, token: Option<String>) -> wasmtime::Result<Result<String, Error>> {
        Ok(Err(super::closed()))
    }

    async fn token_of(&mut self, uid: String) -> wasmtime::Result<Result<Option<String>, Error>> {
        Ok(Err(super::closed()))
    }

    async fn issue_token(
        &mut self,
        uid: String,
        seconds: u32,
        device: Option<String>,
    ) -> wasmtime::Result<Result<String, Error>> {
        Ok(Err(super::closed()))
    }

    async fn revoke_tokens(&mut self, uid: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(Err(super::closed()))
    }

    async fn set_password(&mut self, uid: String, password: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(Err(super::closed()))
    }

    async fn fingerprint(&mut self, text: String) -> wasmtime::Result<Result<String, Error>> {
        Ok(Err(super::closed()))
    }
}
