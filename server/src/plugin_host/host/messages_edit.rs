//! `messages-edit`: change messages that are stored. `as-user` is who does it, under the rules; none: the app itself.

use crate::model::{Command, Reply};
use crate::plugin_host::bindings::switchboard::plugin::messages_edit::*;
use crate::plugin_host::instance::State;

/// The largest action.
const ACTION_BYTES: usize = 64 << 10;

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
        self.charge()?;
        Ok(self.act_on(as_user, &id, &action).await)
    }
}

impl State {
    async fn act_on(&mut self, as_user: Option<String>, id: &str, action: &str) -> Result<String, Error> {
        let as_user = as_user.as_deref().map(super::uid).transpose()?;
        let command = Command::Act {
            message: id.parse().map_err(|_| Error::NotFound)?,
            data: super::json("action", action, ACTION_BYTES)?,
            once: self.effect_of_next()?.map(|effect| (effect.call, effect.index)),
        };
        match self.ask_as(as_user, command).await? {
            Reply::Answer(answer) => Ok(answer.as_str().to_owned()),
            _ => Err(super::odd()),
        }
    }
}
