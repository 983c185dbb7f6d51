//! `messages-edit`: change messages that are stored. `as-user` is who does it, under the rules; none: the app itself.

use crate::plugin_host::bindings::switchboard::plugin::messages_edit::*;
use crate::plugin_host::instance::State;

impl Host for State {
    async fn edit(&mut self, as_user: Option<String>, id: String, body: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(Err(super::closed()))
    }

    async fn recall(&mut self, as_user: Option<String>, id: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(Err(super::closed()))
    }

    async fn hide(&mut self, as_user: String, ids: Vec<String>) -> wasmtime::Result<Result<u32, Error>> {
        Ok(Err(super::closed()))
    }

    async fn clear(&mut self, as_user: String, conversation_id: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(Err(super::closed()))
    }

    async fn react(
        &mut self,
        as_user: String,
        id: String,
        emoji: String,
        add: bool,
    ) -> wasmtime::Result<Result<(), Error>> {
        Ok(Err(super::closed()))
    }

    async fn act(
        &mut self,
        as_user: Option<String>,
        id: String,
        action: String,
    ) -> wasmtime::Result<Result<String, Error>> {
        Ok(Err(super::closed()))
    }
}
