//! `search`: find things by words. Chinese is found by any part of it.

use crate::plugin_host::bindings::switchboard::plugin::search::*;
use crate::plugin_host::instance::State;

impl Host for State {
    async fn users(
        &mut self,
        text: String,
        friends_of: Option<String>,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<User>, Error>> {
        Ok(Err(super::closed()))
    }

    async fn conversations(
        &mut self,
        text: String,
        viewer: String,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<Conversation>, Error>> {
        Ok(Err(super::closed()))
    }

    async fn messages(
        &mut self,
        text: String,
        viewer: String,
        conversation_id: Option<String>,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<Message>, Error>> {
        Ok(Err(super::closed()))
    }
}
