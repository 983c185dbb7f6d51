//! `conversations-write`: make and change conversations. `as-user` is who does it, under the rules; none: the app itself.

use crate::plugin_host::bindings::switchboard::plugin::conversations_write::*;
use crate::plugin_host::instance::State;

impl Host for State {
    async fn create(
        &mut self,
        as_user: Option<String>,
        new: NewConversation,
    ) -> wasmtime::Result<Result<Created, Error>> {
        Ok(Err(super::closed()))
    }

    async fn update(
        &mut self,
        as_user: Option<String>,
        id: String,
        patch: Patch,
    ) -> wasmtime::Result<Result<Conversation, Error>> {
        Ok(Err(super::closed()))
    }

    async fn announce(
        &mut self,
        as_user: Option<String>,
        id: String,
        text: String,
    ) -> wasmtime::Result<Result<Notice, Error>> {
        Ok(Err(super::closed()))
    }

    async fn dissolve(&mut self, as_user: Option<String>, id: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(Err(super::closed()))
    }

    async fn add_members(
        &mut self,
        as_user: Option<String>,
        id: String,
        uids: Vec<String>,
    ) -> wasmtime::Result<Result<Vec<String>, Error>> {
        Ok(Err(super::closed()))
    }

    async fn remove_members(
        &mut self,
        as_user: Option<String>,
        id: String,
        uids: Vec<String>,
    ) -> wasmtime::Result<Result<Vec<String>, Error>> {
        Ok(Err(super::closed()))
    }

    async fn join(&mut self, as_user: String, id: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(Err(super::closed()))
    }

    async fn leave(&mut self, as_user: String, id: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(Err(super::closed()))
    }

    async fn set_role(
        &mut self,
        as_user: Option<String>,
        id: String,
        uid: String,
        role: Role,
    ) -> wasmtime::Result<Result<(), Error>> {
        Ok(Err(super::closed()))
    }

    async fn mute_member(
        &mut self,
        as_user: Option<String>,
        id: String,
        uid: String,
        until: Option<u64>,
    ) -> wasmtime::Result<Result<(), Error>> {
        Ok(Err(super::closed()))
    }

    async fn prefer(
        &mut self,
        as_user: String,
        id: String,
        patch: PreferencesPatch,
    ) -> wasmtime::Result<Result<Preferences, Error>> {
        Ok(Err(super::closed()))
    }

    async fn set_mark(
        &mut self,
        as_user: String,
        id: String,
        delivered: Option<u64>,
        read: Option<u64>,
    ) -> wasmtime::Result<Result<(), Error>> {
        Ok(Err(super::closed()))
    }

    async fn open(&mut self, as_user: String, id: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(Err(super::closed()))
    }

    async fn typing(&mut self, as_user: String, id: String, typing: bool) -> wasmtime::Result<Result<(), Error>> {
        Ok(Err(super::closed()))
    }
}
