//! `credentials`: tokens and passwords of users. They come sealed or plain, and go sealed.

use std::sync::Arc;

use super::{Answer, invalid, uid};
use crate::model::{AppId, DeviceId};
use crate::plugin_host::bindings::switchboard::plugin::credentials::Host;
use crate::plugin_host::bindings::switchboard::plugin::types::Error;
use crate::plugin_host::convert::refusal_error;
use crate::plugin_host::instance::State;
use crate::plugin_host::quota::Quota;
use crate::plugin_host::vault::Vault;
use crate::plugin_host::waits;

/// The largest text that a fingerprint is made of.
const TEXT_BYTES: usize = 64 << 10;

impl Host for State {
    async fn set_token(&mut self, id: String, token: Option<String>) -> Answer<String> {
        self.charge()?;
        Ok(self.give_token(&id, token).await)
    }

    async fn token_of(&mut self, id: String) -> Answer<Option<String>> {
        self.charge()?;
        Ok(self.given_token(&id).await)
    }

    async fn issue_token(&mut self, id: String, seconds: u32, device: Option<String>) -> Answer<String> {
        self.charge()?;
        Ok(self.further_token(&id, seconds, device).await)
    }

    async fn revoke_tokens(&mut self, id: String) -> Answer<()> {
        self.charge()?;
        Ok(self.end_tokens(&id).await)
    }

    async fn set_password(&mut self, id: String, password: String) -> Answer<()> {
        self.charge()?;
        Ok(self.keep_password(&id, &password).await)
    }

    async fn fingerprint(&mut self, text: String) -> Answer<String> {
        self.charge()?;
        Ok(self.fingerprint_of(&text))
    }
}

impl State {
    /// The app this call runs for, and where its credentials are.
    fn safe(&self) -> Result<(AppId, Arc<dyn Vault>), Error> {
        let (plugin, call) = self.at_work()?;
        Ok((call.app, plugin.machine.vault().ok_or_else(super::stopping)?))
    }

    async fn give_token(&mut self, id: &str, token: Option<String>) -> Result<String, Error> {
        self.effect_to_spend(Quota::Credentials)?;
        let (app, vault) = self.safe()?;
        let token = token.map(|token| self.unseal(&token));
        let user = uid(id)?;
        let token = waits::on_server(vault.set_token(app, &user, token)).await;
        Ok(self.seal_text(token.map_err(refusal_error)?))
    }

    async fn given_token(&mut self, id: &str) -> Result<Option<String>, Error> {
        let (app, vault) = self.safe()?;
        let user = uid(id)?;
        let token = waits::on_server(vault.token_of(app, &user)).await;
        Ok(token.map_err(refusal_error)?.map(|token| self.seal_text(token)))
    }

    async fn further_token(&mut self, id: &str, seconds: u32, device: Option<String>) -> Result<String, Error> {
        self.effect_to_spend(Quota::Credentials)?;
        let (app, vault) = self.safe()?;
        let device = device.as_deref().map(DeviceId::new).transpose();
        let device = device.map_err(|error| invalid(format!("device {error}")))?;
        let (user, now) = (uid(id)?, self.task.call.now);
        let token = waits::on_server(vault.issue_token(app, &user, device, seconds, now)).await;
        Ok(self.seal_text(token.map_err(refusal_error)?))
    }

    async fn end_tokens(&mut self, id: &str) -> Result<(), Error> {
        self.effect_to_spend(Quota::Credentials)?;
        let (app, vault) = self.safe()?;
        let user = uid(id)?;
        let ended = waits::on_server(vault.revoke_tokens(app, &user)).await;
        ended.map_err(refusal_error)
    }

    async fn keep_password(&mut self, id: &str, password: &str) -> Result<(), Error> {
        self.effect_to_spend(Quota::Credentials)?;
        let (app, vault) = self.safe()?;
        let (user, password) = (uid(id)?, self.unseal(password));
        let kept = waits::on_server(vault.set_password(app, &user, password)).await;
        kept.map_err(refusal_error)
    }

    fn fingerprint_of(&self, text: &str) -> Result<String, Error> {
        let (app, vault) = self.safe()?;
        let text = self.unseal(text);
        if text.len() > TEXT_BYTES {
            return Err(invalid(format!("text must have at most {TEXT_BYTES} bytes")));
        }
        Ok(vault.fingerprint(app, &text))
    }
}
