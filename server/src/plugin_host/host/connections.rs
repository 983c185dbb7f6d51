//! `connections`: who is there, and a word to them.

use super::{Answer, invalid, json, odd, uid};
use crate::model::{Command, Presence, Reply};
use crate::plugin_host::bindings::switchboard::plugin::connections::Host;
use crate::plugin_host::bindings::switchboard::plugin::types::Error;
use crate::plugin_host::instance::State;
use crate::plugin_host::quota::Quota;
use crate::plugin_host::writes::Write;

/// The longest name of a plugin's own event.
const NAME_BYTES: usize = 64;
/// The largest data of it.
const DATA_BYTES: usize = 64 << 10;
/// The longest reason for a disconnect.
const REASON_BYTES: usize = 120;

impl Host for State {
    async fn online(&mut self, id: String) -> Answer<bool> {
        self.charge()?;
        Ok(self.is_online(&id).await)
    }

    async fn was_told(&mut self, id: String) -> Answer<bool> {
        self.charge()?;
        Ok(self.has_been_told(&id).await)
    }

    async fn push(&mut self, id: String, name: String, data: String) -> Answer<()> {
        self.charge()?;
        Ok(self.push_to(&id, name, &data).await)
    }

    async fn disconnect(&mut self, id: String, reason: String) -> Answer<()> {
        self.charge()?;
        Ok(self.disconnect_user(&id, reason).await)
    }
}

impl State {
    async fn presence_of(&mut self, id: &str) -> Result<Vec<Presence>, Error> {
        match self.ask(Command::GetPresence(vec![uid(id)?])).await? {
            Reply::Presence(list) => Ok(list),
            _ => Err(odd()),
        }
    }

    async fn is_online(&mut self, id: &str) -> Result<bool, Error> {
        Ok(self.presence_of(id).await?.iter().any(Presence::online))
    }

    async fn has_been_told(&mut self, id: &str) -> Result<bool, Error> {
        let after = self.task.call.after;
        let list = self.presence_of(id).await?;
        Ok(list
            .iter()
            .any(|presence| presence.since.is_some_and(|since| since <= after)))
    }

    async fn push_to(&mut self, id: &str, name: String, data: &str) -> Result<(), Error> {
        if name.is_empty() || name.len() > NAME_BYTES || name.contains(char::is_control) {
            return Err(invalid(format!("name must have 1 to {NAME_BYTES} printable bytes")));
        }
        let user = uid(id)?;
        let data = json("data", data, DATA_BYTES)?;
        self.spend_on_write(Quota::Pushes)?;
        self.write(Write::Push { user, name, data }).await.map(drop)
    }

    async fn disconnect_user(&mut self, id: &str, reason: String) -> Result<(), Error> {
        if reason.len() > REASON_BYTES {
            return Err(invalid(format!("reason must have at most {REASON_BYTES} bytes")));
        }
        let user = uid(id)?;
        self.spend_on_write(Quota::Pushes)?;
        self.write(Write::Disconnect { user, reason }).await.map(drop)
    }
}
