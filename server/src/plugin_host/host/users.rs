//! `users`: reads the app's users.

use super::{Answer, odd, uid};
use crate::model::{Command, Reply};
use crate::plugin_host::bindings::switchboard::plugin::types::{Error, User};
use crate::plugin_host::bindings::switchboard::plugin::users::Host;
use crate::plugin_host::convert;
use crate::plugin_host::instance::State;

impl Host for State {
    async fn get(&mut self, id: String) -> Answer<Option<User>> {
        self.charge()?;
        Ok(self.user(&id).await)
    }

    async fn get_many(&mut self, _uids: Vec<String>) -> Answer<Vec<User>> {
        Ok(Err(super::closed()))
    }

    async fn by_attribute(&mut self, _name: String, _value: String) -> Answer<Option<User>> {
        Ok(Err(super::closed()))
    }
}

impl State {
    async fn user(&mut self, id: &str) -> Result<Option<User>, Error> {
        match self.find(Command::GetUser(uid(id)?)).await? {
            None => Ok(None),
            Some(Reply::User(user)) => Ok(Some(convert::user(&user))),
            Some(_) => Err(odd()),
        }
    }
}
