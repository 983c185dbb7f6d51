//! Tokens and passwords of users, as their own systems set them and plugins check them. None is ever logged.

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use async_trait::async_trait;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use super::Chat;
use super::error::{Result, refuse};
use crate::model::{App, AppId, Code, DeviceId, Millis, Refusal, UserId};
use crate::plugin_host::{Denial, Vault};

/// Characters of a given token; bytes of a password.
const TOKEN: usize = 100;
const PASSWORD: usize = 256;
/// Passwords that are hashed at the same time: each takes 19 MiB and some ten milliseconds of a core.
const HASHING: usize = 2;
/// What a token begins with that was issued here.
const ISSUED: &str = "sbu_";

/// Hashes what must not be readable.
pub struct Locksmith {
    pepper: [u8; 32],
    seats: Semaphore,
}

impl Locksmith {
    /// With the key of fingerprints.
    pub const fn new(pepper: [u8; 32]) -> Self {
        Self {
            pepper,
            seats: Semaphore::const_new(HASHING),
        }
    }

    fn fingerprint(&self, app: AppId, text: &str) -> String {
        // A key of any length is fine.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.pepper) else {
            return String::new();
        };
        mac.update(&app.get().to_be_bytes());
        mac.update(text.as_bytes());
        hex::encode(&mac.finalize().into_bytes()[..20])
    }

    /// Runs a hash where it holds nobody up.
    async fn at_work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        // The semaphore is never closed.
        let _seat = self.seats.acquire().await.map_err(|_| Refusal::internal())?;
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            tracing::error!(%error, "hashing a password broke down");
            Refusal::internal()
        })
    }

    async fn hash(&self, password: String, salt: [u8; 16]) -> Result<String> {
        let work = move || -> argon2::password_hash::Result<String> {
            let salt = SaltString::encode_b64(&salt)?;
            Ok(Argon2::default().hash_password(password.as_bytes(), &salt)?.to_string())
        };
        self.at_work(work).await?.map_err(|error| {
            tracing::error!(%error, "a password could not be hashed");
            Refusal::internal()
        })
    }

    async fn is_password(&self, hash: String, password: String) -> Result<bool> {
        let work = move || {
            let hash = PasswordHash::new(&hash)?;
            Argon2::default().verify_password(password.as_bytes(), &hash)
        };
        Ok(self.at_work(work).await?.is_ok())
    }
}

#[async_trait]
impl Vault for Chat {
    async fn set_token(&self, app: AppId, user: &UserId, token: Option<String>) -> Result<String> {
        let token = token.unwrap_or_else(|| {
            let mut random = [0; 16];
            self.random.fill(&mut random);
            hex::encode(random)
        });
        let chars = token.chars().count();
        if !(1..=TOKEN).contains(&chars) || token.contains(char::is_control) {
            return Err(Refusal::field(
                "token",
                format!("has 1 to {TOKEN} printable characters"),
            ));
        }
        let set = self.storage.set_given_token(app, user, &token).await;
        set.map(|()| token).map_err(|error| match error {
            crate::storage::StorageError::Exists(_) => Refusal {
                field: Some("token".into()),
                ..Refusal::new(Code::Conflict, "another user has this token")
            },
            error => refuse(error),
        })
    }

    async fn token_of(&self, app: AppId, user: &UserId) -> Result<Option<String>> {
        self.storage.given_token(app, user).await.map_err(refuse)
    }

    async fn issue_token(
        &self,
        app: AppId,
        user: &UserId,
        device: Option<DeviceId>,
        seconds: u32,
        now: Millis,
    ) -> Result<String> {
        let (token, _) = Self::issue_token(self, app, user, device, u64::from(seconds), now).await?;
        Ok(token)
    }

    async fn revoke_tokens(&self, app: AppId, user: &UserId) -> Result<()> {
        self.drop_tokens(app, user).await.map(drop)
    }

    async fn set_password(&self, app: AppId, user: &UserId, password: String) -> Result<()> {
        if !(1..=PASSWORD).contains(&password.len()) {
            return Err(Refusal::field("password", format!("has 1 to {PASSWORD} bytes")));
        }
        let mut salt = [0; 16];
        self.random.fill(&mut salt);
        let hash = self.locksmith.hash(password, salt).await?;
        self.storage.set_password_hash(app, user, &hash).await.map_err(refuse)
    }

    fn fingerprint(&self, app: AppId, text: &str) -> String {
        self.locksmith.fingerprint(app, text)
    }

    async fn owner_of_token(&self, app: AppId, token: &str, now: Millis) -> Result<UserId, Denial> {
        let given = self.storage.user_of_given_token(app, token).await;
        if let Some(user) = given.map_err(refuse).map_err(denial)? {
            return Ok(user);
        }
        if !token.starts_with(ISSUED) {
            return Err(Denial::Wrong);
        }
        // Which of the two is wrong about another app's token nobody is told.
        match self.people.token(Sha256::digest(token).into(), now).await {
            Ok(issued) if issued.app == app => Ok(issued.user),
            Ok(_) => Err(Denial::Wrong),
            Err(refusal) if refusal.code == Code::BadToken => Err(Denial::Wrong),
            Err(refusal) => Err(denial(refusal)),
        }
    }

    async fn check_password(&self, app: AppId, user: &UserId, password: String) -> Result<(), Denial> {
        let found = self.people.find(app, user).await.map_err(denial)?;
        found.ok_or(Denial::UnknownUser)?;
        let hash = self.storage.password_hash(app, user).await.map_err(refuse);
        let hash = hash.map_err(denial)?.ok_or(Denial::Wrong)?;
        if password.len() > PASSWORD || !self.locksmith.is_password(hash, password).await.map_err(denial)? {
            return Err(Denial::Wrong);
        }
        Ok(())
    }

    async fn admit(&self, app: &App, user: &UserId, create: bool, now: Millis) -> Result<(), Denial> {
        if !create && self.people.find(app.id, user).await.map_err(denial)?.is_none() {
            return Err(Denial::UnknownUser);
        }
        let admitted = self.people.admit(app, user, now).await;
        admitted.map(drop).map_err(denial)
    }
}

/// What a refusal means to who is at the door.
fn denial(refusal: Refusal) -> Denial {
    match refusal.code {
        Code::UserBanned => Denial::Banned,
        Code::ExpiredToken => Denial::Expired,
        // What `People::admit` says of an unknown user.
        Code::BadToken | Code::NotFound => Denial::UnknownUser,
        _ => {
            tracing::warn!(%refusal, "nobody could be let in");
            Denial::NotAllowed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_of_one_app_and_one_text() {
        let smith = Locksmith::new([1; 32]);
        let (one, two) = (AppId::new(1).unwrap(), AppId::new(2).unwrap());
        let print = smith.fingerprint(one, "a");
        assert_eq!(print.len(), 40);
        assert_eq!(print, smith.fingerprint(one, "a"));
        assert_ne!(print, smith.fingerprint(two, "a"));
        assert_ne!(print, smith.fingerprint(one, "b"));
        assert_ne!(print, Locksmith::new([2; 32]).fingerprint(one, "a"));
    }

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id() {
        let smith = Locksmith::new([1; 32]);
        let hash = smith.hash("correct".to_owned(), [7; 16]).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$"), "{hash}");
        assert!(smith.is_password(hash.clone(), "correct".to_owned()).await.unwrap());
        assert!(!smith.is_password(hash, "wrong".to_owned()).await.unwrap());
        assert!(
            !smith
                .is_password("no hash".to_owned(), "correct".to_owned())
                .await
                .unwrap()
        );
    }
}
