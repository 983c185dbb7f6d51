//! User tokens: JWTs under an app's secret, as an app's own server would sign them.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;

/// Longer than any run.
const VALID_SECONDS: u64 = 24 * 60 * 60;

#[derive(Serialize)]
struct Claims<'a> {
    app: u64,
    sub: &'a str,
    exp: u64,
}

/// A token for a user of an app.
pub fn sign(app: u64, secret: &str, user: &str) -> anyhow::Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let claims = Claims {
        app,
        sub: user,
        exp: now + VALID_SECONDS,
    };
    Ok(encode(
        &Header::new(Algorithm::HS256),
        &claims,
        &EncodingKey::from_secret(secret.as_bytes()),
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_three_parts_safe_in_a_query() {
        let token = sign(7, "secret", "u1").unwrap();
        assert_eq!(token.split('.').count(), 3);
        assert!(
            token
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
        );
    }
}
