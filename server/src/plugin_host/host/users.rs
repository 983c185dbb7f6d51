//! `users`: reads the app's users.

use super::{Answer, odd, uid};
use crate::model::{Command, Reply};
use crate::plugin_host::bindings::switchboard::plugin::types::{Error, User};
use crate::plugin_host::bindings::switchboard::plugin::users::Host;
use crate::plugin_host::convert;
use crate::plugin_host::instance::State;

/// The longest value that is looked for: no longer one can be stored.
const VALUE_BYTES: usize = 8 << 10;

impl Host for State {
    async fn get(&mut self, id: String) -> Answer<Option<User>> {
        self.charge()?;
        Ok(self.user(&id).await)
    }

    async fn get_many(&mut self, uids: Vec<String>) -> Answer<Vec<User>> {
        self.charge()?;
        Ok(self.users(&uids).await)
    }

    async fn by_attribute(&mut self, name: String, value: String) -> Answer<Option<User>> {
        self.charge()?;
        Ok(self.user_by_attribute(name, value).await)
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

    async fn users(&mut self, uids: &[String]) -> Result<Vec<User>, Error> {
        let users = uids.iter().map(|id| uid(id)).collect::<Result<_, _>>()?;
        match self.ask(Command::GetUsers(users)).await? {
            Reply::Profiles(users) => Ok(users.iter().map(convert::user).collect()),
            _ => Err(odd()),
        }
    }

    async fn user_by_attribute(&mut self, name: String, value: String) -> Result<Option<User>, Error> {
        if value.len() > VALUE_BYTES {
            return Ok(None);
        }
        match self.find(Command::FindUser { name, value }).await? {
            None => Ok(None),
            Some(Reply::User(user)) => Ok(Some(convert::user(&user))),
            Some(_) => Err(odd()),
        }
    }
}
