//! `contacts`: friends and blacklists.

use crate::plugin_host::bindings::switchboard::plugin::contacts::*;
use crate::plugin_host::instance::State;

impl Host for State {
    async fn befriend(&mut self, uid: String, other: String) -> wasmtime::Result<Result<bool, Error>> {
        Ok(Err(super::closed()))
    }

    async fn unfriend(&mut self, uid: String, other: String) -> wasmtime::Result<Result<bool, Error>> {
        Ok(Err(super::closed()))
    }

    async fn set_remark(&mut self, uid: String, other: String, remark: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(Err(super::closed()))
    }

    async fn friends(&mut self, uid: String, skip: u32, limit: u32) -> wasmtime::Result<Result<FriendsPage, Error>> {
        Ok(Err(super::closed()))
    }

    async fn block(&mut self, uid: String, other: String) -> wasmtime::Result<Result<bool, Error>> {
        Ok(Err(super::closed()))
    }

    async fn unblock(&mut self, uid: String, other: String) -> wasmtime::Result<Result<bool, Error>> {
        Ok(Err(super::closed()))
    }

    async fn blocked(&mut self, uid: String) -> wasmtime::Result<Result<Vec<String>, Error>> {
        Ok(Err(super::closed()))
    }
}
