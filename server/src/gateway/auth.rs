//! Who asks: from a token to a user of an app. A token tells nothing before its signature is checked: a wrong app, a
//! wrong signature and a malformed token are all the same `bad_token`.

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::Edge;
use super::gate::Ticket;
use crate::chat::{Chat, Visitor};
use crate::model::{App, AppId, Code, DeviceId, Millis, Refusal, UserId};

/// What an opaque token begins with.
const OPAQUE: &str = "sbu_";

/// The longest token that is looked at, in bytes.
const LONGEST: usize = 8 * 1024;

/// Who a token stands for.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The tenant.
    pub app: Arc<App>,
    /// The user.
    pub user: UserId,
    /// The device the token is for, if it is for one.
    pub device: Option<DeviceId>,
}

impl Identity {
    /// The device it comes in on. A token that is for one device is good on no other, whatever the client calls itself.
    #[must_use]
    pub fn device(&self, named: Option<DeviceId>) -> DeviceId {
        self.device.clone().or(named).unwrap_or_else(DeviceId::unnamed)
    }
}

/// A user who was let in over a native connection.
pub struct Admitted {
    /// Who.
    pub identity: Identity,
    /// On which device.
    pub device: DeviceId,
    /// Among the app's connections; kept as long as this one is open.
    pub ticket: Ticket<AppId>,
}

/// Checks a token, and lets its user in over a native connection from an address, on the device that it names.
///
/// # Errors
/// As [`authenticate`], what the app's policies say to it, or `RateLimited`.
pub(super) async fn let_in(
    edge: &Edge,
    token: &str,
    named: Option<DeviceId>,
    from: IpAddr,
) -> Result<Admitted, Refusal> {
    let now = edge.clock.now();
    let identity = edge.gate.check(from, authenticate(&edge.chat, token, now)).await?;
    let device = identity.device(named);
    let ticket = edge.gate.admit(identity.app.id)?;
    let visitor = Visitor {
        app: identity.app.id,
        user: &identity.user,
        device: &device,
        dialect: None,
        remote: &from.to_string(),
        now,
    };
    edge.chat.let_in(visitor).await?;
    Ok(Admitted {
        identity,
        device,
        ticket,
    })
}

/// What a JWT says. `exp` is a number of seconds, which some issuers write with a fraction.
#[derive(Deserialize)]
struct Claims {
    app: u64,
    sub: String,
    exp: f64,
}

/// Checks a token and lets its user in.
///
/// # Errors
/// `BadToken`, `ExpiredToken`, `AppDisabled`, `UserBanned`, or what storage answers.
pub async fn authenticate(chat: &Chat, token: &str, now: Millis) -> Result<Identity, Refusal> {
    if token.len() > LONGEST {
        return Err(bad_token());
    }
    let (app, user, device) = if token.starts_with(OPAQUE) {
        let known = chat.people().token(Sha256::digest(token).into(), now).await?;
        let app = chat.tenants().get(known.app).ok_or_else(bad_token)?;
        (app, known.user, known.device)
    } else {
        let (app, user) = read_jwt(token, now, |app| chat.tenants().get(app))?;
        (app, user, None)
    };
    if !app.enabled {
        return Err(Refusal::new(Code::AppDisabled, "this app is disabled"));
    }
    chat.people().admit(&app, &user, now).await?;
    Ok(Identity { app, user, device })
}

/// The app and the user of a JWT. Which app's secret it must be signed with only the token itself can say, so that is
/// read first and believed only once the signature agrees.
fn read_jwt(
    token: &str,
    now: Millis,
    find: impl FnOnce(AppId) -> Option<Arc<App>>,
) -> Result<(Arc<App>, UserId), Refusal> {
    let app = claimed_app(token).and_then(find).ok_or_else(bad_token)?;
    let key = DecodingKey::from_secret(app.secret.as_bytes());
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation())
        .map_err(|_| bad_token())?
        .claims;
    let user = UserId::new(&claims.sub).map_err(|_| bad_token())?;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds stay below 2^53 for long enough")]
    let expired = claims.exp * 1000.0 <= now.0 as f64;
    if expired {
        return Err(Refusal::new(Code::ExpiredToken, "the token has expired"));
    }
    if claims.app != app.id.get() {
        return Err(bad_token());
    }
    Ok((app, user))
}

