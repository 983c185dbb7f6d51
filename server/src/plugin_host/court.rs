//! Where it is checked who somebody is. What is wrong is told in this order: there is no such user, what was given is
//! wrong, its time is over, the user is banned; so that only who has proven something learns more.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::bindings::switchboard::plugin::types::{Part, Recipe};
use super::vault::{Denial, Vault};
use super::{jwt, signing, waits};
use crate::model::{App, Millis, Refusal, UserId};

/// How many parts a recipe has at most, and how long their texts are together.
const PARTS: usize = 32;
const TEXT_BYTES: usize = 64 << 10;

/// The court of one app, at one time. What it is given is no longer sealed.
pub struct Court {
    /// The app, its secret included.
    pub app: Arc<App>,
    /// Where its users' credentials are.
    pub vault: Arc<dyn Vault>,
    /// Now.
    pub now: Millis,
}

impl Court {
    /// The signature of a recipe; none if it needs the token of a user who has none.
    pub async fn sign(&self, recipe: &Recipe) -> Result<Option<String>, Refusal> {
        let mut texts = Vec::with_capacity(recipe.parts.len());
        for part in &recipe.parts {
            texts.push(match part {
                Part::Text(text) => text.clone(),
                Part::Secret => self.app.secret.clone(),
                Part::Token(uid) => {
                    let Ok(user) = UserId::new(uid) else { return Ok(None) };
                    let token = waits::on_server(self.vault.token_of(self.app.id, &user)).await?;
                    let Some(token) = token else {
                        return Ok(None);
                    };
                    token
                }
                // Of webhooks alone.
                Part::TimeSeconds | Part::Body => String::new(),
            });
        }
        Ok(Some(signing::sign(recipe.algorithm, &self.app.secret, &texts)))
    }

    /// Whether a time in seconds is within the app's `sign_timeout` of now.
    pub fn is_fresh(&self, time: i64) -> bool {
        self.now.0.div_euclid(1000).abs_diff(time) <= u64::from(self.app.settings.sign_timeout)
    }

    /// Checks a signature, and its time if it has one.
    pub async fn signature(&self, recipe: &Recipe, given: &str, time: Option<i64>) -> Result<(), Denial> {
        if !fits(recipe) {
            return Err(Denial::Wrong);
        }
        let signature = self.sign(recipe).await.map_err(|refusal| {
            tracing::warn!(%refusal, "a signature could not be checked");
            Denial::NotAllowed
        })?;
        match (signature, time) {
            (Some(signature), _) if !signing::is_signature(given, &signature) => Err(Denial::Wrong),
            (None, _) => Err(Denial::Wrong),
            (Some(_), Some(time)) if !self.is_fresh(time) => Err(Denial::Expired),
            (Some(_), _) => Ok(()),
        }
    }

    /// Checks a user's signature.
    pub async fn user_signature(
        &self,
        uid: &str,
        recipe: &Recipe,
        given: &str,
        time: Option<i64>,
    ) -> Result<UserId, Denial> {
        let admitted = self.user(uid).await;
        if let Err(Denial::UnknownUser | Denial::NotAllowed) = admitted {
            return admitted;
        }
        self.signature(recipe, given, time).await?;
        admitted
    }

    /// Checks the app's secret.
    pub fn secret(&self, given: &str) -> Result<(), Denial> {
        signing::is_same(given, &self.app.secret)
            .then_some(())
            .ok_or(Denial::Wrong)
    }

    /// Checks a token, or a JWT, and tells whose it is.
    pub async fn token(&self, given: &str) -> Result<UserId, Denial> {
        let owner = self.vault.owner_of_token(self.app.id, given, self.now);
        match waits::on_server(owner).await {
            Ok(user) => self.admitted(user, false).await,
            Err(Denial::Wrong) => self.admitted(jwt::user(given, &self.app, self.now)?, true).await,
            Err(denial) => Err(denial),
        }
    }

    /// Checks a user's password.
    pub async fn password(&self, uid: &str, given: String) -> Result<UserId, Denial> {
        let user = known(uid)?;
        waits::on_server(self.vault.check_password(self.app.id, &user, given)).await?;
        self.admitted(user, false).await
    }

    /// Lets in who brings nothing, if the app allows it.
    pub async fn trust(&self, uid: &str) -> Result<UserId, Denial> {
        if !self.app.settings.open_logins {
            return Err(Denial::NotAllowed);
        }
        self.admitted(known(uid)?, true).await
    }

    /// A user of the app who is not banned.
    pub async fn user(&self, uid: &str) -> Result<UserId, Denial> {
        self.admitted(known(uid)?, false).await
    }

    async fn admitted(&self, user: UserId, create: bool) -> Result<UserId, Denial> {
        waits::on_server(self.vault.admit(&self.app, &user, create, self.now)).await?;
        Ok(user)
    }
}

/// Whether a recipe is inside its bounds.
pub fn fits(recipe: &Recipe) -> bool {
    let bytes = recipe.parts.iter().map(|part| match part {
        Part::Text(text) | Part::Token(text) => text.len(),
        Part::Secret | Part::TimeSeconds | Part::Body => 0,
    });
    recipe.parts.len() <= PARTS && bytes.sum::<usize>() <= TEXT_BYTES
}

/// A user as a client names it: what is no uid names nobody.
fn known(uid: &str) -> Result<UserId, Denial> {
    UserId::new(uid).map_err(|_| Denial::UnknownUser)
}
