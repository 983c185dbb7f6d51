//! JSON Web Tokens that an app has signed for its users: HS256 under the app's secret, and nothing else.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use super::vault::Denial;
use crate::model::{App, Millis, UserId};

/// The longest one that is looked at, in bytes.
const LONGEST: usize = 8 * 1024;

/// What one says. The app is known already, so it need not be named; what has no end has none.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    app: Option<u64>,
    exp: Option<f64>,
}

/// The user of a token.
pub fn user(token: &str, app: &App, now: Millis) -> Result<UserId, Denial> {
    if token.len() > LONGEST {
        return Err(Denial::Wrong);
    }
    let mut validation = Validation::new(Algorithm::HS256);
    // Time is checked here, against the clock that is passed in.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = DecodingKey::from_secret(app.secret.as_bytes());
    let token = jsonwebtoken::decode::<Claims>(token, &key, &validation).map_err(|_| Denial::Wrong)?;
    let Claims { sub, app: named, exp } = token.claims;
    if named.is_some_and(|named| named != app.id.get()) {
        return Err(Denial::Wrong);
    }
    let user = UserId::new(&sub).map_err(|_| Denial::Wrong)?;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds stay below 2^53 for long enough")]
    let expired = exp.is_some_and(|exp| exp * 1000.0 <= now.0 as f64);
    if expired { Err(Denial::Expired) } else { Ok(user) }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::{Value, json};

    use super::*;
    use crate::model::{AppId, AppSettings};

    fn read(algorithm: Algorithm, secret: &str, claims: &Value) -> Result<String, Denial> {
        let app = App {
            id: AppId::new(1).unwrap(),
            name: String::new(),
            secret: "one".to_owned(),
            enabled: true,
            demo: false,
            settings: AppSettings::default(),
        };
        let token = encode(
            &Header::new(algorithm),
            claims,
            &EncodingKey::from_secret(secret.as_bytes()),
        )
        .unwrap();
        user(&token, &app, Millis(1_000_000)).map(|user| user.to_string())
    }

    #[test]
    fn only_the_apps_own_signature_counts() {
        let ann = Ok("ann".to_owned());
        for (algorithm, secret, claims, outcome) in [
            (Algorithm::HS256, "one", json!({"sub": "ann"}), ann.clone()),
            (
                Algorithm::HS256,
                "one",
                json!({"sub": "ann", "app": 1, "exp": 1_001, "aud": "x"}),
                ann,
            ),
            (
                Algorithm::HS256,
                "one",
                json!({"sub": "ann", "exp": 1_000}),
                Err(Denial::Expired),
            ),
            (
                Algorithm::HS256,
                "two",
                json!({"sub": "ann", "exp": 1_000}),
                Err(Denial::Wrong),
            ),
            (Algorithm::HS384, "one", json!({"sub": "ann"}), Err(Denial::Wrong)),
            (
                Algorithm::HS256,
                "one",
                json!({"sub": "ann", "app": 2}),
                Err(Denial::Wrong),
            ),
            (Algorithm::HS256, "one", json!({"sub": ""}), Err(Denial::Wrong)),
            (Algorithm::HS256, "one", json!({"exp": 9_999}), Err(Denial::Wrong)),
        ] {
            assert_eq!(
                read(algorithm, secret, &claims),
                outcome,
                "{algorithm:?} {secret} {claims}"
            );
        }
    }
}