/// HS256 and nothing else. Time is checked here, against the clock that is passed in, and without any leeway.
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.leeway = 0;
    validation
}

fn claimed_app(token: &str) -> Option<AppId> {
    #[derive(Deserialize)]
    struct Claimed {
        app: u64,
    }
    let payload = token.split('.').nth(1)?;
    let json = URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claimed: Claimed = serde_json::from_slice(&json).ok()?;
    AppId::new(claimed.app).ok()
}

fn bad_token() -> Refusal {
    Refusal::new(Code::BadToken, "the token is not valid")
}

/// Whether what was given is a secret, in constant time. Nothing is the secret where there is none.
#[must_use]
pub fn same(secret: &str, given: &str) -> bool {
    !secret.is_empty() && bool::from(secret.as_bytes().ct_eq(given.as_bytes()))
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::{Value, json};

    use super::*;
    use crate::model::AppSettings;

    const NOW: Millis = Millis(1_000_000_000);

    fn app(id: AppId) -> Option<Arc<App>> {
        let secret = match id.get() {
            1 => "one",
            2 => "two",
            _ => return None,
        };
        Some(Arc::new(App {
            id,
            name: String::new(),
            secret: secret.into(),
            enabled: true,
            demo: false,
            settings: AppSettings::default(),
        }))
    }

    fn sign(algorithm: Algorithm, secret: &str, claims: &Value) -> String {
        encode(
            &Header::new(algorithm),
            claims,
            &EncodingKey::from_secret(secret.as_bytes()),
        )
        .unwrap()
    }

    fn read(token: &str) -> String {
        match read_jwt(token, NOW, app) {
            Ok((app, user)) => format!("{user} of {}", app.id),
            Err(refusal) => refusal.code.as_str().to_owned(),
        }
    }

    #[test]
    fn only_the_apps_own_hs256_signature_counts() {
        let good = json!({"app": 1, "sub": "ann", "exp": 1_000_001});
        let old = json!({"app": 1, "sub": "ann", "exp": 1_000_000});
        for (algorithm, secret, claims, outcome) in [
            (Algorithm::HS256, "one", good.clone(), "ann of 1"),
            (
                Algorithm::HS256,
                "one",
                json!({"app": 1, "sub": "ann", "exp": 1_000_000.5, "aud": "x"}),
                "ann of 1",
            ),
            (Algorithm::HS256, "one", old.clone(), "expired_token"),
            (Algorithm::HS256, "two", old, "bad_token"),
            (Algorithm::HS256, "two", good.clone(), "bad_token"),
            (Algorithm::HS384, "one", good.clone(), "bad_token"),
            (
                Algorithm::HS256,
                "one",
                json!({"app": 2, "sub": "ann", "exp": 1_000_001}),
                "bad_token",
            ),
            (
                Algorithm::HS256,
                "one",
                json!({"app": 3, "sub": "ann", "exp": 1_000_001}),
                "bad_token",
            ),
            (
                Algorithm::HS256,
                "one",
                json!({"app": "1", "sub": "ann", "exp": 1_000_001}),
                "bad_token",
            ),
            (
                Algorithm::HS256,
                "one",
                json!({"app": 1, "exp": 1_000_001}),
                "bad_token",
            ),
            (Algorithm::HS256, "one", json!({"app": 1, "sub": "ann"}), "bad_token"),
            (
                Algorithm::HS256,
                "one",
                json!({"app": 1, "sub": "", "exp": 1_000_001}),
                "bad_token",
            ),
        ] {
            assert_eq!(
                read(&sign(algorithm, secret, &claims)),
                outcome,
                "{algorithm:?} {secret} {claims}"
            );
        }
    }

    #[test]
    fn unsigned_and_malformed_tokens_are_bad() {
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = part(json!({"app": 1, "sub": "ann", "exp": 1_000_001}));
        let none = part(json!({"alg": "none", "typ": "JWT"}));
        for token in [
            format!("{none}.{claims}."),
            format!("{none}.{claims}"),
            "a.b.c".into(),
            ".".into(),
            String::new(),
        ] {
            assert_eq!(read(&token), "bad_token", "{token}");
        }
    }
}
